"""No request to the API is larger than it can have a reason to be; a larger one is refused before it is read."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.problems import problem_of_status, respond
from assistant.service.channels import MCP, OPENAI, REST

LARGEST = {
    "/api/v1/feedback": 1024 * 1024,  # it holds an answer
    REST: 256 * 1024,
    OPENAI: 1024 * 1024,  # front ends send the whole conversation each time
    MCP: 256 * 1024,
}
"""Bytes of a request's body by the beginning of its path; the first that fits counts."""


class Bounded:
    """Answers 413 where a body is, or turns out to be, too large. What is mounted beside the API has no bound here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        most = next((size for start, size in LARGEST.items() if path.startswith(start)), None)
        if most is None:
            await self._app(scope, receive, send)
            return
        too_large = f"A request here has at most {most} bytes."
        length = Headers(scope=scope).get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > most:
            response = respond(Request(scope), problem_of_status(413, too_large), {"Connection": "close"})
            await response(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > most:
                raise HTTPException(413, too_large)
            return message

        await self._app(scope, counted, send)
