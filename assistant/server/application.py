"""The server: one FastAPI app with the API's routes and, under everything else, the chat page.

Order from the outside: logs and metrics see every request, the guard decides who is asking, then come the routes, then
the chat, which is mounted at "/" and takes every other path.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from gradio.utils import get_upload_folder
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from assistant.api.api_app import build_api
from assistant.api.routes import FeedbackKeeper
from assistant.auth.accounts.identity import caller_of
from assistant.auth.authorizer import Authorizer
from assistant.auth.middleware import AuthMiddleware
from assistant.auth.request import Network
from assistant.auth.routes import auth_routes
from assistant.casebook.casebook import Casebooks
from assistant.casebook.routes import casebook_routes
from assistant.chat.chat_page import build_chat, launch_options
from assistant.chat.gradio_fixes.blocks import Pages
from assistant.chat.gradio_fixes.inputs import ShallowBodies
from assistant.chat.gradio_fixes.page_sessions import OwnSessions
from assistant.chat.gradio_fixes.streams import StreamsInOrder
from assistant.chat.nav_links import NavLink, add_nav_links
from assistant.librarian.librarian_page import Librarian, add_librarian, librarian_options, link_to_librarian
from assistant.locales.loader import LANGUAGES, words
from assistant.operations.event_log import Operations
from assistant.operations.request_log import RequestLog
from assistant.operations.routes import ops_routes
from assistant.question.limits import GIST, LONGEST_QUESTION, REMEMBERED_TURNS
from assistant.service.answering import Answering
from assistant.widget.routes import QuestionLimits, widget_routes


@dataclass(frozen=True, slots=True)
class Served:
    """The app as the network sees it, and the chat inside it, whose open connections have to be ended at the end.

    `proxies` are the addresses that many people's requests come from.
    """

    app: ASGIApp
    chat: FastAPI
    proxies: Collection[Network] = ()

    def end_idle_streams(self) -> None:
        """End the streams that only tell a page that the server lives; answers that are being written go on."""
        self.chat.stop_event.set()


def build_server(answering: Answering, authorizer: Authorizer, *, version: str, language: str, examples: Mapping[str, Sequence[str]],
                 feedback: FeedbackKeeper | None = None, operations: Operations | None = None,
                 library: Librarian | None = None, home: Path | None = None) -> Served:
    """Return the app that answers those whom `authorizer` lets in; `examples` are questions by language.

    With `operations`, requests are logged and counted, and /healthz, /readyz and /metrics answer. Where there is a
    `library` to keep, the librarian's page is among its pages. Conversations are kept in `home`, else not at all.
    """
    casebooks = Casebooks()
    routers = [auth_routes(authorizer), widget_routes(authorizer, QuestionLimits(LONGEST_QUESTION, REMEMBERED_TURNS, GIST)),
               casebook_routes(answering, casebooks, language)]
    routers += [ops_routes(operations)] if operations is not None else []
    app = build_api(answering, version=version, examples=examples, language=language, feedback=feedback,
                    casebooks=casebooks, routers=routers)
    # Gradio would let any page in the world read its answers; it leaves that to a parent that has this middleware.
    # No origin is allowed here: what a site's pages may read, the guard says.
    app.add_middleware(CORSMiddleware, allow_origins=[])

    def refused(request: gr.Request, event: str) -> None:
        if operations is not None:
            operations.record.audit.record(caller_of(request.request.scope), "event refuse", event)

    chat = build_chat(answering, examples=examples, language=language, home=home, on_refused=refused,
                      links=lambda: add_nav_links([link_to_cases(), *([link_to_librarian(language)] if library else []),
                                                   *way_out(authorizer)]))
    if library:
        add_librarian(chat, library, language, operations.record.audit.record if operations else None)
    pages, guarded = mount(app, chat, home), AuthMiddleware(app, authorizer)
    return Served(RequestLog(guarded, operations.record.metrics) if operations else guarded, pages, authorizer.proxies)


def link_to_cases() -> NavLink:
    """Return the link to the casebook, which whoever may see the chat may see too."""
    return NavLink({spoken: f"cases?lang={spoken}" for spoken in LANGUAGES},
                   {spoken: words(spoken).casebook["cases"] for spoken in LANGUAGES}, lambda caller: True)


def way_out(authorizer: Authorizer) -> list[NavLink]:
    """Return the link to sign out, where people sign in here."""
    out = NavLink(dict.fromkeys(LANGUAGES, "sign-out"), {spoken: words(spoken).auth["sign_out"] for spoken in LANGUAGES},
                  lambda caller: caller.kind == "user")
    return [out] if authorizer.access == "accounts" else []


def mount(app: FastAPI, pages: Pages, home: Path | None = None) -> FastAPI:
    """Let the pages take every path of `app` that nothing else takes; return Gradio's own app.

    Gradio may take files from nowhere but the folder that uploads come to, which may lie in `home`.
    """
    closed = [str(path) for folder in (Path.cwd(), Path(tempfile.gettempdir()), home) if folder
              for path in all_but(folder.resolve(), Path(get_upload_folder()).resolve())]
    with warnings.catch_warnings():
        # said of every application with several pages, also where rendering on the server was not asked for
        warnings.filterwarnings("ignore", "SSR mode is not supported with multi-page apps", UserWarning)
        gr.mount_gradio_app(app, pages, "/", show_error=False, allowed_paths=[], blocked_paths=closed,
                               **(launch_options() | librarian_options()))
    app.add_middleware(OwnSessions, sessions=pages.page_sessions, session_of=pages.session_of)
    app.add_middleware(StreamsInOrder)
    app.add_middleware(ShallowBodies)
    return app.routes[-1].app


def all_but(folder: Path, kept: Path) -> Iterator[Path]:
    """Yield `folder`, or where `kept` lies in it, everything in it that does not lead to `kept`."""
    if not kept.is_relative_to(folder):
        yield folder
    elif kept != folder and folder.is_dir():
        for entry in folder.iterdir():
            yield from all_but(entry, kept)
