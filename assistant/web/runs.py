"""Answers that are being written. They go on when the page that asked is closed or loaded anew, and any page may watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from assistant.slots import CROWD
from assistant.types import Turn
from assistant.web.converse import Assistant, converse
from assistant.web.line import Line
from assistant.web.memory import Memory
from assistant.web.session import Entry

MOMENT = 0.5
"""Seconds after which whoever watches an answer that does not grow has the word again, and may leave; also how long a place
in line is shown at least: it changes faster than anybody reads, and drawing it on all pages cost a sixth of all work."""


class Run:
    """One answer on its way: its entry as it looks now."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.over = False
        self._changed, self._begun = asyncio.Event(), asyncio.Event()

    def begin(self) -> None:
        """Its turn has come: from now on everything is shown at once."""
        self._begun.set()

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


class Runs:
    """All answers on their way. Belongs to the one event loop of the server."""

    def __init__(self, assistant: Assistant, line: Line, memory: Memory) -> None:
        self._assistant, self._line, self._memory = assistant, line, memory
        self._tasks: set[asyncio.Task[None]] = set()
        self._kept: dict[int, Run] = {}

    def of(self, entry: Entry) -> Run | None:
        """Return the run of an entry that is in the store, while it goes on."""
        return self._kept.get(entry.turn) if entry.turn is not None else None

    def start(self, entry: Entry, history: Sequence[Turn], key: int, text: Mapping[str, str]) -> Run:
        """Begin to answer an entry as soon as the line lets it."""
        run = Run(entry)
        if entry.turn is not None:
            self._kept[entry.turn] = run
        task = asyncio.create_task(self._answer(run, history, key, text))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    def stop(self, entry: Entry) -> None:
        """End a run as `entry`; what it is still writing is thrown away."""
        if run := self.of(entry):
            run.show(entry, over=True)

    async def _answer(self, run: Run, history: Sequence[Turn], key: int, text: Mapping[str, str]) -> None:
        entry, ticket = run.entry, self._line.join()
        try:
            async for count in self._line.ahead(ticket):
                if run.over:
                    return
                run.show(replace(entry, reply=f"*{text['ahead'].format(count=count)}*"))
            if run.over:
                return
            run.begin()
            steps = converse(self._assistant, entry, history, key, text, quick=self._line.waiting >= CROWD)
            with closing(steps):  # an answer that nobody wants is not written on
                async for step in iterate_in_threadpool(steps):
                    if run.over:
                        return
                    if not step.running:
                        step = await run_in_threadpool(self._memory.end, step)
                    if step is not run.entry:
                        run.show(step, over=not step.running)
        finally:
            self._line.leave(ticket)
            if entry.turn is not None and self._kept.get(entry.turn) is run:
                del self._kept[entry.turn]


async def _in_a_moment(event: asyncio.Event) -> None:
    """Return when the event is set, and at the latest in a moment."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), MOMENT)
