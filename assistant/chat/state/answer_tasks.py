"""Answers that are being written. They go on when the page that asked is closed or loaded anew, and any page may watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

from starlette.concurrency import run_in_threadpool

from assistant.chat.state.answer_stream import answer_stream
from assistant.chat.state.history_sync import HistorySync
from assistant.chat.state.session import Entry
from assistant.service.answering import Answering
from assistant.types import Ask, Turn

MOMENT = 0.5
"""Seconds after which whoever watches an answer that does not grow has the word again, and may leave; also how long a place
in line is shown at least: it changes faster than anybody reads, and drawing it on all pages cost a sixth of all work."""


class AnswerTask:
    """One answer on its way: its entry as it looks now."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.over = False
        self._changed, self._begun = asyncio.Event(), asyncio.Event()

    def begin(self) -> None:
        """Its turn has come: from now on everything is shown at once."""
        self._begun.set()

    @property
    def begun(self) -> bool:
        return self._begun.is_set()

    def show(self, entry: Entry, *, over: bool = False) -> None:
        """Let everybody who watches see it."""
        if not self.over:
            self.entry, self.over = entry, over
            self._changed.set()
            self._changed = asyncio.Event()
            if over:
                self.begin()

    async def watch(self) -> AsyncIterator[Entry]:
        """Yield the entry now, whenever it changes and every moment between, until the run is over."""
        while True:
            changed, over = self._changed, self.over
            yield self.entry
            if over:
                return
            await _in_a_moment(self._begun)
            if changed is self._changed:
                await _in_a_moment(changed)


class AnswerTasks:
    """All answers on their way. Belongs to the one event loop of the server."""

    def __init__(self, answering: Answering, history_sync: HistorySync) -> None:
        self._answering, self._history_sync = answering, history_sync
        self._tasks: dict[AnswerTask, asyncio.Task[None]] = {}
        self._kept: dict[int, AnswerTask] = {}

    def of(self, entry: Entry) -> AnswerTask | None:
        """Return the run of an entry that is in the store, while it goes on."""
        return self._kept.get(entry.turn) if entry.turn is not None else None

    def start(self, entry: Entry, history: Sequence[Turn], key: int, text: Mapping[str, str]) -> AnswerTask:
        """Begin to answer an entry as soon as the queue lets it."""
        run = AnswerTask(entry)
        if entry.turn is not None:
            self._kept[entry.turn] = run
        task = self._tasks[run] = asyncio.create_task(self._answer(run, history, key, text))
        task.add_done_callback(lambda _: self._tasks.pop(run))
        return run

    def stop(self, run: AnswerTask, entry: Entry) -> None:
        """End a run as `entry`: it leaves the queue at once, and what it is still writing is thrown away."""
        waits = not run.begun
        run.show(entry, over=True)
        if waits and (task := self._tasks.get(run)):
            task.cancel()

    async def _answer(self, run: AnswerTask, history: Sequence[Turn], key: int, text: Mapping[str, str]) -> None:
        entry = run.entry
        ask = Ask(entry.question, tuple(history), entry.filters, all_cases=entry.all_cases)

        def moved(ahead: int) -> None:
            run.show(replace(entry, reply=f"*{text['ahead'].format(count=ahead)}*"))

        try:
            steps = await self._answering.steps(ask, lambda steps, index: answer_stream(steps, index, entry, key, text), moved)
            async with aclosing(steps):  # an answer that nobody wants is not written on
                run.begin()
                async for step in steps:
                    if run.over:
                        return
                    if not step.running:
                        step = await run_in_threadpool(self._history_sync.end, step)
                    if step is not run.entry:
                        run.show(step, over=not step.running)
        finally:
            if entry.turn is not None and self._kept.get(entry.turn) is run:
                del self._kept[entry.turn]


async def _in_a_moment(event: asyncio.Event) -> None:
    """Return when the event is set, and at the latest in a moment."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), MOMENT)
