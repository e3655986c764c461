"""Put chosen cases into words: citations numbered as they are read, claims, and the Markdown text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answer.extractive import AnswerCase, short_answer
from assistant.answer.gaps import Gap, kinds_missing
from assistant.question.forms import Form, Wanted
from assistant.question.understand import Question
from assistant.types import Citation, Claim
from index.types import Retrieved
from prompts.prompt_loader import phrases


def cite(cases: Sequence[AnswerCase]) -> tuple[Citation, ...]:
    """Return one citation for each sentence, numbered from 1 in the order of reading."""
    evidence = [e for case in cases for e in case.evidence]
    return tuple(
        Citation(number=n, passage_id=e.passage.id, article_id=e.article.id, title=e.article.title, source=e.article.source,
                 date=e.article.date, place=e.sentence.place, file=e.article.file, spans=e.sentence.spans,
                 quote=e.sentence.text, also_in=e.article.also_in)
        for n, e in enumerate(evidence, start=1)
    )


def claims_of(cases: Sequence[AnswerCase], citations: Sequence[Citation]) -> tuple[Claim, ...]:
    """Return one claim for each sentence; a verbatim sentence is supported by itself."""
    told = [(case.place if case.roles else e.sentence.place, role) for case in cases
            for e, role in zip(case.evidence, case.roles or [""] * len(case.evidence), strict=True)]
    return tuple(Claim(text=c.quote, citations=(c.number,), support=1.0, supported=True, place=place, role=role)
                 for c, (place, role) in zip(citations, told, strict=True))


def answer_text(question: Question, cases: Sequence[AnswerCase], citations: Sequence[Citation]) -> str:
    """Return the answer in Markdown: the short answer, places and sentences word for word with [n], what is missing."""
    words = phrases(question.language)
    missing = [words.kinds[kind] for kind in kinds_missing(question, [c.quote for c in citations])]
    note = "\n\n" + words.partly.format(missing=words.listed.join(missing)) if missing else ""
    short = short_answer(question, cases)
    return (f"**{escaped(short)}**\n\n" if short else "") + _entries(question, cases, citations) + note


def _entries(question: Question, cases: Sequence[AnswerCase], citations: Sequence[Citation]) -> str:
    words = phrases(question.language)
    numbers = iter(citations)
    entries = []
    for case in cases:
        sentences = "".join(f"{escaped(e.sentence.text)}[{next(numbers).number}]" for e in case.evidence)
        place = f"**{escaped(case.place)}**{words.colon}" if case.place else ""
        entries.append(place + sentences)
    if question.form in (Form.CASES, Form.COMPARE) and len(entries) > 1:
        lead = words.cases.format(count=len(entries)) if question.form is Form.CASES else words.compared
        return "\n".join([lead, "", *(f"- {entry}" for entry in entries)])
    return "\n\n".join(entries)


def refusal_text(language: str, reason: str, retrieved: Sequence[Retrieved], gap: Gap | None) -> str:
    """Return the refusal for a reason; on topic (with a `gap`): what is spoken of, what not, and the nearest headlines."""
    words = phrases(language)
    if gap is None:
        return {"nothing_selected": words.nothing_selected, "too_vague": words.too_vague}.get(reason, words.off_topic)
    said, absent = (words.listed.join(words.quoted.format(escaped(name)) for name in names)
                    for names in (gap.spoken_of, gap.absent))
    missing = absent if absent and gap.wanted is Wanted.ANY else words.kinds[gap.wanted]
    if said:
        detail = words.spoken_of.format(said=said, missing=missing)
    else:
        detail = words.absent.format(missing=absent) if absent else ""
    titles = list(dict.fromkeys(escaped(r.article.title) for r in retrieved if r.article.title))[:3]
    nearest = f"\n\n{words.nearest}{words.separator.join(titles)}" if titles else ""
    return " ".join(filter(None, [words.refusal, detail])) + nearest


def escaped(text: str) -> str:
    """Return `text` on one line, its own bracketed numbers escaped: neither may pass for Markdown of the answer."""
    return re.sub(r"\[(\d+)\]", r"\\[\1\\]", " ".join(text.split("\n")))
