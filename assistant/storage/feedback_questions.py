"""Feedback as questions for the evaluation, in the layout of docs/evaluate.md, with what a human still has to fill in.

A thumb says whether an answer was right, not what is right: `to_fill` names the fields to write before the question
measures anything, and `notes` holds the person's own words.
"""

from __future__ import annotations

from typing import Any

from assistant.storage.types import GivenFeedback, Reason, Verdict
from assistant.types import Answer, Citation

_SPOILS_EVIDENCE = {Reason.WRONG_SOURCE, Reason.NOT_SUPPORTED, Reason.OUTDATED}
"""Under these reasons what was cited is not taken for right."""


def question_row(given: GivenFeedback) -> dict[str, Any]:
    """Return one line of a questions.jsonl; unknown fields (`to_fill`, `feedback`) are no matter to its reader."""
    answer, feedback = given.answer, given.feedback
    liked = feedback.verdict is Verdict.UP
    believed = liked or bool(feedback.reasons) and not _SPOILS_EVIDENCE.intersection(feedback.reasons)
    answerable = not answer.refused if liked else True  # of a disliked refusal a human says whether it was right
    row: dict[str, Any] = {
        "id": f"feedback-{given.id:04d}", "question": answer.question, "lang": answer.language, "type": "",
        "answerable": answerable, "answers": [], "evidence": _evidence(answer) if believed else [], "notes": _notes(given),
        "to_fill": _to_fill(given, answerable=answerable, believed=believed),
        "feedback": {"verdict": feedback.verdict, "reasons": list(feedback.reasons), "given": feedback.given,
                     "index_version": answer.index_version, "answer": answer.text},
    }
    if given.history:
        row["history"] = [{"question": turn.question, "answer_gist": turn.answer_gist} for turn in given.history]
    return row


def _to_fill(given: GivenFeedback, *, answerable: bool, believed: bool) -> list[str]:
    fields = ["answers"] if answerable else []
    if given.feedback.verdict is Verdict.DOWN:
        fields = ["answerable", *fields, "evidence"]
    elif answerable and not believed:
        fields.append("evidence")
    return fields


def _notes(given: GivenFeedback) -> str:
    said = ", ".join([given.feedback.verdict.value, *given.feedback.reasons])
    return f"feedback: {said}" + (f": {' '.join(given.feedback.comment.split())}" if given.feedback.comment else "")


def _evidence(answer: Answer) -> list[dict[str, str]]:
    """Return what supported claims cite; a sentence that a caption breaks is one quote for each of its pieces."""
    carried = {number for claim in answer.claims if claim.supported for number in claim.citations}
    return [{"file": c.file, "article": c.title, "community": c.place, "quote": quote}
            for c in answer.citations if c.number in carried for quote in _pieces(c) if quote.strip()]


def _pieces(citation: Citation) -> list[str]:
    """Return the quote cut at its spans: each piece stands in the file as it is."""
    pieces, at = [], 0
    for start, end in citation.spans:
        pieces.append(citation.quote[at : at + end - start])
        at += end - start
    return pieces
