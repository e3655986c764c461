"""Serve the librarian's page over an index: `python tests/serve_library.py PORT HOME [LANGUAGE]`.

The guard is a stand-in: who sends the cookie role=reader is a reader, everybody else a librarian.
"""

import os
import sys
from http.cookies import SimpleCookie
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
sys.path.insert(0, str(Path(__file__).parents[1]))

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.guard.caller import STATE, Caller, Role
from assistant.library.page import Library, add_library, way_to_library
from assistant.server import mount
from assistant.web.ways import add_ways
from index.encoder import Encoder
from tests.fakes import HashEncoder


class Door:
    """Sets the caller as the guard does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cookie = SimpleCookie(dict(scope.get("headers", ())).get(b"cookie", b"").decode("latin-1"))
        role = Role.READER if "role" in cookie and cookie["role"].value == "reader" else Role.LIBRARIAN
        scope.setdefault("state", {})[STATE] = Caller("user", "test", role)
        await self._app(scope, receive, send)


def build(home: Path, encoder: Encoder, language: str = "zh") -> ASGIApp:
    """Return the app behind the door: a first page with nothing but the link to the librarian's, and that."""
    with gr.Blocks(title="library", analytics_enabled=False, fill_width=True) as page:
        add_ways([way_to_library(language)])
    add_library(page, Library(home, encoder), language)
    app = FastAPI()
    mount(app, page)
    return Door(app)


if __name__ == "__main__":
    served = build(Path(sys.argv[2]), HashEncoder(), (sys.argv[3:] or ["zh"])[0])
    uvicorn.run(served, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
