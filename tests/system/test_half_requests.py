"""Clients that send half of a request, more than the server has file handles for. Run: python -m pytest -q
tests/system/test_half_requests.py"""

import socket
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from tests.browser.browsing import free_port, served

HANDLES, HALVES, PATIENCE = 128, 160, 20
HEADS = (b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12", b"")


def answered(url: str, until: float) -> bool:
    while time.monotonic() < until:
        with suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2, trust_env=False).text == "here":
                return True
    return False


@pytest.mark.process
@pytest.mark.parametrize("head", HEADS, ids=["half a head", "half a body", "nothing"])
def test_half_requests_stop_nobody_and_fill_no_disk(head: bytes, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "tests/fakes/serve_small.py", str(port), str(HANDLES)]
    with served(command, port, log) as url, ExitStack() as halves:
        for _ in range(HALVES):
            half = halves.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            with suppress(ConnectionError):  # refused already
                half.sendall(head)
        assert answered(url, time.monotonic() + PATIENCE)
    assert log.stat().st_size < 100_000
