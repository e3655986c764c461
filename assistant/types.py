"""The nouns of an answer. `Answer` is the one object that chat, command line, API and evaluation share.

`Answer.to_dict()` is the one JSON shape. Offsets are characters of the decoded text of the cited file; a citation's
quote is exactly the join of that text at its spans.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from index.types import Span


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and the gist of what was answered."""

    question: str
    answer_gist: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """One cited sentence: where it stands in which file, word for word. `number` is the [n] printed in the answer."""

    number: int
    passage_id: str
    article_id: str
    title: str
    source: str
    date: str
    place: str
    file: str
    spans: tuple[Span, ...]
    quote: str

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the answer. `support` in [0, 1] says how well its citations carry it."""

    text: str
    citations: tuple[int, ...]
    support: float
    supported: bool
    place: str = ""


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

    `text` is Markdown with [n] markers; `refusal_reason` is None unless `refused`, else "off_topic" or "not_in_articles";
    `timings_ms` maps a stage to milliseconds.
    """

    question: str
    standalone_question: str
    language: str
    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    retrieved: tuple[Found, ...]
    model: str
    index_version: str
    refused: bool = False
    refusal_reason: str | None = None
    answerable: float = 0.0
    timings_ms: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict:
        """Return the JSON shape of an answer (see docs/answer.md)."""
        out = asdict(self)
        for citation, row in zip(self.citations, out["citations"], strict=True):
            row["start"], row["end"] = citation.start, citation.end
        return out
