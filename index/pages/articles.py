"""Turn one file's labelled lines into articles: paragraphs joined again, doubled ones kept once, places resolved."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from index.files.formats.time_limit import TimeLimit
from index.pages.english import PAPER
from index.pages.layout import SIGNED
from index.pages.line_labels import HEAD_LABELS, Line, body_span, byline_span, ends_open
from index.pages.line_reasons import LineReason
from index.pages.page_labels import label_lines
from index.pages.sentence_places import PlaceReader, region_of
from index.text.dates import DAY, dateline, in_figures, iso_date
from index.text.newspapers import paper_in
from index.text.normalize import HAN, matching_form, simplified
from index.text.people import is_persons_name
from index.text.sentences import join_spans, sentence_bounds
from index.types import Article, Correction, Paragraph, Sentence, Source, Span, text_at

_SOURCE = re.compile(r"来源[:]\s*([^\s评点作编【\[(:]{2,20})")
_FIELDS = re.compile(
    rf"{DAY.pattern}|\d{{1,2}}:\d\d(?::\d\d)?|(?:星期|周)[一二三四五六日天]"
    rf"|(?:来源|作者|编辑|责编|浏览|阅读|点击|发布时间|时间)[:]?\s*\S*"
)
"""What a date bar holds besides names."""
_LONGEST_BESIDE = 6
_COMPACT = re.compile(r"(?<!\d)(?:19|20)\d{6}(?!\d)")
_AS_READ = Correction()
_DOUBLED = 12
"""Characters that a paragraph has at least to be known again."""


@dataclass(slots=True)
class _DraftArticle:
    """An article while its lines are being gathered."""

    head: list[Line] = field(default_factory=list)
    paragraphs: list[tuple[str, list[Line]]] = field(default_factory=list)
    credits: list[Line] = field(default_factory=list)
    turns: bool = False
    """True while the rest of it is expected on another page."""
    end: int | None = None
    """Where its first piece ends, when another one was found on a later page."""

    @property
    def lines(self) -> list[Line]:
        return [*self.head, *(line for _, pieces in self.paragraphs for line in pieces)]


def read_articles(source: Source) -> list[Article]:
    """Return the articles of `source` in printed order; every sentence's text is the file's text at its spans."""
    return PageReader(source).articles


class PageReader:
    """Reads the `articles` of one file, and any of them again with what a librarian says of it.

    With a time `limit`, FileError when reading takes longer; what is stored already is read without one.
    """

    def __init__(self, source: Source, limit: TimeLimit | None = None) -> None:
        self.source, self._limit = source, limit
        metadata = source.metadata
        lines = label_lines(source.text, source.headings, single=metadata.is_single)
        paper, date = _paper_and_date(lines)
        self._paper, self._date = metadata.source or paper, metadata.date or date
        self._region = region_of(matching_form(self._paper), matching_form(source.text))
        drafts = [draft for draft in _drafts(source.text, lines) if draft.paragraphs]
        read = [(self._article(draft, number, _AS_READ), draft, number) for number, draft in enumerate(drafts, start=1)]
        self._drafts = {article.id: (draft, number) for article, draft, number in read}
        self.articles = [article for article, _, _ in read if article.paragraphs]

    def corrected(self, corrections: Mapping[str, Correction]) -> list[Article]:
        """Return the articles with what is said of some of them, by id; an article keeps the id that it has without it."""
        return [self._article(*self._drafts[article.id], corrections[article.id]) if article.id in corrections else article
                for article in self.articles]

    def _article(self, draft: _DraftArticle, number: int, correction: Correction) -> Article:
        source = self.source
        spans = [(section, _paragraph_spans(lines)) for section, lines in draft.paragraphs]
        kept = _without_doubles([(section, s, text_at(source.text, s)) for section, s in spans if s])
        printed: dict[str, list[str]] = {label: [] for label in HEAD_LABELS}
        for line in draft.head:
            printed[line.label].append(source.text[line.start:line.end])
        title, subtitle, kicker = (" ".join(printed[k]) for k in ("headline", "subtitle", "kicker"))
        names = [(line.start, line.end) for line in draft.credits]
        names += filter(None, (byline_span(line) for _, lines in draft.paragraphs for line in lines))
        byline = " ".join(printed["byline"]) or (source.text[slice(*names[0])].strip() if names else "")
        metadata = source.metadata
        title, byline = metadata.title or title, metadata.byline or byline
        article_id = hashlib.sha256(f"{source.file}\n{number}\n{title}".encode()).hexdigest()[:12]
        title, paper, date, place = (read if said is None else said for read, said in (
            (title, correction.title), (self._paper, correction.source), (self._date, correction.date),
            (metadata.place, correction.place)))
        reader = PlaceReader(heads=tuple(map(simplified, (place, kicker, subtitle, title))),
                             texts=[simplified(text) for _, _, text in kept], region=self._region)
        paragraphs = []
        for section, paragraph_spans, text in kept:
            if self._limit is not None:
                self._limit.check()
            bounds = sentence_bounds(text)
            chains = reader.resolve([simplified(text[a:b]) for a, b in bounds], section=section)
            sentences = tuple(
                Sentence(spans=spans, text=text[a:b], chain=chain)
                for (a, b), spans, chain in zip(bounds, join_spans(paragraph_spans, bounds), chains, strict=True)
            )
            paragraphs.append(Paragraph(sentences=sentences, section=section))
        return Article(
            id=article_id, file=source.file, title=title, start=min(line.start for line in draft.lines),
            end=draft.end or max(line.end for line in draft.lines), paragraphs=tuple(p for p in paragraphs if p.sentences),
            subtitle=subtitle, kicker=kicker, label=" ".join(printed["label"]), byline=byline, source=paper, date=date,
            place=place or ("" if correction.place == "" else reader.article_place),
        )


def _paper_and_date(lines: list[Line]) -> tuple[str, str]:
    """Return newspaper and ISO date as the page's date bar prints them, "" where it does not."""
    paper = date = ""
    below = _below_the_text(lines)
    for n, line in enumerate(lines):
        if line.label == "site" and not date and (n < below or not _is_listed(line)):
            date = dateline(line.text)
            named = _SOURCE.search(line.text)
            named = None if named and is_persons_name(named[1]) else named
            paper = named[1] if named else date and paper_in(line.text) or paper
        headed = line.label in ("section", "headline") or line.reason is LineReason.TAIL
        if n > below and headed and not SIGNED.match(line.text):
            break  # what stands here is a list of other articles
        if not paper and (line.reason is LineReason.MASTHEAD or line.label == "byline"):
            paper = paper_in(line.text)
        if not paper and line.label == "site" and PAPER.match(line.text):
            paper = line.text
    paper = paper_in(paper) or paper
    return "" if paper == "本报" else paper, date or _date_above(lines)


def _below_the_text(lines: list[Line]) -> int:
    """Return the number of the last line of text."""
    return max((n for n, line in enumerate(lines) if line.label == "body"), default=len(lines))


def _is_listed(line: Line) -> bool:
    """Tell whether the line is an entry of a list of articles: its date stands beside a headline."""
    beside = _FIELDS.sub("", in_figures(line.text))
    long = len(re.findall(f"[{HAN}]", beside)) > _LONGEST_BESIDE
    return long and not paper_in(line.text) and not SIGNED.match(beside.strip())


def _date_above(lines: list[Line]) -> str:
    """Return the day that the heading above a page's articles names in figures (20240503), "" when it names none."""
    above = itertools.takewhile(lambda line: line.label != "body", lines)
    found = (_COMPACT.search(line.text) for line in above if line.label in ("label", "site", "kicker"))
    return next((date for day in found if day and (date := iso_date(day[0]))), "")


def _drafts(text: str, lines: list[Line]) -> list[_DraftArticle]:
    """Gather the lines of each article; a paragraph's lines are the pieces that are to be joined.

    Text that goes on from another page of the same file is given back to the article that was to be continued.
    """
    drafts = [_DraftArticle()]
    draft, section, open_line = drafts[0], "", False
    for line in lines:
        if line.opens:
            drafts.append(_DraftArticle())
            draft, section, open_line = drafts[-1], "", False
        if line.turns:
            draft.turns = True
        if line.resumes:
            begun = next((d for d in drafts if d.turns), None)
            if begun is not None:
                draft, section, begun.turns = begun, begun.paragraphs[-1][0] if begun.paragraphs else "", False
                begun.end = max((piece.end for piece in begun.lines), default=None)
                open_line = bool(draft.paragraphs) and ends_open(draft.paragraphs[-1][1][-1].text)
        if line.label in HEAD_LABELS:
            draft.head.append(line)
        elif line.label == "section":
            section, open_line = text[line.start:line.end], False
        elif line.label == "photo-credit":
            draft.credits.append(line)
        elif line.label == "body":
            if draft.paragraphs and (open_line and not _begins_paragraph(line) or line.joins):
                draft.paragraphs[-1][1].append(line)
            else:
                draft.paragraphs.append((section, [line]))
            open_line = ends_open(line.text) and line.reason is not LineReason.TABLE_ROW
    return drafts


def _begins_paragraph(line: Line) -> bool:
    return line.reason is LineReason.TABLE_ROW or line.reason is LineReason.VERSE and line.gap > 0


def _paragraph_spans(lines: list[Line]) -> tuple[Span, ...]:
    spans = (body_span(line) for line in lines)
    return tuple(span for span in spans if span[0] < span[1])


def _without_doubles(paragraphs: list[tuple[str, tuple[Span, ...], str]]) -> list[tuple[str, tuple[Span, ...], str]]:
    """Keep doubled paragraphs once.

    Where one copy breaks off, the copy that goes on is the true one, and so is everything doubled beside it;
    otherwise the first copy stays.
    """
    begun_alike: dict[str, list[int]] = {}
    for k, (_, _, text) in enumerate(paragraphs):
        if len(text) >= _DOUBLED:
            begun_alike.setdefault(text[:_DOUBLED], []).append(k)
    pairs = []
    for alike in begun_alike.values():
        for n, i in enumerate(alike):
            early = paragraphs[i][2]
            later = (j for j in alike[n + 1:] if paragraphs[j][2].startswith(early) or early.startswith(paragraphs[j][2]))
            pairs += [(i, j) for j in itertools.islice(later, 1)]
    early_breaks_off = any(len(paragraphs[i][2]) < len(paragraphs[j][2]) for i, j in pairs)
    dropped = {pair[0] if early_breaks_off else pair[1] for pair in pairs}
    return [paragraph for k, paragraph in enumerate(paragraphs) if k not in dropped]
