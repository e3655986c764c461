"""The outermost middleware: every request gets an id, a line in the log and a place in the metrics.

Pure ASGI: it passes bytes on as they come, so that a streamed answer is not held back.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any

from assistant.auth.accounts.identity import STATE
from assistant.operations.logs import FIELDS, REQUEST
from assistant.operations.prometheus_metrics import Metrics

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

SCOPE: ContextVar[MutableMapping[str, Any] | None] = ContextVar("scope", default=None)
"""The request that is being answered, for what is called without it."""
HEADER = b"x-request-id"
GONE = 499
"""Status in log and metrics of a request whose client went away before the end."""
UNMATCHED = "unmatched"
QUIET = {"/healthz", "/readyz", "/metrics"}
"""Asked every few seconds by machines: counted, and logged only when they fail."""

_NAMES = re.compile(r"(/gradio_api/+(?:heartbeat|stream|call/+(?:v2/+)?[^/]+)/+)[^/]+")
_ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
logger = logging.getLogger(__name__)


class RequestLog:
    """Gives `scope["state"]["request_id"]` and the header X-Request-ID; takes over a well-formed one of a proxy."""

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER, b"")
        request = given.decode("ascii") if _ACCEPTED.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request
        seen = _Seen()

        async def watched_receive() -> Message:
            message = await receive()
            seen.gone |= message["type"] == "http.disconnect" and not seen.whole
            return message

        async def watched_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (HEADER, request.encode())]}
            elif message["type"] == "http.response.body":
                seen.bytes += len(message.get("body", b""))
                seen.whole = not message.get("more_body", False)
            await send(message)

        tokens, started = (REQUEST.set(request), SCOPE.set(scope)), time.perf_counter()
        self._metrics.begun()
        try:
            await self._app(scope, watched_receive, watched_send)
        except BaseException:
            if not seen.gone:
                seen.status = 500
            raise
        finally:
            self._told(scope, seen, request, time.perf_counter() - started)
            REQUEST.reset(tokens[0])
            SCOPE.reset(tokens[1])

    def _told(self, scope: MutableMapping[str, Any], seen: _Seen, request: str, seconds: float) -> None:
        status = seen.status if seen.whole or not seen.gone else GONE
        route = getattr(scope.get("route"), "path", UNMATCHED)
        self._metrics.ended(scope["method"], route, status, seconds)
        caller = scope["state"].get(STATE)
        fields = {
            "request": request, "method": scope["method"], "path": without_names(scope["path"]), "status": status,
            "ms": round(seconds * 1000, 1), "bytes": seen.bytes, "client": (scope.get("client") or ("",))[0],
            "caller": caller.id if caller else "",
        }
        level = logging.ERROR if status >= 500 and status != 503 else logging.INFO
        if level > logging.INFO or scope["path"] not in QUIET:
            logger.log(level, "request", extra={FIELDS: fields})


def without_names(path: str) -> str:
    """Return a path without the session or event that it names: who reads the log need not know those of others.

    By the path and not by its route, for a request that is refused has none.
    """
    return _NAMES.sub(r"\1*", path)


class _Seen:
    """What has gone by of one request."""

    def __init__(self) -> None:
        self.status, self.bytes, self.whole, self.gone = 500, 0, False, False
