"""Run the assistant, which computes, for callers that wait: in threads, a bounded number at once, with a time limit.

A caller that hangs up frees its slot as soon as the step that is being computed ends.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from contextvars import copy_context
from typing import Any, Protocol, TypeVar

from fastapi import Request

from assistant.api.problems import Gone, TooSlow
from assistant.question import Question
from assistant.slots import CROWD, Slots
from assistant.types import Answer, Turn
from index.filters import Filters
from index.search import SearchIndex

T = TypeVar("T")


class Assistant(Protocol):
    """What the API asks of the assistant; see `assistant.assistant.Assistant`."""

    @property
    def index(self) -> SearchIndex: ...

    def pinned(self) -> Assistant: ...

    def stream(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None, *,
               quick: bool = False) -> Iterator[str | Answer]:
        ...

    def understand(self, question: str, history: Sequence[Turn] = ()) -> Question: ...

    def starters(self, language: str) -> list[str]: ...


class Answering:
    """The assistant as coroutines. `seconds` is the most that one request may take once it has its slot."""

    def __init__(self, assistant: Assistant, slots: Slots, *, threads: int, seconds: float) -> None:
        self.assistant, self._slots, self._seconds = assistant, slots, seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="answering")

    def close(self) -> None:
        """Take no more; what is being computed ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def answer(self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None) -> Answer:
        """Return the answer. Raises Busy, TooSlow, or what the assistant raises."""
        async with aclosing(await self.steps(question, history, filters)) as steps:
            async for step in steps:
                if isinstance(step, Answer):
                    return step
        raise RuntimeError("the assistant's stream ended without an answer")

    async def steps(self, question: str, history: Sequence[Turn] = (),
                    filters: Filters | None = None) -> AsyncGenerator[str | Answer, None]:
        """Wait for a slot and return what yields the text so far, again and again, and last the answer.

        Raises Busy; iterating raises TooSlow, or what the assistant raises.
        """
        return await self._start(
            lambda: self.assistant.stream(question, history, filters, quick=self._slots.waiting >= CROWD))

    async def value(self, compute: Callable[[], T]) -> T:
        """Return what `compute` returns, in a slot like an answer."""

        def once() -> Generator[T, None, None]:
            yield compute()

        async with aclosing(await self._start(once)) as steps:
            return await anext(steps)

    async def _start(self, start: Callable[[], Generator[T, None, None]]) -> AsyncGenerator[T, None]:
        """Wait for a slot, and let a thread put the steps where the returned generator reads them."""
        await self._slots.take()
        loop, left = asyncio.get_running_loop(), threading.Event()
        said: asyncio.Queue[tuple[T | None, BaseException | None]] = asyncio.Queue()

        def say(step: T | None, error: BaseException | None) -> None:
            loop.call_soon_threadsafe(said.put_nowait, (step, error))

        def work() -> None:
            try:
                with closing(start()) as steps:
                    for step in steps:
                        if left.is_set():
                            return
                        say(step, None)
                say(None, StopAsyncIteration())
            except Exception as error:  # noqa: BLE001 - it is raised where somebody waits for it
                say(None, error)
            finally:
                self._slots.give_back()

        try:
            self._pool.submit(copy_context().run, work)  # who records the answer asks the context for the request
        except BaseException:
            self._slots.give_back()
            raise
        return self._read(said, left, loop.time() + self._seconds)

    async def _read(self, said: asyncio.Queue[tuple[T | None, BaseException | None]], left: threading.Event,
                    until: float) -> AsyncGenerator[T, None]:
        """Yield the steps until the end, an error or the time `until`; whoever stops reading sets `left`."""
        try:
            while True:
                try:
                    async with asyncio.timeout_at(until):
                        step, error = await said.get()
                except TimeoutError:
                    raise TooSlow(f"The question was not answered within {self._seconds:g} seconds.") from None
                if isinstance(error, StopAsyncIteration):
                    return
                if error:
                    raise error
                yield step
        finally:
            left.set()


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; when the client hangs up before, end it and raise Gone."""

    async def hung_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, gone = asyncio.create_task(work), asyncio.create_task(hung_up())
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Gone
        return working.result()
    finally:
        for task in (working, gone):
            task.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)
