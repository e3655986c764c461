"""Who asked what at the chat's door is told to log, metrics and audit log; and how a server ends.

Run: python -m pytest -q tests/system/test_channels.py
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from mcp import Client

from assistant.operations.audit import AuditLog

ROOT = Path(__file__).parents[2]
PATIENCE = 600
"""Seconds that a start may take on a machine that does other things."""
QUESTION, SLOW = "老旧小区怎么办？", "老旧小区怎么办，慢一点说？"


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own, and what it logs."""

    process: subprocess.Popen
    client: httpx.Client
    home: Path
    log: Path

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def begin(self, question: str) -> str:
        """Ask, and return where the answer is streamed."""
        begun = self.client.post("/gradio_api/call/ask", json={"data": [question]})
        return f"/gradio_api/call/ask/{begun.json()['event_id']}"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINJIAN_")}
    with (tmp_path / "log").open("w") as log, subprocess.Popen(
            [sys.executable, "tests/fakes/serve_observed.py", str(tmp_path / "home")], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
            stderr=log, text=True) as process:
        killer = threading.Timer(PATIENCE, process.kill)
        killer.start()
        try:
            address = re.search(r"http://\S+", process.stdout.readline())
            assert address, (tmp_path / "log").read_text("utf-8")
            with httpx.Client(base_url=address[0], trust_env=False, timeout=PATIENCE) as client:
                yield Served(process, client, tmp_path / "home", tmp_path / "log")
        finally:
            killer.cancel()
            process.kill()


@pytest.mark.process
def test_what_is_asked_is_told_and_an_answer_on_its_way_is_finished(served: Served) -> None:
    client = served.client
    for question in (QUESTION, "明天天气怎么样？"):
        assert "event: complete" in client.get(served.begin(question)).text
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() | {"index_version": ""} == {
        "status": "ready", "index_version": "", "articles": 2, "encoder": "e5-small", "reranker": "on", "model": "extractive"}
    metrics = client.get("/metrics").text
    counted = dict(re.findall(r'^linjian_answers_total\{by="chat",.*outcome="(\w+)"\} (\S+)$', metrics, re.MULTILINE))
    assert counted == {"answered": "1.0", "off_topic": "1.0"}
    assert re.search(r'^linjian_http_requests_total\{method="POST",route="[^"]*call[^"]*",status="200"\} 2\.0$', metrics, re.MULTILINE)
    assert re.search(r"^process_resident_memory_bytes [1-9]", metrics, re.MULTILINE)

    with client.stream("GET", served.begin(SLOW)) as answer:
        said = answer.iter_text()
        heard = next(said)
        served.process.send_signal(signal.SIGTERM)
        heard += "".join(said)
    assert "event: complete" in heard
    assert "两种办法都先把账目公开" in heard.encode().decode("unicode_escape", "replace"), "the end of the answer came"
    assert served.process.wait(PATIENCE) == 0
    with pytest.raises(httpx.ConnectError):
        client.get("/healthz")

    with closing(AuditLog(served.home, days=30)) as audit:
        events = audit.events()
    assert [(e.caller, e.what) for e in events] == [("local:local", "settings"), *[("local:local", "ask")] * 3]
    assert [e.about for e in events[1:]] == [f"{len(question)} characters" for question in (QUESTION, "明天天气怎么样？", SLOW)]
    answers = [line for line in served.lines() if line["message"] == "answer"]
    assert [line["request"] for line in answers] == [e.request for e in events[1:]]
    assert len({line["request"] for line in answers} - {""}) == 3
    asked = {line["request"]: line for line in served.lines() if line["message"] == "request"}
    assert all(asked[line["request"]]["method"] == "POST" for line in answers), "each names the request that asked"
    assert [line for line in served.lines() if line["level"] not in ("info", "warning")] == []
    assert "老旧" not in json.dumps(served.lines(), ensure_ascii=False)


@pytest.mark.process
def test_every_door_of_the_api_is_told(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """REST, the model for other front ends, and the tools: each question is in the audit log, with the request that
    asked."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    said = [{"role": "user", "content": QUESTION}]

    async def by_tool() -> None:
        async with Client(f"{str(served.client.base_url).rstrip('/')}/mcp") as tools:
            assert not (await tools.call_tool("ask", {"question": QUESTION})).is_error

    assert served.client.post("/api/v1/ask", json={"question": QUESTION}).status_code == 200
    assert served.client.post("/v1/chat/completions", json={"model": "linjian", "messages": said}).status_code == 200
    asyncio.run(by_tool())
    counted = re.findall(r'^linjian_answers_total\{by="(\w+)".*\} (\S+)$', served.client.get("/metrics").text, re.MULTILINE)
    assert sorted(counted) == [("api", "1.0"), ("mcp", "1.0"), ("openai", "1.0")]
    with closing(AuditLog(served.home, days=30)) as audit:
        asked = [event for event in audit.events() if event.what == "ask"]
    assert [(event.caller, event.about) for event in asked] == [("local:local", f"{len(QUESTION)} characters")] * 3
    assert len({event.request for event in asked} - {""}) == 3
