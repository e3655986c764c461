"""Statements of a language model after the check, as the text and the citations of an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.answer_text import escaped
from assistant.types import Citation, Claim
from index.types import Retrieved, Span, first_place
from prompts.prompt_loader import phrases


@dataclass(frozen=True, slots=True)
class Written:
    """A statement of the model after the check: the claim, the numbered sentences that carry it, its place in the layout."""

    claim: Claim
    sentences: dict[int, tuple[int, ...]]
    new_line: bool
    item: bool


def citations_of(kept: Sequence[Written], numbered: Sequence[Retrieved]) -> tuple[Citation, ...]:
    """Return one citation for each passage that is used, under its number; its quote is the sentences that carry claims."""
    used: dict[int, set[int]] = {}
    for written in kept:
        for number, chosen in written.sentences.items():
            used.setdefault(number, set()).update(chosen)
    citations = []
    for number, chosen in sorted(used.items()):
        passage, article = numbered[number - 1].passage, numbered[number - 1].article
        sentences = [passage.sentences[i] for i in sorted(chosen)]
        spans: tuple[Span, ...] = tuple(span for s in sentences for span in s.spans)
        citations.append(Citation(
            number=number, passage_id=passage.id, article_id=article.id, title=article.title, source=article.source,
            date=article.date, place=first_place(sentences), file=article.file, spans=spans,
            quote="".join(s.text for s in sentences), also_in=article.also_in))
    return tuple(citations)


def text_of(written: Sequence[Written], language: str, *, struck: bool = False) -> str:
    """Return the statements in Markdown, each with its numbers; with `struck`, those without evidence struck out."""
    words = phrases(language)
    out = ""
    for i, w in enumerate(written):
        text = escaped(w.claim.text)
        if not re.search(r"[.!?;\u3002\uff01\uff1f\uff1b\u2026\u201d\"]$", text):
            text += words.full_stop
        if not w.claim.supported and struck:
            text = f"~~{text}~~\uff08{words.unchecked}\uff09" if language == "zh" else f"~~{text}~~ ({words.unchecked})"
        text += "".join(f"[{n}]" for n in w.claim.citations)
        if not i:
            out = f"- {text}" if w.item else text
        elif w.item or w.new_line:
            out += ("\n- " if written[i - 1].item else "\n\n- ") + text if w.item else f"\n\n{text}"
        else:
            out += text if language == "zh" else f" {text}"
    return out
