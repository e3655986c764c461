"""What a page may send: each input of an event has the type its component declares, or the event is refused.

Gradio takes any JSON for any input. An object that looks like its FileData, sent where a text is expected, was once echoed
into the conversation, and Gradio then served the file it names. So nothing reaches a component but what it can hold:
`Pages.process_api` (blocks.py) asks `undeclared` before anything else happens, for every event, named or not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_TEXT = 100_000
"""Characters of one text input; what a handler accepts may be less."""
MOST_ENTRIES = 1000
"""Entries of a list input."""
DEEPEST = 32
"""Levels of nesting in the body of an event: Gradio's page sends four."""
EVENTS = "/gradio_api/"
"""What the paths of Gradio's own routes begin with."""
_TEXTS = (gr.Textbox, gr.Button, gr.Radio, gr.BrowserState)
_CHOICES = (gr.Dropdown, gr.CheckboxGroup)
_FILE_FIELDS = {"path": str, "url": (str, type(None)), "orig_name": (str, type(None)), "size": (int, type(None)),
                "mime_type": (str, type(None)), "is_stream": bool, "meta": dict}


def undeclared(component: Any, value: Any, uploads: Path) -> bool:
    """Tell whether `value` is anything but what `component` declares; files must lie in the folder `uploads`.

    A component of a kind that is not known here takes nothing but None.
    """
    if value is None or isinstance(component, gr.State):  # a State's value is the server's own, whatever is sent
        return False
    if isinstance(component, _TEXTS):
        return not _is_text(value)
    if isinstance(component, _CHOICES):
        entries = value if isinstance(value, list) else [value]
        return len(entries) > MOST_ENTRIES or not all(map(_is_text, entries))
    if isinstance(component, gr.File):
        entries = value if isinstance(value, list) else [value]
        return len(entries) > MOST_ENTRIES or not all(is_upload(entry, uploads) for entry in entries)
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def is_upload(value: Any, uploads: Path) -> bool:
    """Tell whether `value` names a file that was uploaded: one that lies, without any link, in the folder `uploads`."""
    if not isinstance(value, dict) or not isinstance(value.get("path"), str):
        return False
    if not all(name in _FILE_FIELDS and isinstance(field, _FILE_FIELDS[name]) for name, field in value.items()):
        return False
    if value.get("is_stream"):
        return False
    path, folder = Path(value["path"]), uploads.resolve()
    try:
        return path.is_absolute() and path.resolve() == path and path.is_relative_to(folder) and path.is_file()
    except (OSError, ValueError):  # too long a name, a null byte
        return False


class ShallowBodies:
    """ASGI middleware: refuses a deeply nested body of an event before Gradio's models fail over it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not _holds_json(scope):
            await self._app(scope, receive, send)
            return
        body, receive = await whole_body(receive)
        if is_deep(body):
            detail = f"The JSON is nested more than {DEEPEST} levels deep."
            await JSONResponse({"detail": detail}, 422)(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def whole_body(receive: Receive) -> tuple[bytes, Receive]:
    """Return the body of a request, and a `receive` that gives it out once more."""
    read, more = [], True
    while more:
        message = await receive()
        read.append(message)
        more = message["type"] == "http.request" and message.get("more_body", False)
    waiting = iter(read)

    async def replay() -> Message:
        return next(waiting, None) or await receive()

    return b"".join(message.get("body", b"") for message in read), replay


def _holds_json(scope: Scope) -> bool:
    return scope["path"].startswith(EVENTS) and scope["path"] != "/gradio_api/upload"


def is_deep(body: bytes) -> bool:
    """Tell whether a JSON text is nested more than `DEEPEST` levels deep; what is no JSON is not."""
    try:
        level: Sequence[Any] = [json.loads(body)]
    except RecursionError:
        return True
    except ValueError:
        return False
    for _ in range(DEEPEST):
        level = [inner for value in level if isinstance(value, (dict, list))
                 for inner in (value.values() if isinstance(value, dict) else value)]
        if not level:
            return False
    return True
