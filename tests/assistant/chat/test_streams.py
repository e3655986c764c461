"""A join is not answered before the page can know that its stream has ended."""

import asyncio
import json
import time

import pytest
from starlette.types import Message, Receive, Scope, Send

from assistant.chat.gradio_fixes.streams import StreamsInOrder

MOMENT = 1.0


async def gradio(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands for Gradio's app: the stream ends at once, a join is answered at once."""
    if scope["path"].endswith("/join"):
        await receive()
    body = b'data: {"msg":"process_completed"}\n\ndata: {"msg":"close_stream"}\n\n' if scope["path"].endswith("/data") else b"{}"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def called(app: StreamsInOrder, path: str, query: str = "", body: bytes = b"") -> float:
    """Return the seconds until the response began."""
    begun, said = time.monotonic(), []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        said.append((message["type"], time.monotonic() - begun))

    await app({"type": "http", "path": path, "query_string": query.encode()}, receive, send)
    assert [kind for kind, _ in said] == ["http.response.start", "http.response.body"]
    return said[0][1]


@pytest.mark.parametrize(("body", "held"), [
    pytest.param(json.dumps({"session_hash": "mine", "data": [None, "问"]}).encode(), True, id="same session"),
    pytest.param(json.dumps({"session_hash": "other", "data": ['"session_hash":"mine"']}).encode(), False, id="another session"),
    pytest.param(b"[1]", False, id="no session"),
    pytest.param(b"\xff{", False, id="no JSON"),
])
def test_a_join_waits_for_the_end_of_its_own_stream_only(body: bytes, held: bool) -> None:
    async def scene() -> float:
        app = StreamsInOrder(gradio, MOMENT)
        await called(app, "/gradio_api/queue/data", "session_hash=mine")
        return await called(app, "/gradio_api/queue/join", body=body)

    waited = asyncio.run(scene())
    assert (waited > MOMENT * 0.9) if held else (waited < MOMENT * 0.5)


def test_later_joins_and_other_paths_do_not_wait_and_nothing_is_kept() -> None:
    async def scene() -> tuple[float, float, float]:
        app, body = StreamsInOrder(gradio, MOMENT), json.dumps({"session_hash": "mine"}).encode()
        first = await called(app, "/gradio_api/queue/join", body=body)
        await called(app, "/gradio_api/queue/data", "session_hash=mine")
        page = await called(app, "/theme.css")
        await asyncio.sleep(2 * MOMENT + 0.1)
        assert app._ended == {}
        return first, page, await called(app, "/gradio_api/queue/join", body=body)

    assert max(asyncio.run(scene())) < MOMENT * 0.5
