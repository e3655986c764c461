"""The line that questions wait in: a few are answered at a time, and each of the others is told how many are ahead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator


class Line:
    """First come, first served; `places` are served at once. Belongs to the one event loop of the server."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._tickets: list[object] = []
        self._moved = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many are not served yet."""
        return max(0, len(self._tickets) - self._places)

    def join(self) -> object:
        """Return a ticket; `leave` with it in any case."""
        ticket = object()
        self._tickets.append(ticket)
        return ticket

    def leave(self, ticket: object) -> None:
        """Let the next one in."""
        self._tickets.remove(ticket)
        self._moved.set()
        self._moved = asyncio.Event()

    async def ahead(self, ticket: object) -> AsyncIterator[int]:
        """Yield how many are ahead whenever that changes, and end when it is this one's turn."""
        told = 0
        while (now := self._tickets.index(ticket) - self._places + 1) > 0:
            moved = self._moved
            if now != told:
                told = now
                yield now
            await moved.wait()
