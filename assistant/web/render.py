"""Turn answers and their articles into the escaped HTML of the evidence panel; nothing is fetched here.

    panel      every answer of the conversation, one <section> each (only one shown), then the articles
    section    one answer: its cards, then what was found beside them
    card       one passage with its cited sentences in <mark>
    dialog     one whole article, marked for every answer that cites it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from assistant.markdown import without_markers
from assistant.report.build import build_report
from assistant.report.plain import as_text
from assistant.store.snapshot import ALSO_FOUND
from assistant.store.types import Feedback, Snapshot
from assistant.types import Answer, Citation, Found
from assistant.web.deeds import deeds
from assistant.web.marks import Cited, anchor, escape, mark, marked
from index.types import Article, Passage

Words = Mapping[str, str]

CONTEXT = 2
"""Sentences shown before and after a cited one; the rest of a long passage is behind "whole article"."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One answer with the passages and articles it names, as they were then; `key` numbers it.

    `kept` tells that it is in the store, where feedback on it is kept too.
    """

    key: int
    answer: Answer
    passages: Mapping[str, Passage]
    articles: Mapping[str, Article]
    kept: bool = False
    feedback: Feedback | None = None

    @staticmethod
    def of(key: int, snapshot: Snapshot, *, kept: bool = False, feedback: Feedback | None = None) -> Evidence:
        return Evidence(key, snapshot.answer, snapshot.passages, snapshot.articles, kept, feedback)


Sections = dict[int, tuple[Evidence, Words, str]]
"""What was drawn of each answer, by its key, and what it was drawn from."""


def panel(conversation: Sequence[Evidence], text: Words, drawn: Sections | None = None) -> str:
    """Return the whole panel; the last answer's section is the one shown at first.

    `drawn` keeps what an answer's section holds by its key, from one drawing to the next.
    """
    if not conversation:
        return f'<p class="lj-empty">{escape(text["no_evidence"])}</p>'
    keys = [evidence.key for evidence in conversation]
    kept = {} if drawn is None else drawn
    for e in conversation:
        if e.key not in kept or kept[e.key][0] is not e or kept[e.key][1] is not text:
            kept[e.key] = (e, text, _inside(e, text))
    sections = [section(e, text, keys=keys, shown=e is conversation[-1], inside=kept[e.key][2]) for e in conversation]
    articles = {i: article for e in conversation for i, article in e.articles.items()}
    cited: dict[str, list[Cited]] = {}
    for evidence in conversation:
        for citation in evidence.answer.citations:
            cited.setdefault(citation.article_id, []).append((evidence.key, citation))
    dialogs = [dialog(article, cited.get(i, []), text) for i, article in articles.items()]
    return "".join(sections + dialogs)


def section(evidence: Evidence, text: Words, *, keys: Sequence[int], shown: bool, inside: str) -> str:
    """Return one answer's evidence, of which `inside` is what no other answer changes."""
    answer, key = evidence.answer, evidence.key
    title = text["panel_refused" if answer.refused else "panel_of"].format(key=key)
    hidden = "" if shown else " hidden"
    parts = [
        f'<section class="lj-answer" data-answer="{key}" aria-label="{escape(title)}"{hidden}>',
        f'<header><div class="lj-row"><h2>{escape(title)}</h2>{_switch(key, keys, text)}</div>',
        f'<p class="lj-question">{escape(answer.question)}</p>',
        inside,
        "</section>",
    ]
    return "".join(parts)


def _inside(evidence: Evidence, text: Words) -> str:
    answer = evidence.answer
    return "".join([
        f'<div class="lj-row">{_facts(answer, text)}{_copy(answer, text)}</div>{deeds(evidence, text)}</header>',
        _weak(answer, text),
        _used(evidence, text),
        _found(evidence, text),
    ])


def _switch(key: int, keys: Sequence[int], text: Words) -> str:
    """Return the buttons that lead to the evidence of the answers before and after."""
    at = keys.index(key)
    links = [("‹", "previous", keys[at - 1] if at else None), ("›", "next", (*keys, None)[at + 1])]
    buttons = "".join(
        f'<button type="button" data-show="{to}" title="{escape(text[word])}" '
        f'aria-label="{escape(text[word])}">{sign}</button>'
        for sign, word, to in links if to is not None
    )
    return f'<nav class="lj-switch">{buttons}</nav>' if buttons else ""


def _facts(answer: Answer, text: Words) -> str:
    spent = answer.timings_ms.get("total", sum(answer.timings_ms.values()))
    cited = text["citations"].format(count=len(answer.citations))
    took = text["milliseconds"].format(count=round(spent))
    return f'<p class="lj-facts">{escape(f"{cited} · {took}")}</p>'


def _copy(answer: Answer, text: Words) -> str:
    """Return the copy button with the plain text it copies: the answer and its numbered references."""
    if not answer.citations:
        return ""
    plain = as_text(build_report([answer], language=text["lang"][:2], made=date.today()))
    return (
        f'<button type="button" class="lj-quiet" data-copy data-done="{escape(text["copied"])}">'
        f'{escape(text["copy"])}</button><pre class="lj-plain" hidden>{escape(plain)}</pre>'
    )


def _weak(answer: Answer, text: Words) -> str:
    weak = [claim.text for claim in answer.claims if not claim.supported]
    if not weak or answer.refused:
        return ""
    items = "".join(f"<li>{escape(without_markers(claim))}</li>" for claim in weak)
    return f'<div class="lj-weak"><p>{escape(text["weak_claims"])}</p><ul>{items}</ul></div>'


def _used(evidence: Evidence, text: Words) -> str:
    """Return one card for each cited passage, in the order of the numbers."""
    by_passage: dict[str, list[Citation]] = {}
    for citation in sorted(evidence.answer.citations, key=lambda c: c.number):
        by_passage.setdefault(citation.passage_id, []).append(citation)
    if not by_passage:
        return ""
    cards = "".join(card(evidence, citations, text) for citations in by_passage.values())
    return f'<h3 class="lj-head">{escape(text["used"])}</h3><ol class="lj-cards">{cards}</ol>'


def card(evidence: Evidence, citations: Sequence[Citation], text: Words) -> str:
    """Return the card of one passage. The quotes stay even when the index no longer holds the passage."""
    first, key = citations[0], evidence.key
    passage = evidence.passages.get(first.passage_id)
    body = _in_context(passage, [(key, c) for c in citations]) if passage else ""
    lost = [c for c in citations if f'id="{anchor(key, c)}"' not in body]
    quotes = "".join(f"<blockquote>{mark(c.quote, [(key, c)], [anchor(key, c)])}</blockquote>" for c in lost)
    numbers = "".join(f"<b>{c.number}</b>" for c in citations)
    missing = first.article_id not in evidence.articles
    note = f'<p class="lj-gone">{escape(text["gone"])}</p>' if missing else ""
    others = "; ".join(_printed(p.source, p.date, "", p.file, text) for p in first.also_in)
    note += f'<p class="lj-source">{escape(text["also_printed"] + others)}</p>' if others else ""
    opens = "" if missing else _opens(first.article_id, key, f"{key}-{first.number}", first.start, text)
    return (
        f'<li class="lj-card" tabindex="-1"><div class="lj-numbers">{numbers}</div>'
        f"{_heading(first.title, _where(first, text), text)}"
        f'{f"<p>{body}</p>" if body else ""}{quotes}{note}<div class="lj-actions">{opens}'
        f'<button type="button" class="lj-quiet" data-back="{anchor(key, first)}">'
        f'↩ {escape(text["back"])}</button></div></li>'
    )


def _in_context(passage: Passage, cited: Sequence[Cited]) -> str:
    """Return the passage's cited sentences with those around them; … stands for what is left out."""
    hit = [
        any(start < s.end and s.start < end for _, c in cited for start, end in c.spans) for s in passage.sentences
    ]
    shown = [any(hit[max(0, at - CONTEXT) : at + CONTEXT + 1]) for at in range(len(hit))]
    parts = []
    for keep, run in groupby(zip(shown, passage.sentences, strict=True), key=lambda pair: pair[0]):
        sentences = [sentence for _, sentence in run]
        parts.append(marked(sentences, cited, anchors=True) if keep else '<span class="lj-cut"> … </span>')
    return "".join(parts) if any(shown) else ""


def _found(evidence: Evidence, text: Words) -> str:
    """Return what was found and not cited: folded away beside an answer, open under a refusal."""
    answer = evidence.answer
    cited = {citation.passage_id for citation in answer.citations}
    rest = [found for found in answer.retrieved if found.passage_id not in cited][:ALSO_FOUND]
    if answer.refused and not rest:
        return f'<p class="lj-empty">{escape(text["nothing_found"])}</p>'
    if not rest:
        return ""
    cards = f'<ul class="lj-cards">{"".join(_found_card(evidence, found, text) for found in rest)}</ul>'
    if answer.refused:
        return f'<h3 class="lj-head">{escape(text["nearest"])}</h3>{cards}'
    summary = escape(text["also_found"].format(count=len(rest)))
    return f'<details class="lj-also"><summary>{summary}</summary>{cards}</details>'


def _found_card(evidence: Evidence, found: Found, text: Words) -> str:
    passage, article = evidence.passages.get(found.passage_id), evidence.articles.get(found.article_id)
    source, date = (article.source, article.date) if article else ("", "")
    where = _printed(source, date, found.place, found.file, text)
    opens = _opens(found.article_id, evidence.key, "", found.start, text) if article else ""
    body = f"<p>{marked(passage.sentences, [])}</p>" if passage else ""
    return (
        f'<li class="lj-card lj-unused">{_heading(found.title, where, text)}'
        f'{body}<div class="lj-actions">{opens}</div></li>'
    )


def dialog(article: Article, cited: Sequence[Cited], text: Words) -> str:
    """Return the whole article, hidden until opened; the page lights the marks of the answer it came from."""
    where = _printed(article.source, article.date, article.place, article.file, text)
    own = escape(article.id)
    title = escape(article.title or text["no_title"])
    bar = f'<span aria-hidden="true">{title}</span><button type="button" data-close>{escape(text["close"])}</button>'
    head = [
        f'<p class="lj-kicker">{escape(article.kicker)}</p>' if article.kicker else "",
        f'<h2 id="head-{own}">{title}</h2>',
        f'<p class="lj-subtitle">{escape(article.subtitle)}</p>' if article.subtitle else "",
        f'<p class="lj-source">{escape(where)}</p>',
        f'<p class="lj-byline">{escape(article.byline)}</p>' if article.byline else "",
    ]
    body, last = [], ""
    for paragraph in article.paragraphs:
        if paragraph.section and paragraph.section != last:
            body.append(f"<h3>{escape(paragraph.section)}</h3>")
        last = paragraph.section
        ends = f'data-from="{paragraph.sentences[0].start}" data-to="{paragraph.sentences[-1].end}"'
        body.append(f"<p {ends}>{marked(paragraph.sentences, cited)}</p>")
    return (
        f'<dialog class="lj-article" id="article-{own}" aria-labelledby="head-{own}">'
        f'<div class="lj-bar">{bar}</div><article>{"".join(head + body)}</article></dialog>'
    )


def _heading(title: str, printed: str, text: Words) -> str:
    return f'<h4>{escape(title or text["no_title"])}</h4><p class="lj-source">{escape(printed)}</p>'


def _where(citation: Citation, text: Words) -> str:
    return _printed(citation.source, citation.date, citation.place, citation.file, text)


def _printed(source: str, date: str, place: str, file: str, text: Words) -> str:
    """Return where something was printed: newspaper, date, place, file."""
    parts = (source or text["no_source"], date or text["no_date"], place, file)
    return " · ".join(part for part in parts if part)


def _opens(article_id: str, key: int, at: str, offset: int, text: Words) -> str:
    """Return the button that opens an article at a mark, or else at an offset."""
    return (
        f'<button type="button" data-opens="article-{escape(article_id)}" data-key="{key}" data-at="{at}" '
        f'data-offset="{offset}">{escape(text["open_article"])}</button>'
    )
