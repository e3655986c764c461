"""The nouns of question and answer: chat, command line, API and evaluation all hand over an `Ask` and get an `Answer`.

`Answer.to_dict()` is the one JSON shape. Offsets are characters of the decoded text of the cited file; a citation's
quote is exactly the join of that text at its spans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from index.search.filters import UNBOUNDED, Filters
from index.types import Printing, Span


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and the gist of what was answered."""

    question: str
    answer_gist: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, which may be a follow-up to the turns of `history` (oldest first), and how it is to be answered.

    `filters` bound what may be found and said; with `all_cases` a list of cases has no limit; with `skip_reranking`, for
    when many wait, the answer is a quick one and says so; `form` is the form of answer that is wanted, "" to be told by the
    question.
    """

    question: str
    history: tuple[Turn, ...] = ()
    filters: Filters = UNBOUNDED
    _: KW_ONLY
    all_cases: bool = False
    skip_reranking: bool = False
    form: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of an answer so far, which the next one replaces; empty while there is nothing new."""

    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """One cited sentence: where it stands in which file, word for word. `number` is the [n] printed in the answer.

    `also_in` are the other printings of its article: search finds one, all can be cited.
    """

    number: Annotated[int, Field(description="the n of [n]")]
    passage_id: str
    article_id: str
    title: str
    source: Annotated[str, Field(description="the newspaper")]
    date: Annotated[str, Field(description="YYYY-MM-DD; empty when the page does not say")]
    place: str
    file: str
    spans: Annotated[tuple[Span, ...], Field(min_length=1)]
    quote: str
    also_in: tuple[Printing, ...] = ()

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the answer. `support` in [0, 1] says how well its citations carry it; `place` is what it is told of,
    `role` what it tells of a case, "" where that is not known."""

    text: str
    citations: tuple[int, ...]
    support: Annotated[float, Field(ge=0, le=1)]
    supported: bool
    place: str = ""
    role: Literal["problem", "measure", "result", ""] = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A retrieved passage as the answer reports it, best first."""

    passage_id: str
    article_id: str
    title: str
    place: str
    file: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant says to one question, with everything it stands on.

    `text` is Markdown with [n] markers; `form` is what the question asks for: "cases" (one a community), "compare" (one a
    place named), "fact", "how", "library" (about the articles themselves) or "chat" (nothing is asked); `more_cases` is how
    many cases would follow, were there no limit to their number;
    `refusal_reason` is None unless `refused`, else "off_topic", "not_in_articles", "nothing_selected" or "too_vague";
    `notice` says why the language model that was asked for did not write it, or that the reranker did not read, else None;
    `timings_ms` maps each step of the assistant to its milliseconds.
    """

    question: str
    standalone_question: str
    language: Literal["zh", "en"]
    text: Annotated[str, Field(description="Markdown with [n] markers")]
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    retrieved: tuple[Found, ...]
    model: str
    index_version: str
    refused: bool = False
    refusal_reason: Literal["off_topic", "not_in_articles", "nothing_selected", "too_vague"] | None = None
    answerable: float = 0.0
    notice: str | None = None
    form: str = ""
    more_cases: int = 0
    timings_ms: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict:
        """Return the JSON shape of an answer (see docs/answer.md)."""
        out = asdict(self)
        for citation, row in zip(self.citations, out["citations"], strict=True):
            row["start"], row["end"] = citation.start, citation.end
        return out

    @staticmethod
    def from_dict(shape: Mapping[str, Any]) -> Answer:
        """Return the answer whose `to_dict()`, also by way of JSON, is `shape`; unknown fields are left out.

        Raises ValueError naming the fields that are missing or of another kind.
        """
        return _shape().validate_python(shape)


@cache
def _shape() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)
