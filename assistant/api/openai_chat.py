"""OpenAI's chat completions, so that existing chat front ends can use the assistant as the model "linjian".

The answer's text is followed by its sources; each [n] is also an annotation, and `linjian` holds the whole answer. A stream
sends the text when it has been checked: this protocol cannot take back a sentence that no passage carries.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assistant.answer.markdown import MARKER, harmless, plain
from assistant.answer.reference import BRIEF, reference, reprints
from assistant.api.problems import UNFORESEEN, Json, problem_of, respond, unless_gone
from assistant.api.routes import EVENTS, PREFIX, needs, problems
from assistant.api.sse import EVENTS_END, SCHEMA, Events, event
from assistant.api.types import NAME, PRINTED
from assistant.auth.accounts.identity import Role
from assistant.question.limits import LONGEST_QUESTION
from assistant.service.answering import Answering
from assistant.service.history import ask_of
from assistant.service.problem_details import openai_error, problem
from assistant.types import Answer, Ask, Draft
from index.errors import LinjianError

MODEL = "linjian"
logger = logging.getLogger(__name__)
LONGEST_MESSAGE = 20_000
MOST_MESSAGES = 400
USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
"""Tokens are nothing that the built-in answers are made of."""


Words = Annotated[str, Field(max_length=LONGEST_QUESTION, pattern=PRINTED)]


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class MessagePart(_Lenient):
    """A piece of a message; only text is read."""

    type: Literal["text"]
    text: Words


class UserMessage(_Lenient):
    """A question."""

    role: Literal["user"]
    content: Words | Annotated[list[MessagePart], Field(min_length=1, max_length=8)]

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)


class OtherMessage(_Lenient):
    """What the assistant said before; what a front end tells the model besides is not read."""

    role: Literal["assistant", "system", "developer", "tool"]
    content: Annotated[str, Field(max_length=LONGEST_MESSAGE)] | None = None


class StreamOptions(_Lenient):
    include_usage: StrictBool = False


class ChatTaken(_Lenient):
    """A conversation whose last question is to be answered. Other fields of the protocol are allowed and have no effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"model": MODEL, "messages": [{"role": "user", "content": "其他社区是怎么处理无物业小区的？"}]}]})

    model: Literal["linjian"]
    messages: list[Annotated[UserMessage | OtherMessage, Field(discriminator="role")]] = Field(
        min_length=1, max_length=MOST_MESSAGES,
        json_schema_extra={"contains": {"type": "object", "required": ["role"], "properties": {"role": {"const": "user"}}}})
    stream: StrictBool = False
    stream_options: StreamOptions | None = None


class ModelShape(BaseModel):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsShape(BaseModel):
    object: Literal["list"]
    data: list[ModelShape]


class ChatShape(BaseModel):
    """A chat completion of OpenAI's protocol; `linjian` is the whole answer."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, int]
    linjian: dict[str, Any]


def chat_router(answering: Answering) -> APIRouter:
    """Return the routes under /v1."""
    router = APIRouter(prefix="/v1", dependencies=[Depends(needs(Role.READER))], tags=["OpenAI-compatible"])
    row = {"id": MODEL, "object": "model", "created": int(time.time()), "owned_by": MODEL}

    @router.get("/models", response_model=ModelsShape, responses=problems(403))
    async def models() -> Response:
        """Return the one model that there is."""
        return Json({"object": "list", "data": [row]})

    @router.get("/models/{name}", response_model=ModelShape, responses=problems(403, 404, 422))
    async def model(name: Annotated[str, Path(min_length=1, max_length=NAME)], request: Request) -> Response:
        """Return the model of this name, which front ends ask for before they begin."""
        if name == MODEL:
            return Json(row)
        return respond(request, problem(404, f"There is no model {name!r}. There is {MODEL!r}.", code="model_not_found"))

    @router.post("/chat/completions", response_model=ChatShape, responses={
        200: {"description": "the completion, or with `stream` its chunks",
              "content": {EVENTS: {"schema": SCHEMA}}}} | problems(400, 403, 413, 422, 503))
    async def complete(asked: ChatTaken, request: Request) -> Response:
        """Answer the last question of a conversation."""
        ask = conversation(asked.messages)
        head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
        if asked.stream:
            usage = bool(asked.stream_options and asked.stream_options.include_usage)
            steps = await unless_gone(request, answering.steps(ask))
            return Events(_chunks(head, steps, usage=usage))
        answer = await unless_gone(request, answering.answer(ask))
        text, annotations = content(answer)
        message = {"role": "assistant", "content": text, "refusal": None, "annotations": annotations}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return Json({**head, "object": "chat.completion", "choices": [choice], "usage": USAGE, "linjian": answer.to_dict()})

    return router


def conversation(messages: Sequence[UserMessage | OtherMessage]) -> Ask:
    """Return the last question, after the turns before it; HTTPException when there is none that can be asked."""
    ask = ask_of([(m.role, m.text if isinstance(m, UserMessage) else m.content or "") for m in messages])
    if ask is None or not ask.question.strip() or len(ask.question) > LONGEST_QUESTION:
        raise HTTPException(422, f"messages: a question of role user is needed, of at most {LONGEST_QUESTION} characters.")
    return ask


def content(answer: Answer) -> tuple[str, list[dict[str, Any]]]:
    """Return the answer with its sources as Markdown in which nothing can act, and an annotation for each [n]."""
    titles = {c.number: reference(c, BRIEF) for c in answer.citations}
    ids = {c.number: c.passage_id for c in answer.citations}
    text = (f"> {plain(answer.notice)}\n\n" if answer.notice else "") + harmless(answer.text)
    annotations = [
        {"type": "url_citation", "url_citation": {
            "start_index": m.start(), "end_index": m.end(), "title": titles[int(m[1])],
            "url": f"{PREFIX}/passages/{quote(ids[int(m[1])], safe='')}"}}
        for m in MARKER.finditer(text) if int(m[1]) in titles]
    for c in answer.citations:
        lines = filter(None, [reference(c), c.quote, reprints(c.also_in, answer.language)])
        text += f"\n\n[{c.number}] " + "  \n".join(plain(" ".join(line.split())) for line in lines)
    return text, annotations


async def _chunks(head: dict[str, Any], steps: AsyncGenerator[Draft | Answer, None], *,
                  usage: bool) -> AsyncGenerator[bytes, None]:
    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]
        return event({**head, "object": "chat.completion.chunk", "choices": choices, **more})

    async with aclosing(steps):
        try:
            yield chunk({"role": "assistant", "content": ""})
            async for step in steps:
                if isinstance(step, Answer):
                    text, annotations = content(step)
                    for piece in re.findall(r".+?(?:\]|\n+|$)", text, flags=re.S):
                        yield chunk({"content": piece})
                    yield chunk({"annotations": annotations}, "stop", linjian=step.to_dict())
            if usage:
                yield event({**head, "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
            yield EVENTS_END
        except LinjianError as error:
            yield event({"error": openai_error(problem_of(error))})
        except Exception:
            # A bug: the log gets the traceback. Status 200 has been sent, so the stream must say it.
            logger.exception("no answer within a stream")
            yield event({"error": openai_error(problem(500, UNFORESEEN, code="bug"))})
