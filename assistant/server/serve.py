"""`linjian serve`: run the server until it is told to end, and let it finish the answers that are being written."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.server.connections import PATIENCE, ConnectionLimits, bounded_protocol, most_connections
from index.errors import LinjianError

if TYPE_CHECKING:  # imports gradio
    from assistant.server.application import Served

KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than clients wait that were told to come again (`Retry-After`)."""
GRACE = 30
"""Seconds that answers on their way get to be finished when the server is told to end."""


def serve(build: Callable[[], Served], *, host: str, port: int, login: bool = True, patience: float = PATIENCE) -> int:
    """Serve what `build` returns and print its address; returns 0 on SIGTERM, raises KeyboardInterrupt on Ctrl-C.

    With `login` false, the address comes with a warning. A client has `patience` seconds for a request, besides the time
    that its bytes need. Raises LinjianError when the address is taken.
    """
    import uvicorn

    with _listen(host, port) as listening:
        served = build()

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                print(f"Linjian 邻鉴: {_url(host, listening.getsockname()[1], login)}", flush=True)

            async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
                served.end_idle_streams()
                await super().shutdown(sockets)

        limits = ConnectionLimits(most_connections(), served.proxies, patience)
        config = uvicorn.Config(served.app, http=bounded_protocol(limits), log_config=None, access_log=False, ws="none",
                                server_header=False, timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=GRACE)
        # Uvicorn raises the signal anew when it has shut down; SIGTERM as it is would end us before the `with` blocks do.
        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            Server(config).run([listening])
        finally:
            signal.signal(signal.SIGTERM, before)
    return 0


def check_address(host: str, port: int) -> None:
    """Raise LinjianError when one cannot serve there: said early, it spares the loading of the model."""
    _listen(host, port).close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise LinjianError(
            f"Cannot serve on {host}, port {port}: {error.strerror or error}. "
            "Choose another: LINJIAN_PORT=7870 linjian serve (or set LINJIAN_HOST)"
        ) from error


def _url(host: str, port: int, login: bool) -> str:
    if host in ("0.0.0.0", "::"):
        return f"http://127.0.0.1:{port} (and every other address of this machine{'' if login else ', without a login'})"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
