"""A fault of the server is told without its files: the log has them. Run: python -m pytest -q
tests/assistant/api/test_server_faults.py"""

import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.api.api_app import build_api
from assistant.api.problems import UNAVAILABLE
from assistant.chat.state.answer_stream import answer_stream
from assistant.chat.state.session import Entry
from assistant.locales.loader import words
from assistant.service.answering import Answering, Answers
from assistant.service.queue import Queue
from assistant.storage.feedback import FeedbackStore
from index.errors import DamagedIndex, MissingIndex, NotFound, Unwritable
from tests.fakes.api_server import As
from tests.fakes.chat_assistant import FakeAssistant, answer
from tests.fakes.live_server import running

QUESTION = "停车难怎么办？"
CHAT = {"model": "linjian", "messages": [{"role": "user", "content": QUESTION}]}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": QUESTION}}}
ASKED = [
    ("/api/v1/ask", {"question": QUESTION}, 503), ("/api/v1/ask", {"question": QUESTION, "stream": True}, 200),
    ("/api/v1/search", {"query": QUESTION}, 503), ("/v1/chat/completions", CHAT, 503),
    ("/v1/chat/completions", {**CHAT, "stream": True}, 200), ("/mcp", CALL, 200),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def url(home: Path) -> Iterator[str]:
    """An API whose index is gone, and whose conversations are damaged."""

    def current() -> Answers:
        raise MissingIndex(f"There is no index in {str(home)!r}. Fill it: linjian index add FOLDER")

    feedback = FeedbackStore(home)
    (home / "conversations.sqlite").write_bytes(b"no database" * 1000)
    with running(As(build_api(Answering(current, Queue(2)), version="1", examples={}, feedback=feedback))) as url:
        yield url


@pytest.mark.parametrize(("path", "body", "status"), ASKED, ids=lambda value: str(value)[:60])
def test_no_channel_tells_a_path(url: str, home: Path, path: str, body: dict, status: int, caplog: pytest.LogCaptureFixture) -> None:
    accept = "application/json, text/event-stream" if path == "/mcp" else "application/json"
    told = httpx.post(f"{url}{path}", json=body, headers={"accept": accept}, trust_env=False, timeout=60)
    assert (told.status_code, UNAVAILABLE in told.text) == (status, True), told.text
    assert str(home) not in told.text
    assert "linjian" not in told.text.replace('"model": "linjian"', "").replace("urn:linjian", "")
    assert f"There is no index in {str(home)!r}" in caplog.text


def test_a_damaged_store_is_told_without_its_path(url: str, home: Path, caplog: pytest.LogCaptureFixture) -> None:
    body = {"answer": answer(QUESTION).to_dict(), "verdict": "up"}
    told = httpx.post(f"{url}/api/v1/feedback", json=body, trust_env=False, timeout=60)
    assert (told.status_code, told.json()["detail"]) == (503, UNAVAILABLE), told.text
    assert str(home) in caplog.text


@pytest.mark.parametrize("fault", [DamagedIndex, MissingIndex, Unwritable])
def test_the_chat_tells_no_path(fault: type[Exception], caplog: pytest.LogCaptureFixture) -> None:
    def steps() -> Iterator[None]:
        raise fault("'/srv/linjian/lexical' is damaged. Mend the index: linjian index rebuild")
        yield

    (shown,) = answer_stream(steps(), FakeAssistant().index, Entry(QUESTION, ""), 1, words("zh").chat)
    assert shown.reply == words("zh").chat["unavailable"]
    assert "/srv/linjian/lexical" in caplog.text


def test_what_is_for_whoever_asks_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def steps() -> Iterator[None]:
        raise NotFound("No article 'a1' in index version 7.")
        yield

    with caplog.at_level(logging.WARNING):
        (shown,) = answer_stream(steps(), FakeAssistant().index, Entry(QUESTION, ""), 1, words("zh").chat)
    assert "a1" in shown.reply
    assert not caplog.records
