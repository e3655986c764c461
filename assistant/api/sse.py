"""Server-sent events: an answer as it grows, or chunks of OpenAI's protocol."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import StreamingResponse

from assistant.api.problems import UNFORESEEN, problem_of
from assistant.service.problem_details import json_bytes, problem
from assistant.types import Answer, Draft
from index.errors import LinjianError

logger = logging.getLogger(__name__)
QUIET = 15.0
"""Seconds of silence after which a comment is sent, lest a proxy take the connection for dead."""
SCHEMA = {"type": "object", "required": ["data"],
          "properties": {"event": {"type": "string"}, "data": {"type": "string", "description": "one line of JSON"}}}
"""One event, for the OpenAPI document."""
EVENTS_END = b"data: [DONE]\n\n"
"""Ends a stream of OpenAI's protocol."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Events(StreamingResponse):
    """Sends the bytes of `events`, and a comment while there are none."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(_never_quiet(events), headers=HEADERS)


def event(data: Any, name: str | None = None) -> bytes:
    """Return one event whose data is JSON."""
    return format_sse_event(data_str=json_bytes(data).decode("utf-8"), event=name)


async def answer_events(steps: AsyncGenerator[Draft | Answer, None]) -> AsyncGenerator[bytes, None]:
    """Yield `text` (all of it so far: show it in place of what was shown), `claims`, `citations` and last `done` or `error`.

    `done` holds the whole answer, whose text may differ from the last one shown: it is the one that counts.
    """
    async with aclosing(steps):
        try:
            async for step in steps:
                if isinstance(step, Answer):
                    shape = step.to_dict()
                    yield event({"text": shape["text"]}, "text")
                    yield event({"claims": shape["claims"]}, "claims")
                    yield event({"citations": shape["citations"]}, "citations")
                    yield event(shape, "done")
                elif step.text:
                    yield event({"text": step.text}, "text")
        except LinjianError as error:
            yield event(problem_of(error), "error")
        except Exception:
            # A bug: the log gets the traceback. Status 200 has been sent, so the stream must say it.
            logger.exception("no answer within a stream")
            yield event(problem(500, UNFORESEEN, code="bug"), "error")


async def _never_quiet(events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Yield the events, and a comment whenever there was none for a while."""
    async with aclosing(events):
        coming = asyncio.ensure_future(anext(events, None))
        try:
            while True:
                done, _ = await asyncio.wait({coming}, timeout=QUIET)
                if not done:
                    yield KEEPALIVE_COMMENT
                    continue
                sent = coming.result()
                if sent is None:
                    return
                yield sent
                coming = asyncio.ensure_future(anext(events, None))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
