"""A session of the page belongs to whoever opened it: Gradio gives it to everybody who knows its name, `session_hash`.

The name is a random one that the browser makes up, but no secret: it travels in addresses. So the first caller who uses a
name is its owner, and to all others the session is not there. `OwnSessions` asks at every route that takes a name or the
number of an event, `Pages.process_api` (blocks.py) once more before an event runs.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.auth.accounts.identity import caller_of
from assistant.chat.gradio_fixes.inputs import EVENTS, whole_body

MOST = 10_000
"""Sessions that are remembered; as many as Gradio keeps the data of."""
NOT_YOURS = "There is no such session of yours. Load the page again."
_IN_PATH = re.compile(r"(?:heartbeat/(?P<session>[^/]+)|call/(?:v2/)?[^/]+/(?P<event>[^/]+))/?")


class PageSessions:
    """Who opened which session. `forget` is called with a session that is not remembered any more: its data must go too,
    else whoever named it next would get them."""

    def __init__(self, forget: Callable[[str], None], most: int = MOST) -> None:
        self._forget, self._most = forget, most
        self._owners: OrderedDict[str, str] = OrderedDict()

    def admits(self, session: str, caller: str) -> bool:
        """Tell whether the session is this caller's; one that nobody has is from now on."""
        owner = self._owners.setdefault(session, caller)
        if owner != caller:
            return False
        self._owners.move_to_end(session)
        if len(self._owners) > self._most:
            self._forget(self._owners.popitem(last=False)[0])
        return True


class OwnSessions:
    """ASGI middleware: to the sessions and events of others a request gets 404. `session_of` returns an event's session."""

    def __init__(self, app: ASGIApp, sessions: PageSessions, session_of: Callable[[str], str]) -> None:
        self._app, self._sessions, self._session_of = app, sessions, session_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if EVENTS not in path or path.endswith("/upload"):
            await self._app(scope, receive, send)
            return
        body = b""
        if scope["method"] == "POST":
            body, receive = await whole_body(receive)
        caller = caller_of(scope).id
        if all(self._sessions.admits(session, caller) for session in self._named(scope, body)):
            await self._app(scope, receive, send)
        else:
            await JSONResponse({"detail": NOT_YOURS}, 404)(scope, receive, send)

    def _named(self, scope: Scope, body: bytes) -> Iterator[str]:
        """Yield the sessions that a request names, also by their events."""
        yield from HTTPConnection(scope).query_params.getlist("session_hash")
        in_path = _IN_PATH.fullmatch(scope["path"].rpartition(EVENTS)[2]) if scope["method"] != "POST" else None
        if in_path:
            yield in_path["session"] or self._session_of(in_path["event"])
        try:
            said = json.loads(body or b"{}")
        except ValueError:
            return  # Gradio refuses it
        if isinstance(said, dict):
            if isinstance(said.get("session_hash"), str):
                yield said["session_hash"]
            if isinstance(said.get("event_id"), str):
                yield self._session_of(said["event_id"])
