"""The casebook's routes: the cards, the overview, and an article with its cases. They belong behind the guard."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from assistant.auth.security_headers import page_policy
from assistant.casebook import casebook_view
from assistant.casebook.casebook import Casebooks
from assistant.casebook.casebook_view import Tongue
from assistant.casebook.related_cases import related
from assistant.casebook.selection import Selection, selected
from assistant.locales.loader import LANGUAGES, accepted_language
from assistant.service.answering import Answering, TooSlow
from assistant.service.queue import COME_AGAIN, Busy
from index.errors import NotFound


def casebook_routes(answering: Answering, casebooks: Casebooks, language: str) -> APIRouter:
    """Return the routes; `language` is spoken to browsers that name none that we speak. None is in the documented API."""
    router = APIRouter(include_in_schema=False)
    style = files("assistant.casebook").joinpath("static", "casebook.css").read_text("utf-8")
    pages = {"/cases": casebook_view.cases_page, "/cases/overview": casebook_view.overview_page}

    @router.get("/cases/static/casebook.css")
    async def styled() -> Response:
        return Response(style, headers={"Cache-Control": "private, max-age=300"}, media_type="text/css; charset=utf-8")

    @router.get("/cases")
    @router.get("/cases/overview")
    async def browsed(request: Request) -> Response:
        tongue, wanted = _tongue(request, language), Selection.of(request.query_params)
        try:
            book, shown = await selected(answering, casebooks, wanted)
        except (Busy, TooSlow):
            busy = casebook_view.message_page(tongue, tongue.text["busy"])
            return _html(busy, 503, {"Retry-After": str(COME_AGAIN)})
        return _html(pages[request.url.path](tongue, book, wanted, shown))

    @router.get("/cases/article/{article_id}")
    async def read(article_id: str, request: Request) -> Response:
        return await run_in_threadpool(article, article_id, request.query_params.get("case", ""), _tongue(request, language))

    def article(article_id: str, number: str, tongue: Tongue) -> Response:
        index = answering.current().index
        try:
            found, book = index.article(article_id), casebooks.of(index)
        except NotFound:
            return _html(casebook_view.message_page(tongue, tongue.text["gone"]), 404)
        cards = book.of_article(article_id)
        card = next((one for one in cards if str(one.number) == number), cards[0] if cards else None)
        near = related(book, card, index) if card else []
        return _html(casebook_view.article_page(tongue, book, found, card, near))

    return router


def _tongue(request: Request, language: str) -> Tongue:
    wanted = request.query_params.get("lang", "")
    if wanted in LANGUAGES:
        return Tongue(wanted, said=True)
    return Tongue(accepted_language(request.headers.get("accept-language", ""), language), said=False)


def _html(html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    ours = {"Content-Security-Policy": page_policy(), "Cache-Control": "no-store"}
    return HTMLResponse(html, status, {**ours, **(headers or {})})
