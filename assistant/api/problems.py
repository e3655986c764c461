"""Every error of the API as a problem (RFC 9457): `status`, `title`, `detail` and a `code` that programs can rely on.

Under /v1 the same body has an `error` as the clients of OpenAI's protocol look for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assistant.service.answering import TooSlow
from assistant.service.queue import COME_AGAIN, Busy
from index.errors import LinjianError, NotFound

T = TypeVar("T")
MEDIA_TYPE = "application/problem+json"
OPENAI_PREFIX = "/v1/"
CODES = {400: "malformed", 401: "no_caller", 403: "not_allowed", 404: "not_found", 405: "wrong_method", 413: "too_large",
         415: "wrong_type", 422: "invalid", 429: "too_many", 500: "bug", 503: "unavailable"}
"""The code of a status where no closer one is known."""
UNFORESEEN = "Something unforeseen went wrong; the server's log says more."
MOST_ERRORS = 20


class Gone(Exception):
    """The client hung up: there is nobody to answer."""


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; when the client hangs up before, end it and raise Gone."""

    async def hung_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, gone = asyncio.create_task(work), asyncio.create_task(hung_up())
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Gone
        return working.result()
    finally:
        for task in (working, gone):
            task.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)


def json_bytes(value: Any) -> bytes:
    """Return JSON in UTF-8; half of a surrogate pair, which JSON can hold, becomes JSON's own escape."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")


class Json(Response):
    """A JSON response."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json_bytes(content)


def problem(status: int, detail: str, *, code: str = "", errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """Return the body of a problem."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail,
            "code": code or CODES.get(status, "other")}
    return body | ({"errors": errors} if errors else {})


def problem_of(error: LinjianError) -> dict[str, Any]:
    """Return the problem that an error for people is."""
    match error:
        case Busy():
            return problem(503, str(error), code="busy")
        case TooSlow():
            return problem(503, str(error), code="too_slow")
        case NotFound():
            return problem(404, str(error))
    return problem(503, str(error))


def respond(request: Request, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that carries a problem."""
    if request.url.path.startswith(OPENAI_PREFIX):
        kind = "invalid_request_error" if body["status"] < 500 else "server_error"
        body = {**body, "error": {"message": body["detail"], "type": kind, "param": None, "code": body["code"]}}
    headers = dict(headers or {})
    if body["status"] == 503:
        headers.setdefault("Retry-After", str(COME_AGAIN))
    return Response(json_bytes(body), body["status"], headers, MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Let every error of the app become a problem; a bug keeps its traceback in the log."""

    @app.exception_handler(LinjianError)
    async def told(request: Request, error: LinjianError) -> Response:
        return respond(request, problem_of(error))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return respond(request, problem(error.status_code, str(error.detail)), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [{"field": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()[:MOST_ERRORS]]
        detail = "; ".join(f"{one['field']}: {one['message']}" for one in errors)
        return respond(request, problem(422, detail, errors=errors))

    @app.exception_handler(Gone)
    async def gone(request: Request, error: Gone) -> Response:
        return Response(status_code=499)  # what proxies log for a client that closed the connection

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> Response:
        # The server closes the connection behind a bug; a client that is not told would ask again on it.
        return respond(request, problem(500, UNFORESEEN), {"Connection": "close"})
