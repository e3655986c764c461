"""Slots for answering: so many answers are written at once, a few more questions wait in line, the rest come again later.

The chat (threads) and the API (coroutines) stand in one line.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from index.errors import LinjianError

PATIENCE = 20.0
"""Seconds that a question waits in line before its asker is told to come again."""
CROWD = 3
"""As soon as so many wait in line, answers are quick ones."""
COME_AGAIN = 5
"""Seconds after which it is worth trying again."""


class Busy(LinjianError):
    """Seen by whoever asks while as many questions as possible are being answered or are waiting."""


class Slots:
    """At most `size` are taken at once; up to `line` askers wait, first come, first served."""

    def __init__(self, size: int, line: int | None = None, patience: float = PATIENCE) -> None:
        """`patience` is how many seconds one waits in line, where nothing else is said."""
        self._patience = patience
        self._free, self._most = size, 4 * size if line is None else line
        self._line: deque[Future[None]] = deque()
        self._lock = threading.Lock()

    async def take(self, seconds: float | None = None) -> None:
        """Wait for a slot; who takes one calls `give_back`, from any thread. Raises Busy when the line is too long."""
        turn = self._queue()
        try:
            async with asyncio.timeout(self._patience if seconds is None else seconds):
                await asyncio.wrap_future(turn)
        except TimeoutError:
            self._leave(turn)
            raise _busy() from None
        except BaseException:
            self._leave(turn)
            raise

    @contextmanager
    def hold(self, seconds: float | None = None) -> Iterator[None]:
        """Wait for a slot and hold it until the block ends. Raises Busy when the line is too long."""
        turn = self._queue()
        try:
            turn.result(self._patience if seconds is None else seconds)
        except TimeoutError:
            self._leave(turn)
            raise _busy() from None
        except BaseException:
            self._leave(turn)
            raise
        try:
            yield
        finally:
            self.give_back()

    def give_back(self) -> None:
        """Free a slot: the next in line has it, if there is one."""
        with self._lock:
            while self._line:
                turn = self._line.popleft()
                if turn.set_running_or_notify_cancel():
                    turn.set_result(None)
                    return
            self._free += 1

    @property
    def waiting(self) -> int:
        """How many wait in line."""
        return len(self._line)

    @property
    def free(self) -> int:
        """Slots that nobody has now."""
        return self._free

    def _queue(self) -> Future[None]:
        turn: Future[None] = Future()
        with self._lock:
            if self._free:
                self._free -= 1
                turn.set_result(None)
                return turn
            self._line = deque(waiting for waiting in self._line if not waiting.cancelled())
            if len(self._line) >= self._most:
                raise _busy()
            self._line.append(turn)
        return turn

    def _leave(self, turn: Future[None]) -> None:
        if not turn.cancel():  # the turn came in the same moment
            self.give_back()


def _busy() -> Busy:
    return Busy(f"As many questions as possible are being answered. Please ask again in {COME_AGAIN} seconds.")
