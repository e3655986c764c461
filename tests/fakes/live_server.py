"""Servers on loopback, in a thread of the test: `with running(app) as url:`, and the chat with the fake assistant."""

import asyncio
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import uvicorn
from starlette.types import ASGIApp

from assistant.auth.authorizer import Authorizer
from tests.fakes.chat_assistant import HOSTILE, FakeAssistant, answering

T = TypeVar("T")
QUESTIONS = {"zh": ["老旧小区没有物业，其他社区是怎么管起来的？", "停车位不够，有哪些街道做过错时共享？", HOSTILE]}


@contextmanager
def running(app: ASGIApp, *, grace: float = 5, ending: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Serve `app` until the block ends; yields its address once it answers. `ending` is called when it shall end."""
    up = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            up.set()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            ending()
            await super().shutdown(sockets)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=grace))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            assert up.wait(60), "the server did not start"
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def built(build: Callable[[], T]) -> T:
    """Return what `build` makes of Gradio: in a thread, for where a browser runs there is an event loop, and within one of
    its own, for Gradio else opens some that nobody closes."""

    async def building() -> T:
        return build()

    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, building()).result()


@contextmanager
def chatting(home: Path | None = None, *, access: str = "none") -> Iterator[str]:
    """Serve the chat with the fake assistant until the block ends, conversations kept in `home`; yields its address."""
    from assistant.server.application import build_server  # imports gradio

    assistant = FakeAssistant()
    with tempfile.TemporaryDirectory() as empty:
        door = Authorizer(home or Path(empty), access=access)
        served = built(lambda: build_server(answering(assistant), door, version="0", examples=QUESTIONS, language="zh", home=home))

        def end() -> None:
            assistant.ended.set()
            served.end_idle_streams()

        with running(served.app, ending=end) as url:
            yield url
