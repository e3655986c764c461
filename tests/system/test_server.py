"""The server as a whole: what other origins are told, and how it ends. Run: python -m pytest -q
tests/system/test_server.py"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.live_server import chatting

ROOT = Path(__file__).parents[2]
PATIENCE = 600
"""Seconds that a start and an end may take on a machine that does other things."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with chatting() as address:
        yield address


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/gradio_api/call/ask"])
def test_no_other_origin_may_read_anything(url: str, path: str, origin: str) -> None:
    plain = httpx.get(url + path, headers={"Origin": origin}, trust_env=False)
    assert not [name for name in plain.headers if name.startswith("access-control-allow")]
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = httpx.options(url + path, headers=asked, trust_env=False)
    assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/event-stream"])
def test_tools_are_found_with_a_slash_and_without_a_word_on_types(url: str, path: str, accept: str | None) -> None:
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize",
             "params": {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "one", "version": "1"}}}
    with httpx.Client(trust_env=False, timeout=60) as client:
        del client.headers["accept"]
        answered = client.post(url + path, json=hello, headers={"accept": accept} if accept else {})
    assert answered.status_code == 200, answered.text
    assert answered.json()["result"]["serverInfo"]["name"] == "linjian"


def start(tmp_path: Path) -> tuple[subprocess.Popen[str], str]:
    """Start the page with the fake assistant as a process of its own; returns it and its address."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINJIAN_")}
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen([sys.executable, "tests/fakes/serve_fake.py", "0"], cwd=ROOT, env=environment,
                                  stdout=subprocess.PIPE, stderr=log, text=True)
    killer = threading.Timer(PATIENCE, server.kill)
    killer.daemon = True
    killer.start()
    assert server.stdout
    address = re.search(r"http://\S+", server.stdout.readline())
    assert address, (tmp_path / "log").read_text("utf-8")
    return server, address[0]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What a shell starts in the background ignores Ctrl-C, and all that it starts in turn would; not here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.process
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("sign", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl-C"])
def test_an_answer_on_its_way_is_finished_before_the_server_ends(tmp_path: Path, sign: signal.Signals, status: int) -> None:
    server, address = start(tmp_path)
    with server, httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE) as client:
        event = client.post("/gradio_api/call/ask", json={"data": ["老旧小区怎么办，慢一点说？"]}).json()["event_id"]
        # A page that is open holds a connection that never ends by itself.
        with client.stream("GET", "/gradio_api/heartbeat/abc") as page, client.stream("GET", f"/gradio_api/call/ask/{event}") as answer:
            assert next(page.iter_text())
            said = answer.iter_text()
            heard = next(said)
            server.send_signal(sign)
            heard += "".join(said)
        server.wait(PATIENCE)
    assert "event: complete" in heard
    assert "两种办法都先把账目公开" in heard.encode().decode("unicode_escape", "replace"), "the end of the answer came"
    assert (server.returncode, (tmp_path / "log").read_text("utf-8")) == (status, "")
