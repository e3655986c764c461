"""Bounds of the connections that clients open: how many in all and of one address, and how long a request may take to come.

A request of which half is sent holds a connection and a file handle for as long as the client likes. Where handles run out
nobody is answered any more; so half of what the system allows stays for the index and the databases.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.auth.rate_limits import network_of
from assistant.auth.request import Network, is_in

PATIENCE = 15.0
"""Seconds that a client may take for a request, head and body, besides the time that its bytes need."""
SLOWEST = 8192
"""Bytes a second that a client must at least send."""
MOST = 4096
"""Connections in all, however many file handles there are."""
SHARE = 4
"""One address may have the fourth part of them: an office behind one address has many browsers, each with several."""
_USUAL = 1024
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """At most `most` connections, of one address a fourth of them; those of `proxies` are many people's and count in all
    only. `patience` is in seconds."""

    most: int
    proxies: Collection[Network] = ()
    patience: float = PATIENCE

    @property
    def an_address(self) -> int:
        return max(1, self.most // SHARE)


def most_connections() -> int:
    """Return how many connections the file handles of this process are enough for, half of them being needed elsewhere."""
    try:
        handles, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    except OSError:  # a sandbox may forbid to ask
        handles = _USUAL
    return MOST if handles == resource.RLIM_INFINITY else max(SHARE, min(MOST, handles // 2))


class OpenConnections:
    """Counts the connections that are open, in all and of each address."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._of: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count a connection, unless there are too many; False then."""
        network, limits = network_of(address), self._limits
        if self._of.total() >= limits.most or not is_in(address, limits.proxies) and self._of[network] >= limits.an_address:
            return False
        self._of[network] += 1
        return True

    def leave(self, address: str) -> None:
        """Take back what `enter` counted."""
        network = network_of(address)
        self._of[network] -= 1
        if not self._of[network]:
            del self._of[network]


def bounded_protocol(limits: ConnectionLimits) -> type[H11Protocol]:
    """Return uvicorn's protocol for HTTP within these limits; the connections of all its instances count together."""
    opened = OpenConnections(limits)

    class BoundedProtocol(H11Protocol):
        """Closes what is too much, and what does not come."""

        _address: str | None = None
        """None while the connection does not count."""
        _deadline: asyncio.TimerHandle | None = None
        _since = 0.0
        _received = 0

        def connection_made(self, transport: asyncio.Transport) -> None:
            peer: Any = transport.get_extra_info("peername")
            address = peer[0] if isinstance(peer, tuple) else ""
            if not opened.enter(address):
                transport.write(_FULL)
                transport.close()
                return
            self._address = address
            super().connection_made(transport)
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            if self._address is not None:
                opened.leave(self._address)
                self._address = None
                super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            self._received += len(data)
            super().data_received(data)
            if self.transport.is_closing() or self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
                self._stop_waiting()
            elif self._deadline is None:
                self._wait()

        def _wait(self) -> None:
            """Begin to count the time that the client takes."""
            self._since, self._received = self.loop.time(), 0
            self._deadline = self.loop.call_later(limits.patience, self._look)

        def _stop_waiting(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _look(self) -> None:
            """End the connection if the client is late; not where it is we who do not read on."""
            left = self._since + limits.patience + self._received / SLOWEST - self.loop.time()
            if self.flow.read_paused or self.conn.they_are_waiting_for_100_continue:
                self._wait()
            elif left > 0:
                self._deadline = self.loop.call_later(left, self._look)
            else:
                self._deadline = None
                self.transport.abort()

    return BoundedProtocol
