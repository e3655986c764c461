"""Answers as JSON, made here or elsewhere, read back as the one `Answer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from assistant.types import Answer, Citation, Claim, Found
from eval.suites.faults import Id, Shape
from eval.suites.types import Case, SuiteError
from index.types import Span


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, and how sure the answerer was that there is one, in [0, 1]; None when it does not say."""

    answer: Answer
    confidence: float | None


class AnswerRow(Shape):
    """An answer's JSON, of which only `id` and `text` must be there."""

    id: Id
    text: str
    refused: bool = False
    answerable: float | None = None
    claims: list[dict[str, Any]] | None = None
    citations: list[dict[str, Any]] | None = None
    retrieved: list[dict[str, Any]] | None = None
    timings_ms: dict[str, float] | None = None
    model: str = "unknown"


def row_from(said: Mapping[str, Any], case: Case) -> AnswerRow:
    """Return a mapping of an answer's JSON as a row; SuiteError names question and field."""
    try:
        return AnswerRow.model_validate({**said, "id": case.id})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise SuiteError(
            f"The answer to question {case.id!r}: field {field!r}: {first['msg']}. See docs/answer.md."
        ) from error


def answer_of(row: AnswerRow, case: Case) -> Said:
    """Return a row as an Answer; SuiteError names the question and the field that is missing or wrong."""
    try:
        citations = tuple(
            Citation(
                number=int(c.get("number", n)),
                passage_id=c.get("passage_id", ""),
                article_id=c.get("article_id", ""),
                title=c.get("title", ""),
                source=c.get("source", ""),
                date=c.get("date", ""),
                place=c.get("place") or "",
                file=c["file"],
                spans=_spans(c),
                quote=c["quote"],
            )
            for n, c in enumerate(row.citations or (), start=1)
        )
        claims = tuple(
            Claim(
                text=c["text"],
                citations=tuple(c["citations"]),
                support=float(c.get("support", 1.0)),
                supported=bool(c.get("supported", True)),
                place=c.get("place") or "",
            )
            for c in row.claims or ()
        )
        retrieved = tuple(
            Found(
                passage_id=f.get("passage_id", ""),
                article_id=f.get("article_id", ""),
                title=f.get("title", ""),
                place=f.get("place") or "",
                file=f["file"],
                start=int(f["start"]),
                end=int(f["end"]),
                score=float(f.get("score", 0.0)),
            )
            for f in row.retrieved or ()
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SuiteError(
            f"The answer to question {row.id!r}: field {error} is missing or wrong. See docs/answer.md."
        ) from error
    answer = Answer(
        question=case.question,
        standalone_question=case.question,
        language=case.lang or "zh",
        text=row.text,
        claims=claims,
        citations=citations,
        retrieved=retrieved,
        model=row.model,
        index_version="",
        refused=row.refused,
        answerable=row.answerable or 0.0,
        timings_ms=row.timings_ms or {},
    )
    return Said(answer, row.answerable)


def _spans(citation: Mapping[str, Any]) -> tuple[Span, ...]:
    pairs = citation.get("spans") or [(citation["start"], citation["end"])]
    return tuple((int(a), int(b)) for a, b in pairs)
