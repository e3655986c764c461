"""What goes into the API and comes out of it, as Pydantic models: bounds, and the words of the OpenAPI document.

Answers and articles are the dataclasses themselves, described: `shape_of(Answer)` is the shape of `Answer.to_dict()`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, create_model

from assistant.question.limits import GIST, LONGEST_QUESTION, REMEMBERED_TURNS
from assistant.service.answering import Answers
from assistant.storage.feedback import LONGEST_COMMENT
from assistant.storage.types import Reason, Verdict
from assistant.types import Answer, Citation, Turn
from index import types
from index.search.filters import Filters
from index.types import Article, Passage, Sentence

QUESTION = "其他社区是怎么处理无物业小区的？"
MOST_FOUND = 100
NAME = 200
"""Characters of a place, a newspaper or an id."""


def _day(text: str) -> str:
    if text:
        date.fromisoformat(text)
    return text


def _whole(value: object) -> object:
    """Return 86 for 86.0: to JSON Schema that is an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


PRINTED = r"[^\s\u0085\ufeff\x1c-\x1f]"
"""Holds a character that is no space by anybody's count: JSON Schema, Rust and Python differ on what `\\s` is."""
Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION, pattern=PRINTED, description="the question")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", json_schema_extra={"format": "date"}), AfterValidator(_day)]
Name = Annotated[str, Field(min_length=1, max_length=NAME)]


class Taken(BaseModel):
    """What a client sends; a field that there is none of is refused, for it is most often misspelt."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FiltersTaken(Taken):
    """Bounds on what may be found; a bound that is left out does not bind."""

    places: list[Name] = Field([], max_length=50, description="about one of these places, or a place inside one")
    sources: list[Name] = Field([], max_length=50, description="printed in one of these newspapers")
    since: Day | None = Field(None, description="printed on this day or later")
    until: Day | None = Field(None, description="printed on this day or earlier")

    def filters(self) -> Filters:
        return Filters(tuple(self.places), tuple(self.sources), self.since or "", self.until or "")


class TurnTaken(Taken):
    """An earlier question of the conversation and the beginning of its answer."""

    question: Question
    answer_gist: str = Field("", max_length=GIST)


def turns(history: Sequence[TurnTaken]) -> tuple[Turn, ...]:
    """Return the history as the assistant takes it."""
    return tuple(Turn(one.question, one.answer_gist) for one in history)


class AskTaken(Taken):
    """A question, perhaps the follow-up of earlier ones."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"question": QUESTION},
        {"question": "那收费呢？",
         "history": [{"question": "桂花巷社区是怎么自管的？", "answer_gist": "居民推选了自管小组。"}],
         "filters": {"places": ["和顺街道"], "since": "2023-01-01"}},
    ]})

    question: Question
    history: list[TurnTaken] = Field([], max_length=REMEMBERED_TURNS, description="the turns before, the oldest first")
    filters: FiltersTaken = FiltersTaken()
    stream: StrictBool = Field(False, description="answer as server-sent events, like `Accept: text/event-stream`")


class SearchTaken(Taken):
    """What to look for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "老年食堂 价格", "k": 5}]})

    query: Question
    k: Annotated[StrictInt, BeforeValidator(_whole)] = Field(10, ge=1, le=MOST_FOUND, description="passages at most")
    filters: FiltersTaken = FiltersTaken()


Span = Annotated[list[int], Field(min_length=2, max_length=2, description="start and end in characters of the file's text")]


class Given(BaseModel):
    """What a client gets; every field is always there."""

    model_config = ConfigDict(extra="forbid", strict=True)


HIDDEN = {Article: {"label"}, Sentence: {"chain"}}
"""Fields that are no client's business."""
DERIVED = {Citation: {"start": (int, ...), "end": (int, ...)}, Sentence: {"place": (str, ...)}}
"""Properties that clients get like fields."""


@cache
def shape_of(noun: type) -> type[Given]:
    """Return what a client gets of a frozen dataclass, and of those it holds: each field is always there."""
    hints = get_type_hints(noun, include_extras=True)
    shown = {field.name: (_in_json(hints[field.name]), ...) for field in fields(noun)
             if field.name not in HIDDEN.get(noun, ())}
    summary = str(noun.__doc__).partition("\n\n")[0]
    return create_model(f"{noun.__name__}Shape", __base__=Given, __doc__=summary, **shown, **DERIVED.get(noun, {}))


def _in_json(hint: Any) -> Any:
    """Return a type as JSON has it: a list for a tuple, a shape for a dataclass."""
    if is_dataclass(hint):
        return shape_of(hint)
    if get_origin(hint) is Annotated:
        inner, *described = get_args(hint)
        return Annotated[_in_json(inner), *described]
    if hint == types.Span:
        return Span
    return list[_in_json(get_args(hint)[0])] if get_origin(hint) is tuple else hint


def in_json(noun: Any) -> dict[str, Any]:
    """Return a frozen dataclass in its shape."""
    return shape_of(type(noun)).model_validate(noun, from_attributes=True, strict=False).model_dump()


AnswerShape, ArticleShape = shape_of(Answer), shape_of(Article)


class PassageShape(Given):
    """The unit of search: whole sentences of one article."""

    id: str
    article_id: str
    title: str
    source: str
    date: str
    place: str
    file: str
    start: int
    end: int
    text: str
    sentences: list[shape_of(Sentence)]


class HitShape(PassageShape):
    """A passage that was found; `score` compares it with the others of the same search only."""

    score: float


class SearchShape(Given):
    """What was found, best first."""

    index_version: str
    results: list[HitShape]


def passage_in_json(passage: Passage, article: Article) -> dict[str, Any]:
    """Return a passage of `article` as a PassageShape."""
    printed = {name: getattr(article, name) for name in ("title", "source", "date", "file")}
    return {"id": passage.id, "article_id": article.id, **printed, "place": passage.place or article.place,
            "start": passage.start, "end": passage.end, "text": passage.text,
            "sentences": [in_json(sentence) for sentence in passage.sentences]}


def find(assistant: Answers, query: str, k: int, filters: Filters) -> dict[str, Any]:
    """Return the best `k` passages, searched for as for an answer, as a SearchShape."""
    results = [{**passage_in_json(one.passage, one.article), "score": round(one.score, 4)}
               for one in assistant.passages(query, k, filters)]
    return {"index_version": assistant.index.version, "results": results}


class PlaceShape(Given):
    """A place, how many articles speak of it or of a place inside it, and those places."""

    name: str
    count: int
    inside: list[PlaceShape]


class PlacesShape(Given):
    """What the filters can be set to; newspapers and months (YYYY-MM) each with the number of their articles."""

    index_version: str
    articles: int
    places: list[PlaceShape] = Field(description="the most articles first")
    sources: list[tuple[str, int]] = Field(description="newspapers, the most articles first")
    months: list[tuple[str, int]] = Field(description="the oldest first")
    undated: int = Field(description="articles without a date, which pass no bound of time")


class SuggestionsShape(Given):
    """Questions to begin with."""

    language: Literal["zh", "en"]
    questions: list[str]


class VersionShape(Given):
    """What is running."""

    version: str
    index_version: str
    articles: int


class FeedbackTaken(Taken):
    """What somebody says of an answer that the API gave."""

    answer: AnswerShape
    verdict: Verdict
    reasons: list[Reason] = Field([], max_length=len(Reason), description="what is wrong; only with a thumb down")
    comment: str = Field("", max_length=LONGEST_COMMENT)
    history: list[TurnTaken] = Field([], max_length=REMEMBERED_TURNS)


class StoredShape(Given):
    """The number under which the feedback is kept."""

    id: int


class FieldError(Given):
    """Which field is wrong, and what is the matter with it."""

    field: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"type": "urn:linjian:problem:busy", "title": "Service Unavailable", "status": 503, "code": "busy",
         "detail": "As many questions as possible are being answered. Please ask again in 5 seconds."}]})

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="what programs can rely on: not_found, invalid, too_large, busy, too_slow …")
    errors: list[FieldError] | None = None
