"""Turn one file's labelled lines into articles: paragraphs joined again, doubled ones kept once, places resolved."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.lines import HEAD_LABELS, Line, body_span, byline_span, dateline, ends_open
from index.page import label_lines
from index.placing import PlaceReader
from index.sentences import join_spans, sentence_bounds
from index.types import Article, Paragraph, Sentence, Source, Span, text_at

_SOURCE = re.compile(r"来源[:]\s*([^\s评点作编【\[(:]{2,20})")
_PAPER = re.compile(r"([\u4e00-\u9fff]{2,6}(?:日报|晚报|晨报|早报|时报|都市报|商报|新闻网|融媒|发布))")


@dataclass(slots=True)
class _Draft:
    """An article while its lines are being gathered."""

    head: list[Line] = field(default_factory=list)
    paragraphs: list[tuple[str, list[Line]]] = field(default_factory=list)
    credits: list[Line] = field(default_factory=list)


def read_articles(source: Source) -> list[Article]:
    """Return the articles of `source` in printed order; every sentence's text is the file's text at its spans."""
    lines = label_lines(source.text)
    paper, date = _paper_and_date(lines)
    drafts = [draft for draft in _drafts(source.text, lines) if draft.paragraphs]
    articles = [_article(source, draft, number, paper, date) for number, draft in enumerate(drafts, start=1)]
    return [article for article in articles if article.paragraphs]


def _paper_and_date(lines: list[Line]) -> tuple[str, str]:
    """Return newspaper and ISO date as the page's date bar prints them, "" where it does not."""
    paper = date = ""
    for line in lines:
        if line.label == "site" and not date:
            date = dateline(line.text)
            named = _SOURCE.search(line.text) or (_PAPER.search(line.text) if date else None)
            paper = named[1] if named else paper
        if not paper and line.label == "byline" and (named := _PAPER.search(line.text)):
            paper = named[1]
    paper = _PAPER.search(paper)[1] if _PAPER.search(paper) else paper
    return re.sub(r"^本报$", "", paper), date


def _drafts(text: str, lines: list[Line]) -> Iterator[_Draft]:
    """Gather the lines of each article; a paragraph's lines are the pieces that are to be joined."""
    draft, section, open_line = _Draft(), "", False
    for line in lines:
        if line.opens:
            yield draft
            draft, section, open_line = _Draft(), "", False
        if line.label in HEAD_LABELS:
            draft.head.append(line)
        elif line.label == "section":
            section, open_line = text[line.start:line.end], False
        elif line.label == "photo-credit":
            draft.credits.append(line)
        elif line.label == "body":
            if open_line:
                draft.paragraphs[-1][1].append(line)
            else:
                draft.paragraphs.append((section, [line]))
            open_line = ends_open(line.text)
    yield draft


def _article(source: Source, draft: _Draft, number: int, paper: str, date: str) -> Article:
    spans = [(section, _paragraph_spans(lines)) for section, lines in draft.paragraphs]
    kept = _without_doubles([(section, s, text_at(source.text, s)) for section, s in spans if s])
    printed: dict[str, list[str]] = {label: [] for label in HEAD_LABELS}
    for line in draft.head:
        printed[line.label].append(source.text[line.start:line.end])
    title, subtitle, kicker = (" ".join(printed[k]) for k in ("headline", "subtitle", "kicker"))
    names = [(line.start, line.end) for line in draft.head if line.label == "byline"]
    names += [(line.start, line.end) for line in draft.credits]
    names += filter(None, (byline_span(line) for _, lines in draft.paragraphs for line in lines))
    byline = source.text[slice(*names[0])].strip() if names else ""
    reader = PlaceReader(heads=(kicker, subtitle, title), texts=[text for _, _, text in kept], paper=paper)
    paragraphs = []
    for section, paragraph_spans, text in kept:
        bounds = sentence_bounds(text)
        chains = reader.resolve([text[a:b] for a, b in bounds])
        sentences = tuple(
            Sentence(spans=join_spans(paragraph_spans, a, b), text=text[a:b], chain=chain)
            for (a, b), chain in zip(bounds, chains, strict=True)
        )
        paragraphs.append(Paragraph(sentences=sentences, section=section))
    lines = [*draft.head, *(line for _, pieces in draft.paragraphs for line in pieces)]
    digest = hashlib.sha256(f"{source.file}\n{number}\n{title}".encode()).hexdigest()
    return Article(
        id=digest[:12], file=source.file, title=title, start=min(line.start for line in lines),
        end=max(line.end for line in lines), paragraphs=tuple(p for p in paragraphs if p.sentences),
        subtitle=subtitle, kicker=kicker, label=" ".join(printed["label"]), byline=byline, source=paper, date=date,
        place=reader.article_place,
    )


def _paragraph_spans(lines: list[Line]) -> tuple[Span, ...]:
    spans = (body_span(line) for line in lines)
    return tuple(span for span in spans if span[0] < span[1])


def _without_doubles(paragraphs: list[tuple[str, tuple[Span, ...], str]]) -> list[tuple[str, tuple[Span, ...], str]]:
    """Keep doubled paragraphs once.

    Where one copy breaks off, the copy that goes on is the true one, and so is everything doubled beside it;
    otherwise the first copy stays.
    """
    pairs = []
    for i, (_, _, early) in enumerate(paragraphs):
        for j in range(i + 1, len(paragraphs)):
            late = paragraphs[j][2]
            if len(early) >= 12 and late.startswith(early) or len(late) >= 12 and early.startswith(late):
                pairs.append((i, j))
                break
    early_breaks_off = any(len(paragraphs[i][2]) < len(paragraphs[j][2]) for i, j in pairs)
    dropped = {pair[0] if early_breaks_off else pair[1] for pair in pairs}
    return [paragraph for k, paragraph in enumerate(paragraphs) if k not in dropped]
