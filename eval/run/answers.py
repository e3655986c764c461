"""Answers as JSON, made here or elsewhere, read back as the one `Answer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from assistant.types import Answer
from eval.datasets.types import EvalCase, SuiteError
from index.files.json_rows import Id, Shape


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
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


def row_from(said: Mapping[str, Any], case: EvalCase) -> AnswerRow:
    """Return a mapping of an answer's JSON as a row; SuiteError names question and field."""
    try:
        return AnswerRow.model_validate({**said, "id": case.id})
    except ValidationError as error:
        raise _unusable(case, error) from error


def answer_of(row: AnswerRow, case: EvalCase) -> ScoredAnswer:
    """Return a row as an Answer; SuiteError names the question and the field that is missing or wrong."""
    known = {"passage_id": "", "article_id": "", "title": "", "source": "", "date": "", "place": "", "score": 0.0}
    claimed = {"support": 1.0, "supported": True}
    try:
        answer = Answer.from_dict({
            "question": case.question, "standalone_question": case.question,
            "language": case.lang if case.lang in ("zh", "en") else "zh", "text": row.text,
            "model": row.model, "index_version": "", "refused": row.refused,
            "answerable": row.answerable or 0.0, "timings_ms": row.timings_ms or {},
            "claims": [claimed | _given(claim) for claim in row.claims or ()],
            "citations": [known | {"number": number} | _spanned(_given(citation))
                          for number, citation in enumerate(row.citations or (), start=1)],
            "retrieved": [known | _given(found) for found in row.retrieved or ()],
        })
    except ValidationError as error:
        raise _unusable(case, error) from error
    return ScoredAnswer(answer, row.answerable)


def _given(shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return a shape without the fields that say nothing."""
    return {name: value for name, value in shape.items() if value is not None}


def _spanned(citation: dict[str, Any]) -> dict[str, Any]:
    """Return a citation with its one span where it only has start and end."""
    ends = citation.get("start"), citation.get("end")
    return citation if citation.get("spans") or None in ends else citation | {"spans": [ends]}


def _unusable(case: EvalCase, error: ValidationError) -> SuiteError:
    first = error.errors(include_url=False)[0]
    field = ".".join(map(str, first["loc"]))
    return SuiteError(f"The answer to question {case.id!r}: field {field!r}: {first['msg']}. See docs/answer.md.")
