"""The API on a real server, over real articles, without a model: `with serving(Path(...)) as api:`.

The encoder compares letters, so every question is answered, with whatever sentences share its letters.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.answer.calibration import Calibration
from assistant.api.api_app import build_api
from assistant.assistant import Assistant
from assistant.auth.accounts.identity import LOCAL, STATE, Caller
from assistant.service.answering import Answering
from assistant.service.queue import Queue
from assistant.storage.feedback import FeedbackStore
from assistant.types import Answer, Ask, Draft, Turn
from assistant.verify.claim_check import ClaimChecker
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from index.search.filters import Filters
from index.types import Case, Retrieved
from tests.fakes.hash_encoder import HashEncoder
from tests.fakes.live_server import running

PAGES = sorted((Path(__file__).parents[2] / "examples" / "articles").iterdir())[:3]
EXAMPLES = {"zh": ["各个小区是怎么接管的？"], "en": ["Who takes over?"]}


class As:
    """Stands where the guard will: every request comes from `caller`."""

    def __init__(self, app: ASGIApp, caller: Caller = LOCAL) -> None:
        self._app, self.caller = app, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})[STATE] = self.caller
        await self._app(scope, receive, send)


class Halting:
    """An assistant that can be held in the middle of an answer: it waits for `go`, and says when it is `asked`."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.go, self.asked, self.left = threading.Event(), threading.Semaphore(0), threading.Semaphore(0)
        self.go.set()
        self.histories: list[tuple[Turn, ...]] = []

    @property
    def index(self) -> SearchIndex:
        return self._assistant.index

    @property
    def checker(self) -> ClaimChecker:
        return self._assistant.checker

    def passages(self, query: str, k: int, filters: Filters) -> list[Retrieved]:
        return self._assistant.passages(query, k, filters)

    def cases_for(self, words: str) -> list[Case]:
        return self._assistant.cases_for(words)

    def starters(self, language: str) -> list[str]:
        return self._assistant.starters(language)

    def invoke(self, input: Ask) -> Answer:
        return self._assistant.invoke(input)

    def stream(self, input: Ask) -> Iterator[Draft | Answer]:
        self.histories.append(input.history)
        self.asked.release()
        try:
            if "崩溃" in input.question:
                raise ZeroDivisionError("a bug")
            yield Draft("……")
            self.go.wait(60)
            yield from self._assistant.stream(input)
        finally:
            self.left.release()


@dataclass
class Api:
    """A running API: where it is, what answers, who is calling, and the queue."""

    url: str
    assistant: Halting
    door: As
    queue: Queue
    feedback: FeedbackStore


@contextmanager
def serving(home: Path, *, slots: int = 2, line: int = 2, seconds: float = 30) -> Iterator[Api]:
    """Serve the API until the block ends, over the index in `home`, which is made when there is none."""
    if not (home / "current").exists():
        Corpus(home, HashEncoder()).add(PAGES)
    answers_all = replace(Calibration.load(), threshold=1e-300)  # refused is only what nothing was found for
    halting = Halting(Assistant(SearchIndex.open(home, HashEncoder()), calibration=answers_all))
    queue = Queue(slots, line, patience=120)
    feedback = FeedbackStore(home)
    door = As(build_api(Answering(lambda: halting, queue, seconds=seconds), version="1.2.3", examples=EXAMPLES,
                        feedback=feedback))
    with running(door) as url:
        yield Api(url, halting, door, queue, feedback)
