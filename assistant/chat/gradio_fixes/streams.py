"""Keeps Gradio's page from losing an answer that is asked for while its stream of events is being closed.

The page reads all its events from one stream, /queue/data, which the server closes when nothing is left to tell. A new
event is announced by the response of /queue/join; if the page gets that response before it has got the end of the
stream, it believes the stream open and never opens another one: the answer is written and nobody sees it.
"""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOMENT = 0.5
"""Seconds that a page is given to notice the end of its stream."""
_END = b'"msg":"close_stream"'


class StreamsInOrder:
    """Holds the response of a join back until the end of its session's last stream is `moment` seconds old."""

    def __init__(self, app: ASGIApp, moment: float = MOMENT) -> None:
        self._app, self._moment = app, moment
        self._ended: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path.endswith("/queue/data"):
            session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
            await self._app(scope, receive, self._noting(session, send))
        elif path.endswith("/queue/join"):
            await self._join(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _noting(self, session: str, send: Send) -> Send:
        async def noted(message: Message) -> None:
            if _END in message.get("body", b""):
                loop = asyncio.get_running_loop()
                self._ended[session] = loop.time()
                loop.call_later(2 * self._moment, self._forget, session, self._ended[session])
            await send(message)

        return noted

    def _forget(self, session: str, ended: float) -> None:
        if self._ended.get(session) == ended:
            del self._ended[session]

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()

        async def read() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def held(message: Message) -> None:
            if message["type"] == "http.response.start":
                ended = self._ended.get(_session_of(body))
                if ended is not None:
                    await asyncio.sleep(max(0.0, ended + self._moment - asyncio.get_running_loop().time()))
            await send(message)

        await self._app(scope, read, held)


def _session_of(body: bytes | bytearray) -> str:
    try:
        return str(json.loads(body)["session_hash"])
    except (ValueError, KeyError, TypeError):
        return ""  # Gradio has refused it
