"""Give roles to the short lines between two pieces of text: an article's head, or section heads."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise, takewhile

from index.pages.captions import is_photo_news, mark_photo_news
from index.pages.line_labels import (
    BRIEF,
    NAME,
    PLACE_ONLY,
    TRAILING_BYLINE,
    Line,
    ends_open,
    is_articles_bar,
    is_place_head,
)
from index.pages.line_reasons import LineReason
from index.text.newspapers import is_outlet
from index.text.people import SURNAMES, speaks_of_a_person
from index.text.speech import is_everyday

_LABEL = re.compile(
    r"[①-⑳㉑-㉟]$|专栏$|系列报道|^[【\[].+[】\]]$|^[★☆◆■●▲].{1,12}$"
    r"|^(?:编者按|编者的话|编后话?|编辑点评|专家点评|相关链接|新闻链接|延伸阅读|记者手记|采访手记|记者观察|读者来信|群众来信|来信选登|"
    r"百姓话题|今日谈|新闻背景|知识窗|回音壁|读者投书|时事短评|.{2,4}时评|.{2,4}快评|图片新闻|一线传真)$"
)
_OPENING_LABEL = re.compile(r"^[【\[]?(?:编后话?|编辑点评|专家点评|记者手记|采访手记|(?:相关|新闻)?链接|新闻背景|知识窗|延伸阅读)[】\]]?$")
"""Labels of pieces that often have no headline of their own."""
NUMBERED = re.compile(r"^(?:\d{1,2}[.、]|[一二三四五六七八九十]{1,2}、|[(][一二三四五六七八九十\d]{1,2}[)])")
"""How section heads are counted; headlines never are."""
_COLUMN = re.compile("》(?:栏目|专栏)")
_LONGEST_COLUMN = 60


@dataclass(frozen=True, slots=True)
class _Page:
    """What of the whole page tells what one of its lines is."""

    gap: int
    """Blank lines from which a head opens an article; 0 when the page's gaps do not tell."""
    contents: frozenset[str]
    """What its table of contents lists."""
    columns: frozenset[str]
    """What its text calls a column."""
    times: Counter[str]
    """How often each line stands on it."""
    by_place: bool
    """Whether its first headline begins with its place, as those of a page of news from several places do."""

    @classmethod
    def of(cls, lines: list[Line], gap: int) -> _Page:
        return cls(gap, frozenset(line.text for line in lines if line.reason is LineReason.CONTENTS),
                   frozenset(name for line in lines for name in _columns(line.text)), Counter(line.text for line in lines),
                   any(is_place_head(line.text) for line in takewhile(lambda line: line.label != "body", lines) if line.label == "short"))


@dataclass(frozen=True, slots=True)
class _Run:
    """The lines between two pieces of text: the pieces, what may be of a head, and what of that has no label yet."""

    before: Line | None
    lines: list[Line]
    heads: list[Line]
    shorts: list[Line]
    text: Line | None
    is_first: bool
    """True when nothing but a site's furniture stands above it."""


def mark_heads(lines: list[Line]) -> None:
    """Label the lines that are left `short`, and the first line of each article as one that opens it."""
    runs = _runs(lines)
    page = _Page.of(lines, _article_gap(lines, runs))
    for i, j in runs:
        _mark_run(lines, i, j, page)
    mark_photo_news(lines)


def _runs(lines: list[Line]) -> list[tuple[int, int]]:
    """Return the bounds of the runs of lines that are neither text nor caption."""
    runs, i = [], 0
    while i < len(lines):
        j = i
        while j < len(lines) and lines[j].label not in ("body", "caption"):
            j += 1
        if j > i:
            runs.append((i, j))
        i = max(j, i + 1)
    return runs


def _article_gap(lines: list[Line], runs: list[tuple[int, int]]) -> int:
    """Return the blank lines from which a head opens an article on this page; 0 when the page's gaps do not tell.

    They tell when they are wider than those between paragraphs, and no article that is known by its byline or by the
    words of a news brief has a narrower one before it.
    """
    inner = [line.gap for before, line in pairwise(lines) if before.label == line.label == "body"]
    usual = Counter(inner).most_common(1)[0][0] if inner else 0
    known = []
    for i, j in runs:
        heads = [line for line in lines[i:j] if line.label in ("short", "byline", "subtitle", "kicker", "label")]
        if i and heads and any(line.label == "short" for line in heads) and j < len(lines) \
                and (BRIEF.match(lines[j].text) or any(line.label == "byline" for line in heads)):
            known.append(heads[0].gap)
    return 2 if usual < 2 and all(gap >= 2 for gap in known) else 0


def _mark_run(lines: list[Line], i: int, j: int, page: _Page) -> None:
    before = lines[i - 1] if i else None
    run = lines[i:j]
    while run and before is not None and run[0].label == "photo-credit":
        run = run[1:]
    heads = [line for line in run if line.label in ("short", "byline", "subtitle")]
    _mark_closing_byline(before, heads)
    heads = [line for line in heads if line.label != "credit"]
    _mark_bare_names(heads)
    _mark_below_bar(run)
    shorts = [line for line in heads if line.label == "short"]
    text = lines[j] if j < len(lines) else None
    if text is not None and text.resumes or any(line.resumes for line in run):
        for line in shorts:
            line.name("site", LineReason.ABOVE_RESUMED)
        return
    if before is not None and heads and heads[0].label == "subtitle" and not shorts:
        for line in heads:
            _mark_speaker(line)
        return
    is_first = before is None or bool(heads) and all(
        line.label == "site" for line in takewhile(lambda line: line is not heads[0], lines))
    reason = _opens_article(_Run(before, run, heads, shorts, text, is_first), page)
    photo_news = is_photo_news(lines, j)
    if photo_news and (reason or shorts):
        reason = reason or LineReason.PHOTO_NEWS_FOLLOWS
        lines[j].name("body", LineReason.PHOTO_NEWS)
    if not reason:
        for line in shorts:
            line.name("section", LineReason.ALONE)
        if before is not None and photo_news and text is not None:
            text.opens = True
            text.name("body", LineReason.PHOTO_NEWS)
        return
    _assign(heads, reason, page)
    first = heads[0] if heads else text
    if first is not None:
        first.opens = True


def _mark_speaker(line: Line) -> None:
    """Name a line with a dash before it, amid text: who said the words above, text of its own, or a section head."""
    if not ends_open(line.text):
        line.name("body", LineReason.PROSE)
    elif speaks_of_a_person(line.text):
        line.name("credit", LineReason.SPEAKER_ABOVE)
    else:
        line.name("section", LineReason.ALONE)


def _mark_closing_byline(before: Line | None, heads: list[Line]) -> None:
    """Give a name that stands between a text and the next headline to the text above it."""
    if before is None or ends_open(before.text) or len(heads) < 2 or heads[1].label != "short" or heads[0].gap > heads[1].gap:
        return
    first = heads[0]
    bare = _is_name(first.text) and not PLACE_ONLY.match(first.text)
    if first.label == "byline" or bare and all(line.label == "short" for line in heads):
        first.name("credit", LineReason.AUTHOR_ABOVE)


def _mark_bare_names(heads: list[Line]) -> None:
    if any(line.label == "byline" for line in heads):
        return
    for above, line in pairwise(heads):
        if line.label == "short" and _is_name(line.text) and len(above.text) > 4:
            line.name("byline", LineReason.BARE_NAME)
            return


def _mark_below_bar(run: list[Line]) -> None:
    """Call the short lines below an article's own bar labels (of an app, a column), where its headline stands above the bar."""
    bar = next((k for k, line in enumerate(run) if is_articles_bar(line) and line.reason is LineReason.DATE_BAR), 0)
    above, below = ([line for line in part if line.label == "short"] for part in (run[:bar], run[bar:]))
    bylined = any(line.label == "byline" for line in run[bar:])
    if not all(map(_is_label, above)) and (not bylined or all(map(_is_label, below))):
        for line in below:
            line.name("label", LineReason.BELOW_BAR)


def _is_name(text: str) -> bool:
    """Tell whether a line holds nothing but a person's name."""
    return len(text) <= 3 and bool(NAME.match(text)) and text[0] in SURNAMES and not is_everyday(text)


def _opens_article(run: _Run, page: _Page) -> LineReason | None:
    """Return why this run opens an article, None when its short lines are section heads."""
    shorts, text = run.shorts, run.text
    if text is None or not (run.heads or run.before is None):
        return None
    if run.is_first:
        return LineReason.FIRST
    if shorts and all(NUMBERED.match(line.text) for line in shorts):
        return None
    for label, reason in (("byline", LineReason.BYLINE_HERE), ("subtitle", LineReason.SUBTITLE_HERE)):
        if any(line.label == label for line in run.heads):
            return reason
    if BRIEF.match(text.text):
        return LineReason.BRIEF_FOLLOWS
    if not shorts:
        return None
    if any(short.text in page.contents for short in shorts):
        return LineReason.IN_CONTENTS
    if text.reason is LineReason.LETTER_BEGINS:
        return LineReason.LETTER_BEGINS
    if any(line.label == "credit" for line in run.lines):
        return LineReason.CREDITS_BEFORE
    if TRAILING_BYLINE.search(run.before.text):
        return LineReason.BYLINE_BEFORE
    if len(shorts) >= 2 and (_is_label(shorts[0]) or _is_label(shorts[-1]) or PLACE_ONLY.match(shorts[0].text)):
        return LineReason.LABEL_OR_PLACE_WITH_IT
    if _OPENING_LABEL.match(shorts[0].text):
        return LineReason.OWN_LABEL
    if page.by_place and is_place_head(shorts[0].text):
        return LineReason.PLACE_BEFORE
    if run.lines[-1].label == "photo-credit":
        return LineReason.PHOTOGRAPHER_UNDER
    if page.gap and shorts[0].gap >= page.gap:
        return LineReason.WIDE_GAP
    return None


def _is_label(line: Line) -> bool:
    return len(line.text) <= 4 or bool(_LABEL.search(line.text)) or is_outlet(line.text)


def _assign(heads: list[Line], reason: LineReason, page: _Page) -> None:
    """Name the lines of an article's head, from its headline outwards."""
    anchor = next((k for k, line in enumerate(heads) if line.label in ("byline", "subtitle")), len(heads))
    above = [line for line in heads[:anchor] if line.label == "short"]
    for line in heads[anchor:]:
        if line.label == "short":
            line.name("label", LineReason.BELOW_BYLINE)
    if not above:
        return
    while _is_label(above[-1]) and not all(map(_is_label, above)):
        above.pop().name("label", LineReason.COLUMN_LABEL)
    if len(above) == 1 and above[0].text in page.columns:
        above[0].name("label", LineReason.CALLED_COLUMN)
        return
    if len(above) == 1 and (_OPENING_LABEL.match(above[0].text) or reason is LineReason.WIDE_GAP and _is_label(above[0])) \
            and not PLACE_ONLY.match(above[0].text):
        above[0].name("label", LineReason.LABEL_WITHOUT_HEADLINE)
        return
    headline = above.pop()
    headline.name("headline", reason)
    below, halves = headline, 0
    while above:
        line = above.pop()
        if PLACE_ONLY.match(line.text) and len(line.text) <= 22:
            line.name("kicker", LineReason.PLACE_ABOVE)
        elif _is_label(line) or page.times[line.text] > 1:
            line.name("label", LineReason.LABEL_ABOVE)
        elif below is headline and (_is_wrapped(line.text) or _is_first_half(line, below) and not halves):
            line.name("headline", LineReason.WRAPPED_HEADLINE)
            headline, halves = line, halves + 1
        else:
            line.name("label", LineReason.LINE_ABOVE)
        below = line


def _columns(text: str) -> list[str]:
    """Return what may be a column's name before 》栏目 in `text`: all that a quotation mark opens, however they are
    nested."""
    named = [text[max(0, found.start() - _LONGEST_COLUMN - 1):found.start()] for found in _COLUMN.finditer(text)]
    return [before[k + 1:] for before in named for k, char in enumerate(before) if char == "《"]


def _is_wrapped(text: str) -> bool:
    """Tell whether `text` breaks off: what stands below it goes on with it."""
    return bool(re.search(r"[、,的与和及“《]$", text)) or any(text.count(a) > text.count(b) for a, b in ("“”", "《》"))


def _is_first_half(line: Line, below: Line) -> bool:
    """Tell whether a line right above a headline is set as its first half."""
    return below.gap == 0 and (line.gap > 0 or len(line.text) >= 7)
