"""The librarian's page over an index, to be served by a test.

The guard is a stand-in: who sends the cookie role=reader is a reader, everybody else a librarian.
"""

from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.auth.accounts.identity import STATE, Caller, Role
from assistant.chat.gradio_fixes.blocks import Pages
from assistant.chat.nav_links import add_nav_links
from assistant.librarian.librarian_page import Librarian, add_librarian, link_to_librarian
from assistant.server.application import mount
from index.embedding.encoder import Encoder


class Door:
    """Sets the caller as the guard does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cookie = SimpleCookie(dict(scope.get("headers", ())).get(b"cookie", b"").decode("latin-1"))
        role = Role.READER if "role" in cookie and cookie["role"].value == "reader" else Role.LIBRARIAN
        scope.setdefault("state", {})[STATE] = Caller("user", "test", role)
        await self._app(scope, receive, send)


def build(home: Path, encoder: Encoder, language: str = "zh") -> tuple[ASGIApp, Callable[[], None]]:
    """Return the app behind the door, a first page with nothing but the link to the librarian's and that; and what ends
    it."""
    with Pages(title="library", analytics_enabled=False, fill_width=True) as page:
        add_nav_links([link_to_librarian(language)])
    add_librarian(page, Librarian(home, encoder), language)
    app = FastAPI()
    chat = mount(app, page)
    return Door(app), chat.stop_event.set
