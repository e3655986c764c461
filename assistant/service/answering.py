"""Run the assistant, which computes, for channels that wait: in threads, as many at once as the queue serves.

A channel that does not want an answer any more closes its steps; its place is free as soon as the step that is being
computed ends.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, closing
from dataclasses import replace
from typing import Protocol, TypeVar

from anyio import CapacityLimiter, to_thread

from assistant.service.events import Answered, Subscriber
from assistant.service.queue import CROWD, Busy, Place, Queue
from assistant.types import Answer, Ask, Draft
from assistant.verify.claim_check import ClaimChecker
from index.errors import LinjianError, NotFound
from index.search.engine import SearchIndex
from index.search.filters import Filters
from index.types import Case, Retrieved

T = TypeVar("T")
Steps = Iterator[Draft | Answer]


class TooSlow(LinjianError):
    """Seen by those who asked a question that was not answered in time."""


def is_for_askers(error: LinjianError) -> bool:
    """Tell whether an error's message is for whoever asked; that of a fault of the server is for whoever runs it: it names
    files of the server and commands there."""
    return type(error) is LinjianError or isinstance(error, (Busy, TooSlow, NotFound))


class Answers(Protocol):
    """What channels ask of the assistant; see `assistant.assistant.Assistant`."""

    index: SearchIndex
    checker: ClaimChecker

    def stream(self, input: Ask) -> Steps: ...

    def passages(self, query: str, k: int, filters: Filters) -> list[Retrieved]: ...

    def cases_for(self, words: str) -> list[Case]: ...

    def suggest(self, answer: Answer, filters: Filters, *, go_on: Callable[[], bool]) -> list[str]: ...

    def starters(self, language: str) -> list[str]: ...


def _as_they_come(steps: Steps, _: SearchIndex) -> Steps:
    return steps


class Answering:
    """The assistant as coroutines; what it answers is told to `subscribers`.

    `current` returns the assistant that answers now: an answer and its sources come from one version of the index. A
    request may take `seconds` once it is served, unless its asker sees its place in the queue and can leave.
    """

    def __init__(self, current: Callable[[], Answers], queue: Queue, *, seconds: float = math.inf,
                 subscribers: Sequence[Subscriber] = ()) -> None:
        self.current, self.queue = current, queue
        self._seconds, self._subscribers = seconds, subscribers
        self._threads = CapacityLimiter(math.inf)  # the queue bounds them
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, ask: Ask) -> Answer:
        """Return the answer. Raises Busy, TooSlow, or what the assistant raises."""
        async with aclosing(await self.steps(ask)) as steps:
            async for step in steps:
                if isinstance(step, Answer):
                    return step
        raise RuntimeError("the assistant's stream ended without an answer")

    async def steps(self, ask: Ask, shown: Callable[[Steps, SearchIndex], Iterator[T]] = _as_they_come,
                    moved: Callable[[int], None] | None = None) -> AsyncGenerator[T, None]:
        """Wait for a place and return what yields the drafts, again and again, and last the answer.

        `shown` makes of them, in the same thread, what the channel shows; `moved` is called with how many are ahead.
        Raises Busy; iterating raises TooSlow, or what the assistant raises.
        """

        def begin(quick: bool) -> Iterator[T]:
            assistant = self.current()
            return shown(self._told(assistant.stream(replace(ask, skip_reranking=quick)), ask), assistant.index)

        return await self._start(begin, moved)

    async def value(self, compute: Callable[[], T]) -> T:
        """Return what `compute` returns; it takes a place like an answer."""
        async with aclosing(await self._start(lambda _: (compute() for _ in range(1)), None)) as steps:
            return await anext(steps)

    def _told(self, steps: Steps, ask: Ask) -> Steps:
        with closing(steps):
            for step in steps:
                if isinstance(step, Answer):
                    for told in self._subscribers:
                        told(Answered(ask, step))
                yield step

    async def _start(self, begin: Callable[[bool], Iterator[T]],
                     moved: Callable[[int], None] | None) -> AsyncGenerator[T, None]:
        """Wait for a place, and let a thread put the steps where the returned generator reads them."""
        place = await self.queue.enter(moved)
        loop, left = asyncio.get_running_loop(), threading.Event()
        said: asyncio.Queue[T | None] = asyncio.Queue()
        quick = self.queue.waiting >= CROWD

        def work() -> None:
            with closing(begin(quick)) as steps:
                for step in steps:
                    if left.is_set():
                        return
                    loop.call_soon_threadsafe(said.put_nowait, step)

        task = asyncio.create_task(self._run(work, place, said))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return self._read(task, said, left, math.inf if moved else loop.time() + self._seconds)

    async def _run(self, work: Callable[[], None], place: Place, said: asyncio.Queue) -> None:
        try:
            await to_thread.run_sync(work, limiter=self._threads)
        finally:
            self.queue.leave(place)
            said.put_nowait(None)

    async def _read(self, task: asyncio.Task[None], said: asyncio.Queue[T | None], left: threading.Event,
                    until: float) -> AsyncGenerator[T, None]:
        """Yield the steps until the end, an error or the time `until`; who stops reading sets `left`."""
        try:
            while True:
                try:
                    async with asyncio.timeout_at(None if math.isinf(until) else until):
                        step = await said.get()
                except TimeoutError:
                    raise TooSlow(f"The question was not answered within {self._seconds:g} seconds.") from None
                if step is None:
                    await task
                    return
                yield step
        finally:
            left.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # asked for, so that asyncio does not report one that nobody is left to hear
