"""Which problem (RFC 9457) each error of the API is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assistant.service.answering import TooSlow, is_for_askers
from assistant.service.problem_details import json_bytes, problem, problem_response
from assistant.service.queue import COME_AGAIN, Busy
from assistant.storage.feedback import AnswerTooLarge
from index.errors import LinjianError, NotFound

T = TypeVar("T")
CODES = {400: "malformed", 401: "no_caller", 403: "not_allowed", 404: "not_found", 405: "wrong_method", 413: "too_large",
         415: "wrong_type", 422: "invalid", 429: "too_many", 500: "bug", 503: "unavailable"}
"""The code of a status where no closer one is known."""
UNFORESEEN = "Something unforeseen went wrong; the server's log says more."
UNAVAILABLE = "The server cannot do this at present; its log says why."
logger = logging.getLogger(__name__)
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


class Json(Response):
    """A JSON response."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json_bytes(content)


def problem_of_status(status: int, detail: str) -> dict[str, Any]:
    """Return the problem that a status is where nothing closer is known."""
    return problem(status, detail, code=CODES.get(status, "other"))


def problem_of(error: LinjianError) -> dict[str, Any]:
    """Return the problem that an error for people is; the log gets what only whoever runs the server should read."""
    match error:
        case Busy():
            return problem(503, str(error), code="busy")
        case TooSlow():
            return problem(503, str(error), code="too_slow")
        case NotFound():
            return problem(404, str(error), code="not_found")
        case AnswerTooLarge():
            return problem(413, str(error), code="too_large")
    if is_for_askers(error):
        return problem(503, str(error), code="unavailable")
    logger.error("not answered: %s", error)
    return problem(503, UNAVAILABLE, code="unavailable")


def respond(request: Request, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that carries a problem."""
    again = {"Retry-After": str(COME_AGAIN)} if body["status"] == 503 else {}
    return problem_response(request.url.path, body, {**again, **(headers or {})})


def add_handlers(app: FastAPI) -> None:
    """Let every error of the app become a problem; a bug keeps its traceback in the log."""

    @app.exception_handler(LinjianError)
    async def told(request: Request, error: LinjianError) -> Response:
        return respond(request, problem_of(error))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return respond(request, problem_of_status(error.status_code, str(error.detail)), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [{"field": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()[:MOST_ERRORS]]
        detail = "; ".join(f"{one['field']}: {one['message']}" for one in errors)
        return respond(request, problem(422, detail, code="invalid") | {"errors": errors})

    @app.exception_handler(Gone)
    async def gone(request: Request, error: Gone) -> Response:
        return Response(status_code=499)  # what proxies log for a client that closed the connection

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> Response:
        # The server closes the connection behind a bug; a client that is not told would ask again on it.
        return respond(request, problem(500, UNFORESEEN, code="bug"), {"Connection": "close"})
