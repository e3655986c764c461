"""Put chosen cases into words: citations numbered as they are read, claims, and the Markdown text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.extractive import Case
from assistant.question import Form, Question
from assistant.types import Citation, Claim
from index.types import Retrieved
from prompts import phrases


def cite(cases: Sequence[Case]) -> tuple[Citation, ...]:
    """Return one citation for each sentence, numbered from 1 in the order of reading."""
    evidence = [e for case in cases for e in case.evidence]
    return tuple(
        Citation(number=n, passage_id=e.passage.id, article_id=e.article.id, title=e.article.title, source=e.article.source,
                 date=e.article.date, place=e.sentence.place, file=e.article.file, spans=e.sentence.spans,
                 quote=e.sentence.text)
        for n, e in enumerate(evidence, start=1)
    )


def claims_of(cases: Sequence[Case], citations: Sequence[Citation]) -> tuple[Claim, ...]:
    """Return one claim for each sentence; a verbatim sentence is supported by itself."""
    return tuple(Claim(text=c.quote, citations=(c.number,), support=1.0, supported=True, place=c.place) for c in citations)


def answer_text(question: Question, cases: Sequence[Case], citations: Sequence[Citation]) -> str:
    """Return the answer in Markdown: the place leads, each sentence word for word with its [n]."""
    words = phrases(question.language)
    numbers = iter(citations)
    entries = []
    for case in cases:
        sentences = "".join(f"{_plain(e.sentence.text)}[{next(numbers).number}]" for e in case.evidence)
        place = f"**{_plain(case.place)}**{words.colon}" if case.place else ""
        entries.append(place + sentences)
    if question.form in (Form.CASES, Form.COMPARE) and len(entries) > 1:
        lead = words.cases.format(count=len(entries)) if question.form is Form.CASES else words.compared
        return "\n".join([lead, "", *(f"- {entry}" for entry in entries)])
    return "\n\n".join(entries)


def refusal_text(language: str, retrieved: Sequence[Retrieved]) -> str:
    """Return the refusal, with the headlines of the nearest articles named as such."""
    words = phrases(language)
    titles = list(dict.fromkeys(_plain(r.article.title) for r in retrieved if r.article.title))[:3]
    return words.refusal + (f"\n\n{words.nearest}{words.separator.join(titles)}" if titles else "")


def _plain(text: str) -> str:
    """Return `text` on one line, its own bracketed numbers escaped: neither may pass for Markdown of the answer."""
    return re.sub(r"\[(\d+)\]", r"\\[\1\\]", " ".join(text.split("\n")))
