"""The routes under /api/v1. Each says which role it needs; the guard has said before who is calling."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assistant.api import types
from assistant.api.case_shapes import CasesAsked, CasesShape, cases_in_json
from assistant.api.claim_verification import VerificationShape, VerifyTaken, verify
from assistant.api.problems import Json, unless_gone
from assistant.api.sse import SCHEMA, Events, answer_events
from assistant.api.types import AskTaken, FeedbackTaken, SearchTaken, find, in_json, passage_in_json, turns
from assistant.auth.accounts.identity import Role, caller_of
from assistant.casebook.casebook import Casebooks
from assistant.casebook.selection import selected
from assistant.service.answering import Answering
from assistant.service.problem_details import MEDIA_TYPE
from assistant.storage.types import Feedback
from assistant.types import Answer, Ask, Turn

PREFIX = "/api/v1"
EVENTS = "text/event-stream"
Language = Annotated[Literal["zh", "en"] | None, Query(alias="language")]


class FeedbackKeeper(Protocol):
    """Keeps what people say of answers."""

    def add(self, owner: str, answer: Answer, feedback: Feedback, history: Sequence[Turn] = ()) -> int: ...


def needs(role: Role) -> Callable[[Request], Awaitable[None]]:
    """Return the dependency that refuses callers of a lower role."""

    async def check(request: Request) -> None:
        caller = caller_of(request.scope)
        if caller.role < role:
            raise HTTPException(403, f"This needs the role {role.name.lower()}; {caller.id} is {caller.role.name.lower()}.")

    return check


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of these errors."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    said = {
        400: "the body cannot be read", 403: "the caller may not do this", 404: "there is none",
        413: "the body is too large", 422: "a field is wrong",
        503: "busy, too slow or not ready: come again after `Retry-After` seconds",
    }
    return {status: {"description": said[status], "content": {MEDIA_TYPE: schema}} for status in statuses}


def api_router(answering: Answering, *, version: str, examples: Mapping[str, Sequence[str]], language: str,
               feedback: FeedbackKeeper | None, casebooks: Casebooks) -> APIRouter:
    """Return the routes; `examples` are questions to begin with, by language."""
    router = APIRouter(prefix=PREFIX, dependencies=[Depends(needs(Role.READER))], tags=["REST"])
    tried: dict[str, tuple[str, list[str]]] = {}

    @router.post("/ask", response_model=types.AnswerShape, responses={
        200: {"description": "the answer, or events: `text` (all of it so far), `claims`, `citations`, then `done` with the "
                             "whole answer, or `error` with a problem",
              "content": {EVENTS: {"schema": SCHEMA}}},
        **problems(400, 403, 413, 422, 503)})
    async def ask(asked: AskTaken, request: Request) -> Response:
        """Answer a question from the articles, every sentence with its source; or refuse."""
        question = Ask(asked.question, turns(asked.history), asked.filters.filters())
        if asked.stream or EVENTS in request.headers.get("accept", ""):
            return Events(answer_events(await unless_gone(request, answering.steps(question))))
        answer = await unless_gone(request, answering.answer(question))
        return Json(answer.to_dict())

    @router.post("/search", response_model=types.SearchShape, responses=problems(400, 403, 413, 422, 503))
    async def search(asked: SearchTaken, request: Request) -> Response:
        """Find passages as a question does, without an answer."""
        found = answering.value(lambda: find(answering.current(), asked.query, asked.k, asked.filters.filters()))
        return Json(await unless_gone(request, found))

    @router.post("/verify", response_model=VerificationShape, responses=problems(400, 403, 404, 413, 422, 503))
    async def check_claims(asked: VerifyTaken, request: Request) -> Response:
        """Check claims against passages that are sent along, or against articles: what of each is carried, and by what."""
        checked = answering.value(lambda: verify(answering.current(), asked))
        return Json((await unless_gone(request, checked)).model_dump())

    @router.get("/articles/{article_id}", response_model=types.ArticleShape, responses=problems(403, 404, 422))
    async def article(article_id: Annotated[str, Path(min_length=1, max_length=types.NAME)]) -> Response:
        """Return one article with its paragraphs."""
        return Json(in_json(answering.current().index.article(article_id)))

    @router.get("/passages/{passage_id}", response_model=types.PassageShape, responses=problems(403, 404, 422))
    async def passage(passage_id: Annotated[str, Path(min_length=1, max_length=types.NAME)]) -> Response:
        """Return one passage with where it stands."""
        index = answering.current().index
        found = index.passage(passage_id)
        return Json(passage_in_json(found, index.article(found.article_id)))

    @router.get("/places", response_model=types.PlacesShape, responses=problems(403))
    async def places() -> Response:
        """Return what the filters can be set to: places as a tree, newspapers and months, each with its articles counted."""
        index = answering.current().index
        return Json({"index_version": index.version, **asdict(index.facets)})

    @router.get("/cases", response_model=CasesShape, responses=problems(403, 422, 503))
    async def cases(asked: Annotated[CasesAsked, Query()], request: Request) -> Response:
        """Return the cases of the library, a page of twenty, by topic, place, newspaper, month or words, with counts."""
        return Json(cases_in_json(*await unless_gone(request, selected(answering, casebooks, asked.selection()))))

    @router.get("/suggestions", response_model=types.SuggestionsShape, responses=problems(403, 422, 503))
    async def suggestions(request: Request, wanted: Language = None) -> Response:
        """Return questions to begin with: those written for these articles, else some that were tried on them."""
        chosen, assistant = wanted or language, answering.current()
        questions, version = list(examples.get(chosen, ())), assistant.index.version
        if not questions and tried.get(chosen, ("",))[0] != version:
            tried[chosen] = version, await unless_gone(request, answering.value(lambda: assistant.starters(chosen)))
        return Json({"language": chosen, "questions": questions or tried[chosen][1]})

    @router.get("/version", response_model=types.VersionShape, responses=problems(403))
    async def running() -> Response:
        """Return which release answers from which version of the index."""
        index = answering.current().index
        return Json({"version": version, "index_version": index.version, "articles": len(index.articles())})

    if feedback is not None:
        @router.post("/feedback", status_code=201, response_model=types.StoredShape,
                     responses=problems(400, 403, 413, 422, 503))
        async def give_feedback(given: FeedbackTaken, request: Request) -> Response:
            """Keep what somebody says of an answer, for whoever improves the assistant."""
            said = Feedback(given.verdict, tuple(given.reasons), given.comment)
            answer = Answer.from_dict(given.answer.model_dump())
            owner = caller_of(request.scope).id
            number = await run_in_threadpool(feedback.add, owner, answer, said, turns(given.history))
            return Json({"id": number}, 201)

    return router
