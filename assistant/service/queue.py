"""The one queue that questions of all channels stand in: so many are answered at once, the others wait in order.

It belongs to the event loop of the server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from anyio import CapacityLimiter, WouldBlock, fail_after

from index.errors import LinjianError

PATIENCE = 20.0
"""Seconds that a question waits when nobody sees its place in the queue; then its asker is told to come again."""
CROWD = 3
"""As soon as this many wait, answers are quick ones."""
COME_AGAIN = 5
"""Seconds after which it is worth trying again."""


class Busy(LinjianError):
    """Seen by those who ask while as many questions as possible are being answered or are waiting."""


@dataclass(slots=True, eq=False)
class Place:
    """A place in the queue; `moved` is called with how many are ahead, whenever that changes."""

    moved: Callable[[int], None] | None
    ahead: int = 0


class Queue:
    """First come, first served; `at_once` are served at a time."""

    def __init__(self, at_once: int, longest: int | None = None, patience: float = PATIENCE) -> None:
        """Those who cannot see how many are ahead wait for `patience` seconds, and only while fewer than `longest` wait
        (None: four times those served)."""
        self._limiter = CapacityLimiter(at_once)
        self._longest, self._patience = 4 * at_once if longest is None else longest, patience
        self._waiting: dict[Place, None] = {}

    @property
    def waiting(self) -> int:
        """How many are not served yet."""
        return len(self._waiting)

    @property
    def served(self) -> int:
        """How many are served now."""
        return int(self._limiter.borrowed_tokens)

    async def enter(self, moved: Callable[[int], None] | None = None) -> Place:
        """Wait for one's turn; `leave` with the place in any case. With `moved` one waits as long as it takes.

        Raises Busy when the queue is too long for one who cannot see it.
        """
        place = Place(moved)
        try:
            self._limiter.acquire_on_behalf_of_nowait(place)
        except WouldBlock:
            await self._wait(place)
        return place

    def leave(self, place: Place) -> None:
        """Let the next one in."""
        self._limiter.release_on_behalf_of(place)

    async def _wait(self, place: Place) -> None:
        blind = place.moved is None
        if blind and len(self._waiting) >= self._longest:
            raise _busy()
        self._waiting[place] = None
        self._tell()
        try:
            with fail_after(self._patience if blind else None):
                await self._limiter.acquire_on_behalf_of(place)
        except TimeoutError:
            raise _busy() from None
        finally:
            del self._waiting[place]
            self._tell()

    def _tell(self) -> None:
        """Tell those whose number has changed how many are ahead: the first waits for one of those being served."""
        for ahead, place in enumerate(self._waiting, start=1):
            if place.moved and place.ahead != ahead:
                place.ahead = ahead
                place.moved(ahead)


def _busy() -> Busy:
    return Busy(f"As many questions as possible are being answered. Please ask again in {COME_AGAIN} seconds.")
