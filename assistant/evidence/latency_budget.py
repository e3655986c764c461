"""How much the reranker may read for a question: a time budget that the questions waiting for it share.

What reading costs is measured while it reads. A question is promised as much as fits between the work already promised to
others and the end of its budget: everything, a half, a quarter, or nothing. So no question waits and reads for longer than
the budget; and as long as the budget is not exceeded the same is read every time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SHARES = (1.0, 0.5, 0.25)
"""Of what a question would read; fixed steps, so that a little more load does not change every answer."""
RECENT = 0.2
"""Weight of the latest reading in the measured cost."""
HOPE = 0.9
"""The measured cost falls by this each time that even a quarter seemed too long although nobody else was reading."""


@dataclass
class Grant:
    """Characters that may be read, and how many of them were: to be set by who reads."""

    characters: int
    read: int = 0


class LatencyBudget:
    """Promises reading time within `budget` milliseconds a question; shared by all threads that use one reranker.

    `cost` is the measured milliseconds a character: 0 until something was read, so that the first question is read in full.
    """

    def __init__(self, budget: float) -> None:
        self.budget, self.cost = budget, 0.0
        self._promised, self._granted = 0.0, 0
        self._count = threading.Lock()
        self._reading = threading.Lock()

    @contextmanager
    def turn(self, characters: int) -> Iterator[Grant]:
        """Wait for one's turn and yield how many of the `characters` may be read: all, a half, a quarter or 0 (at once)."""
        grant, promised = self._promise(characters)
        if not grant.characters:
            yield grant
            return
        try:
            with self._reading:
                started = time.perf_counter()
                yield grant
                self._learn((time.perf_counter() - started) * 1000, grant.read)
        finally:
            with self._count:
                self._granted -= 1
                self._promised = self._promised - promised if self._granted else 0.0

    def _promise(self, characters: int) -> tuple[Grant, float]:
        with self._count:
            left = self.budget - self._promised
            granted = next((int(characters * s) for s in SHARES if left > 0 and characters * s * self.cost <= left), 0)
            if not granted and not self._granted:
                self.cost *= HOPE
            promised = granted * self.cost
            self._promised += promised
            self._granted += granted > 0
        return Grant(granted), promised

    def _learn(self, milliseconds: float, characters: int) -> None:
        if characters:
            with self._count:
                self.cost += (RECENT if self.cost else 1.0) * (milliseconds / characters - self.cost)
