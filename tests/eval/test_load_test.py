"""The load tool, against a small server that says no, fails, forgets or mixes up as it is told.

Run: python -m pytest -q tests/eval/test_load_test.py
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse

import app
from eval.load_test.chat_clients import CONVERSATION, conversation, messages_in
from eval.load_test.clients import percentile
from tests.fakes.live_server import running

QUESTIONS = [f"第{n}问？" for n in range(50)]


class Small:
    """A server like ours from outside. `slots` are answered at once; `mixes` gives an answer that is another's."""

    def __init__(self, *, slots: int = 100, takes: float = 0.02, fails: bool = False, mixes: bool = False, told: bool = True) -> None:
        self.running, self.left, self.sessions, self.events = 0, 0, {}, {}
        self.app = app = FastAPI()

        @app.post("/api/v1/ask")
        async def ask(request: Request) -> JSONResponse:
            question = (await request.json())["question"]
            if fails and question.endswith("7问？"):
                return JSONResponse({}, 500)
            if self.running >= slots:
                return JSONResponse({}, 503, {"Retry-After": "0.1"} if told else {})
            self.running += 1
            try:
                for _ in range(10):
                    if await request.is_disconnected():
                        self.left += 1
                        return JSONResponse({})
                    await asyncio.sleep(takes / 10)
                return JSONResponse({"question": "another" if mixes else question})
            finally:
                self.running -= 1

        @app.post("/gradio_api/call/ask")
        async def begin(request: Request) -> dict:
            body = await request.json()
            said = self.sessions.setdefault("one" if mixes else body["session_hash"], [])
            said.append(body["data"][0])
            self.events[str(len(self.events))] = list(said)
            return {"event_id": str(len(self.events) - 1)}

        @app.get("/gradio_api/call/ask/{event}")
        async def stream(event: str) -> StreamingResponse:
            shown = [m for q in self.events[event] for m in (
                {"role": "user", "content": [{"type": "text", "text": q}]}, {"role": "assistant", "content": f"zu {q}"})]
            data = json.dumps([None, shown, "panel"])
            return StreamingResponse(iter([f"event: generating\ndata: {data}\n\n", f"event: complete\ndata: {data}\n\n"]))

        @app.get("/metrics")
        async def metrics() -> PlainTextResponse:
            return PlainTextResponse("# HELP x\nprocess_resident_memory_bytes 1.5e+08\n")


@contextmanager
def asking(small: Small, tmp_path: Path) -> Iterator[list[str]]:
    """Serve, and give the arguments that ask there."""
    (tmp_path / "q.jsonl").write_text("".join(json.dumps({"question": q}) + "\n" for q in QUESTIONS), "utf-8")
    with running(small.app) as url:
        yield [url, "--questions", str(tmp_path / "q.jsonl"), "--seconds", "1", "--warm", "0.2", "--clients", "8"]


def report(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out)


def test_a_server_that_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = Small(slots=3, takes=0.1)
    with asking(small, tmp_path) as given:
        assert app.main(["eval", "load", *given, "--leaving", "0"]) == 0
    said = report(capsys)
    assert set(said["statuses"]) == {"200", "503"}
    assert 0 < said["refused_share"] < 1
    assert (said["server_errors"], said["refused_without_retry_after"], said["wrong_answers"]) == (0, 0, [])
    assert 0.1 <= said["p50"] <= said["p95"]
    assert (said["memory_mb"], said["alone_afterwards"][0]) == ([150.0, 150.0], 200)


@pytest.mark.parametrize(("small", "status", "seen"), [
    (Small(fails=True), 1, lambda said: said["server_errors"] > 0),
    (Small(mixes=True), 1, lambda said: said["wrong_answers"]),
    (Small(slots=1, told=False), 0, lambda said: said["refused_without_retry_after"] > 0),
], ids=["fails", "mixes", "silent"])
def test_what_must_not_be_is_seen(small: Small, status: int, seen, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with asking(small, tmp_path) as given:
        assert app.main(["eval", "load", *given, "--leaving", "0"]) == status
    assert seen(report(capsys))


def test_clients_hang_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = Small(takes=3)
    with asking(small, tmp_path) as given:
        assert app.main(["eval", "load", *given, "--leaving", "8", "--clients", "2"]) == 0
    assert report(capsys)["hung_up"] > 0
    assert small.left > 0
    assert small.running == 0


@pytest.mark.parametrize("mixes", [False, True])
def test_conversations_are_told_apart(mixes: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with asking(Small(mixes=mixes), tmp_path) as given:
        assert app.main(["eval", "load", *given, "--chat"]) == int(mixes)
    said = report(capsys)
    assert said["statuses"] == {"200": 8 * CONVERSATION}
    assert bool(said["wrong_answers"]) is mixes


def test_the_small_parts() -> None:
    assert [percentile(range(1, 101), p) for p in (50, 95, 100)] == [50, 95, 100]
    assert (percentile([3.0], 95), percentile([], 95)) == (3.0, None)
    assert conversation(QUESTIONS, 1) == QUESTIONS[10:20] == conversation(QUESTIONS, 5)
    with pytest.raises(LookupError):
        messages_in([None, [1], "x"])
