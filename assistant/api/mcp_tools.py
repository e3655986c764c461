"""The assistant as tools of the Model Context Protocol: `linjian mcp` over stdin and stdout, and /mcp of the server."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.answer.reference import PLAIN, plain_text, reference
from assistant.api.problems import problem_of
from assistant.api.types import (
    MOST_FOUND,
    AnswerShape,
    ArticleShape,
    FiltersTaken,
    Name,
    Question,
    SearchShape,
    TurnTaken,
    find,
    in_json,
    turns,
)
from assistant.question.limits import REMEMBERED_TURNS
from assistant.service.answering import Answering
from assistant.service.problem_details import json_bytes
from assistant.types import Ask
from index.errors import LinjianError
from index.search.filters import UNBOUNDED

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
History = Annotated[Sequence[TurnTaken], Field(max_length=REMEMBERED_TURNS, description="earlier turns, the oldest first")]
Most = Annotated[int, Field(ge=1, le=MOST_FOUND, description="passages at most")]
INSTRUCTIONS = (
    "Answers from local-newspaper articles on community governance (Chinese), every sentence with its source. "
    "Cite what you use with newspaper, date and headline. What is refused is not in the articles: do not fill it in."
)


def tools_server(answering: Answering, version: str) -> MCPServer:
    """Return the server with its tools `ask`, `search` and `read_article`; errors for people become tool errors."""
    with _logging_kept():
        server = MCPServer("linjian", version=version, instructions=INSTRUCTIONS, subscriptions=False)

    @server.tool(title="Ask the articles", annotations=READS)
    async def ask(question: Question, history: History = (), filters: FiltersTaken | None = None,
                  ) -> Annotated[CallToolResult, AnswerShape]:
        """Answer a question from the articles with numbered citations, or say that they do not answer it."""
        bounds = filters.filters() if filters else UNBOUNDED
        with _told():
            answer = await answering.answer(Ask(question, turns(history), bounds))
        return _result(plain_text(answer), answer.to_dict())

    @server.tool(title="Search the articles", annotations=READS)
    async def search(query: Question, k: Most = 10, filters: FiltersTaken | None = None,
                     ) -> Annotated[CallToolResult, SearchShape]:
        """Find passages of articles, best first; read a whole article with read_article."""
        bounds = filters.filters() if filters else UNBOUNDED
        with _told():
            found = await answering.value(lambda: find(answering.current(), query, k, bounds))
        return _result("\n\n".join(map(_hit, found["results"])) or "Nothing was found.", found)

    @server.tool(title="Read an article", annotations=READS)
    async def read_article(article_id: Name) -> Annotated[CallToolResult, ArticleShape]:
        """Return the whole text of an article by its id, as `ask` and `search` name it."""
        with _told():
            article = in_json(answering.current().index.article(article_id))
        paragraphs = ["".join(s["text"] for s in p["sentences"]) for p in article["paragraphs"]]
        return _result("\n\n".join([_head(article), *paragraphs]), article)

    return server


def http_routes(server: MCPServer) -> list[BaseRoute]:
    """Return the routes /mcp and /mcp/ (streamable HTTP, no sessions); they answer while `server.session_manager.run()` is
    entered.

    Which hosts and origins may ask is the guard's to decide, not the library's.
    """
    open_to_all = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    (route,) = server.streamable_http_app(streamable_http_path="/mcp", stateless_http=True, json_response=True,
                                          transport_security=open_to_all).routes
    return [Route(path, _AcceptingAny(route.app)) for path in ("/mcp", "/mcp/")]


class _AcceptingAny:
    """Lets a request that names no type accept any (RFC 9110, 12.5.1), which the library refuses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if all(name != b"accept" for name, _ in scope["headers"]):
            scope = {**scope, "headers": [*scope["headers"], (b"accept", b"*/*")]}
        await self._app(scope, receive, send)


@contextmanager
def _logging_kept() -> Iterator[None]:
    """Keep the library from setting up the logging of the whole program, as it does where nothing is set up yet."""
    root, here = logging.getLogger(), logging.NullHandler()
    root.addHandler(here)
    try:
        yield
    finally:
        root.removeHandler(here)


@contextmanager
def _told() -> Iterator[None]:
    """Let an error reach the model that called the tool, in words for whoever asks."""
    try:
        yield
    except LinjianError as error:
        raise ToolError(problem_of(error)["detail"]) from error


def _result(text: str, shape: dict[str, Any]) -> CallToolResult:
    """Return both: words for the model, and what the library compares with the tool's schema, as JSON has it (no tuples)."""
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=json.loads(json_bytes(shape)))


def _head(record: dict[str, Any]) -> str:
    return reference(None, **{name: record[name] for name in PLAIN.parts})


def _hit(hit: dict[str, Any]) -> str:
    return f"{_head(hit)}\narticle_id: {hit['article_id']}\n{hit['text']}"
