"""The nouns of what is kept: a conversation, its turns, and the feedback on an answer.

    Snapshot   an answer with the passages and articles that it named, as they were when it was given
    StoredTurn one question of a conversation and what became of it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from assistant.types import Answer, Turn
from index.search.filters import Filters
from index.types import Article, Passage


class TurnState(StrEnum):
    """What became of a question. INTERRUPTED: the server ended while it was being answered."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Verdict(StrEnum):
    """A thumb."""

    UP = "up"
    DOWN = "down"


class Reason(StrEnum):
    """What is wrong with an answer."""

    WRONG_SOURCE = "wrong_source"
    NOT_SUPPORTED = "not_supported"
    MISSED_CASE = "missed_case"
    OUTDATED = "outdated"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An answer and, by their ids, the passages and articles that it named, as they were then."""

    answer: Answer
    passages: Mapping[str, Passage]
    articles: Mapping[str, Article]


@dataclass(frozen=True, slots=True)
class Conversation:
    """`started` and `updated` are times in UTC, ISO 8601 with milliseconds; `turns` counts its questions.

    Of one that was searched for, `found` is the place (from 1) of the first question that holds all words, or whose answer
    does, and `asked` that question; 0 and "" where only the title does.
    """

    id: str
    title: str
    started: str
    updated: str
    turns: int
    found: int = 0
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person said of one answer; `reasons` are none under a thumb up. `given` is a time as above."""

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    comment: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One question. `snapshot` is None unless DONE; `shown` is what a question that was not answered showed instead.

    `alone`: it was asked as it is written, without the conversation before it; `all_cases`: for every case that is found.
    """

    id: int
    conversation: str
    question: str
    filters: Filters
    state: TurnState
    asked: str
    snapshot: Snapshot | None = None
    shown: str = ""
    feedback: Feedback | None = None
    alone: bool = False
    all_cases: bool = False


@dataclass(frozen=True, slots=True)
class GivenFeedback:
    """A piece of feedback with the answer that it is about and the earlier turns of that conversation."""

    id: int
    owner: str
    feedback: Feedback
    answer: Answer
    history: tuple[Turn, ...] = ()
