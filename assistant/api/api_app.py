"""The FastAPI app of the API: its routes, its errors, and its OpenAPI document at /api/v1/openapi.json."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from assistant.api.body_limit import Bounded
from assistant.api.mcp_tools import http_routes, tools_server
from assistant.api.openai_chat import chat_router
from assistant.api.problems import add_handlers
from assistant.api.routes import PREFIX, FeedbackKeeper, api_router
from assistant.api.types import Problem
from assistant.casebook.casebook import Casebooks
from assistant.service.answering import Answering
from assistant.service.channels import OPENAI, REST


def build_api(answering: Answering, *, version: str, examples: Mapping[str, Sequence[str]] | None = None,
              language: str = "zh", feedback: FeedbackKeeper | None = None, casebooks: Casebooks | None = None,
              routers: Sequence[APIRouter] = ()) -> FastAPI:
    """Return the app, with the routes of `routers` before its own; what is mounted at "/" later gets the other paths.

    `casebooks` are those that a page shares with it, where there is one.
    """

    tools = tools_server(answering, version)
    tool_routes = http_routes(tools)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with tools.session_manager.run():
            yield

    app = FastAPI(title="Linjian", version=version, summary="Answers from newspaper articles, each with its sources.",
                  openapi_url=f"{PREFIX}/openapi.json", docs_url=None, redoc_url=None, lifespan=lifespan,
                  separate_input_output_schemas=False)
    add_handlers(app)
    app.add_middleware(Bounded)
    for router in routers:
        app.include_router(router)
    app.include_router(api_router(answering, version=version, examples=examples or {}, language=language, feedback=feedback,
                                  casebooks=casebooks or Casebooks()))
    app.include_router(chat_router(answering))
    app.router.routes += [*tool_routes, _NoRoute(app)]
    described = app.openapi()  # made here once; FastAPI keeps it
    described["components"]["schemas"].update(Problem=Problem.model_json_schema(ref_template="#/components/schemas/{model}"))
    problem = described["components"]["schemas"]["Problem"]
    described["components"]["schemas"].update(problem.pop("$defs", {}))
    described["components"]["schemas"].pop("HTTPValidationError", None)
    described["components"]["schemas"].pop("ValidationError", None)
    return app


class _NoRoute(BaseRoute):
    """Takes the paths under our prefixes that no route before it takes, so that the chat's app does not: 405, or 404."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        ours = scope["type"] == "http" and f"{scope['path']}/".startswith((REST, OPENAI))
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        for route in self._app.router.routes:
            match, child = route.matches(scope) if route is not self else (Match.NONE, {})
            if match is Match.PARTIAL:
                scope.update(child)
                await route.handle(scope, receive, send)
                return
        raise HTTPException(404, "There is no such route. See what there is: /api/v1/openapi.json")
