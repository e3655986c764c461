"""Headings that a file's format marks, and a headline given from elsewhere, win over the labels of a page's lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile

from index.pages.headlines import NUMBERED
from index.pages.line_labels import HEAD_LABELS, Line, is_prose
from index.pages.line_reasons import LineReason
from index.text.normalize import HAN
from index.types import Heading

_LONG = 60
_NEAR = 3
"""Lines below a heading among which its text begins."""
_SECTION_LEVEL = 2
_SHORTEST = 4
"""Characters of a label; a headline has more."""
_LONGEST_LABEL = 6
_LONGEST_SUMMARY = 40
"""Characters for each article of what only introduces them."""


def apply_headings(lines: list[Line], headings: Sequence[Heading], *, single: bool) -> None:
    """Relabel `lines` in place.

    Headings of the level that the articles have are headlines and open one; those above are labels of what follows, those
    below section heads, and so are all where the headline above them is no heading. `single` says that the file holds one
    article: all after its first text are section heads.
    """
    at = {line.start: line for line in lines}
    marked = {}
    for heading in headings:
        # The line may begin before its heading (`## `): what is printed there is no part of it.
        line = next((at[start] for start in range(heading.start, max(-1, heading.start - 12), -1) if start in at), None)
        if line is not None and line.end >= heading.end:
            line.text = line.text[heading.start - line.start:][:heading.end - heading.start]
            line.start, line.end = heading.start, heading.end
            marked[id(line)] = heading.level
    if marked:
        _relabel(lines, marked)
    if single:
        _one_article(lines)


def _relabel(lines: list[Line], marked: dict[int, int]) -> None:
    headline = _unmarked_headline(lines, marked)
    if headline is not None:
        for line in lines:
            if id(line) in marked:
                line.name("section", LineReason.MARKED_HEADING)
                line.opens = False
        if headline.label != "headline":
            headline.name("headline", LineReason.FIRST)
        headline.opens = not any(line.opens for line in lines[:lines.index(headline)])
        return
    _mark_contents(lines, marked)
    top = _article_level(lines, marked)
    for n, line in enumerate(lines):
        level = marked.get(id(line))
        if level is not None:
            opens = level == top or level < top and _has_text(lines, n, marked)
            line.name("headline" if opens else "section" if level > top else "label", LineReason.MARKED_HEADING)
            line.opens = opens
        elif line.opens and line.label != "headline":
            line.opens = False
    # What stands between one article's text and the next headline, and is no text, belongs to the headline.
    for i, line in enumerate(lines):
        if line.opens and id(line) in marked:
            first = i
            while first and lines[first - 1].label in ("label", "kicker"):
                first -= 1
            if first < i:
                line.opens, lines[first].opens = False, True


def _unmarked_headline(lines: list[Line], marked: dict[int, int]) -> Line | None:
    """Return the headline without a heading style above headings that are its sections: of a low level, or counted."""
    first = next(n for n, line in enumerate(lines) if id(line) in marked)
    lower = min(marked.values()) >= _SECTION_LEVEL
    counted = all(NUMBERED.match(line.text) for line in lines if id(line) in marked)
    heads = [line for line in lines[:first] if line.label in ("headline", "label", "section") and len(line.text) > _SHORTEST]
    if not (lower or counted) or not heads:
        return None
    return next((line for line in heads if line.label == "headline"), heads[-1])


def _article_level(lines: list[Line], marked: dict[int, int]) -> int:
    """Return the level of the headings that are headlines: the highest that has text of its own.

    A level is passed over where its headings are labels (摘要, 详细) that hold either articles, each with a heading, or a
    text that introduces them.
    """
    heads = [(n, marked[id(line)]) for n, line in enumerate(lines) if id(line) in marked]
    deeper = {n for (n, level), (_, following) in pairwise(heads) if following > level}
    for wanted in sorted({level for _, level in heads}):
        of_level = [n for n, level in heads if level == wanted]
        texts = [n for n in of_level if _has_text(lines, n, marked)]
        holders = [n for n in of_level if n in deeper and n not in texts]
        if texts and not (holders and deeper.isdisjoint(texts) and _are_labels(lines, of_level)):
            return wanted
    return max((level for n, level in heads if _has_text(lines, n, marked)), default=min(marked.values()))


def _has_text(lines: list[Line], n: int, marked: dict[int, int]) -> bool:
    """Tell whether text stands under the heading `n`, before the next one."""
    below = takewhile(lambda line: id(line) not in marked, lines[n + 1:n + 1 + _NEAR])
    return any(line.label == "body" for line in below)


def _mark_contents(lines: list[Line], marked: dict[int, int]) -> None:
    """Call contents what stands above the first article and only says what the headings below are, or introduces them."""
    names = {_bare(line.text) for line in lines if id(line) in marked} - {""}
    for line in lines:
        if id(line) not in marked and line.label not in ("site", "credit", "byline") and _bare(line.text) in names:
            line.name("site", LineReason.CONTENTS)
    heads = [n for n, line in enumerate(lines) if id(line) in marked]
    for k, ((n, after), last) in enumerate(zip(pairwise(heads), heads[2:], strict=False), start=2):
        level, held = marked[id(lines[n])], len(heads) - k
        introduces = marked[id(lines[after])] == level < marked[id(lines[last])] and _are_labels(lines, (n, after))
        text = lines[n + 1:after]
        if introduces and sum(len(line.text) for line in text) <= _LONGEST_SUMMARY * held:
            for line in text:
                line.name("site", LineReason.CONTENTS)


def _are_labels(lines: list[Line], headings: Sequence[int]) -> bool:
    return all(len(lines[n].text) <= _LONGEST_LABEL for n in headings)


def _bare(text: str) -> str:
    return re.sub(rf"[^{HAN}A-Za-z0-9]", "", text)


def _one_article(lines: list[Line]) -> None:
    for line in lines:
        # Where the whole text is known to be an article, a long line that only speaks of a site's furniture is text.
        if line.label in ("site", "credit", "caption") and len(line.text) > _LONG and is_prose(line.text):
            line.name("body", LineReason.ONLY_PROSE)
    if lines and not any(line.label == "body" for line in lines):
        for line in lines:
            if line.label != "byline":
                line.name("body", LineReason.ONLY_TEXT)
    begun = False
    for line in lines:
        line.opens = False
        if begun and line.label in HEAD_LABELS and line.label != "byline":
            line.name("section", LineReason.ONE_ARTICLE)
        begun = begun or line.label == "body"
