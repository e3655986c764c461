"""What the line of a request tells. Run: python -m pytest -q tests/assistant/operations/test_request_log.py"""

import asyncio
import logging

import httpx
import pytest
from starlette.responses import PlainTextResponse

from assistant.operations.logs import FIELDS
from assistant.operations.prometheus_metrics import Metrics
from assistant.operations.request_log import RequestLog


@pytest.mark.parametrize(("path", "told"), [
    ("/gradio_api/heartbeat/k3y0fanna", "/gradio_api/heartbeat/*"),
    ("/gradio_api/heartbeat/k3y0fanna/", "/gradio_api/heartbeat/*/"),
    ("/library/gradio_api//heartbeat/k3y0fanna", "/library/gradio_api//heartbeat/*"),
    ("/gradio_api/heartbeat/k3%0Ay0fanna", "/gradio_api/heartbeat/*"),
    ("/gradio_api/call/ask/k3y0fanna", "/gradio_api/call/ask/*"),
    ("/gradio_api/call/v2/ask/k3y0fanna", "/gradio_api/call/v2/ask/*"),
    ("/gradio_api/stream/k3y0fanna/r/1/playlist.m3u8", "/gradio_api/stream/*/r/1/playlist.m3u8"),
    ("/gradio_api/queue/data?session_hash=k3y0fanna", "/gradio_api/queue/data"),
    ("/gradio_api/call/ask", "/gradio_api/call/ask"),
    ("/api/v1/passages/p1", "/api/v1/passages/p1"),
])
def test_no_session_and_no_event_is_named_in_the_log(path: str, told: str, caplog: pytest.LogCaptureFixture) -> None:
    async def ask() -> None:
        app = RequestLog(PlainTextResponse("no", 404), Metrics())  # no route: also a refused request is one line
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            await client.get(path)

    with caplog.at_level(logging.INFO, "assistant.operations.request_log"):
        asyncio.run(ask())
    (line,) = (record for record in caplog.records if record.message == "request")
    assert getattr(line, FIELDS)["path"] == told
