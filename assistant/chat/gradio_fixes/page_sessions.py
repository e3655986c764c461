"""A session of the page belongs to whoever opened it: Gradio gives it to everybody who knows its name, `session_hash`.

The name is a random one that the browser makes up, but no secret: it travels in addresses. So the first caller who uses a
name is its owner, and to all others the session is not there. `OwnSessions` asks at every route that takes a name or the
number of an event, `Pages.process_api` (blocks.py) once more before an event runs.

Each session holds the conversation that its page shows, some hundred kilobytes or more, and Gradio would keep ten thousand
of them. So there are few, and each has an end.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.auth.accounts.identity import caller_of
from assistant.chat.gradio_fixes.inputs import EVENTS, whole_body

MOST = 500
"""Sessions that are kept at a time."""
LIFETIME = 1800.0
"""Seconds that a session is kept after its last event and the end of its last stream; an open page has a stream."""
NOT_YOURS = "There is no such session of yours. Load the page again."
_IN_PATH = re.compile(r"(?:heartbeat/(?P<session>[^/]+)|call/(?:v2/)?[^/]+/(?P<event>[^/]+))/?")


@dataclass(slots=True, eq=False)
class KeptSession:
    """Whose a session is, when it was used last, and how many of its requests are open."""

    owner: str
    used: float
    requests: int = 0


class PageSessions:
    """Who opened which session. `forget` is called with one that is not kept any more: its data must go too, else whoever
    named it next would get them.

    Where there are too many the caller who has the most loses the one used longest ago: nobody can crowd others out.
    """

    def __init__(self, forget: Callable[[str], None], *, most: int = MOST, lifetime: float = LIFETIME,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._forget, self._most, self._lifetime, self._clock = forget, most, lifetime, clock
        self._kept: OrderedDict[str, KeptSession] = OrderedDict()
        """The one used longest ago comes first."""

    def admits(self, session: str, caller: str) -> bool:
        """Tell whether the session is this caller's; one that nobody has is from now on."""
        self.end_old()
        if session not in self._kept:
            if len(self._kept) >= self._most:
                self._make_room()
            self._kept[session] = KeptSession(caller, self._clock())
        if self._kept[session].owner != caller:
            return False
        self._use(session)
        return True

    @contextmanager
    def during(self, session: str) -> Iterator[None]:
        """Keep a session at least as long as a request of it is open."""
        kept = self._kept.get(session)
        if kept is None:
            yield
            return
        kept.requests += 1
        try:
            yield
        finally:
            kept.requests -= 1
            if self._kept.get(session) is kept:
                self._use(session)

    def end_old(self) -> None:
        """Forget the sessions whose time is over."""
        until = self._clock() - self._lifetime
        for session, kept in list(self._kept.items()):
            if kept.used > until:
                return
            if not kept.requests:
                self._end(session)

    def _use(self, session: str) -> None:
        self._kept[session].used = self._clock()
        self._kept.move_to_end(session)

    def _make_room(self) -> None:
        (owner, _), = Counter(kept.owner for kept in self._kept.values()).most_common(1)
        theirs = [session for session, kept in self._kept.items() if kept.owner == owner]
        self._end(next((session for session in theirs if not self._kept[session].requests), theirs[0]))

    def _end(self, session: str) -> None:
        del self._kept[session]
        self._forget(session)


class OwnSessions:
    """ASGI middleware: to the sessions and events of others a request gets 404. `session_of` returns an event's session."""

    def __init__(self, app: ASGIApp, sessions: PageSessions, session_of: Callable[[str], str]) -> None:
        self._app, self._sessions, self._session_of = app, sessions, session_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._sessions.end_old()
        path = scope["path"] if scope["type"] == "http" else ""
        if EVENTS not in path or path.endswith("/upload"):
            await self._app(scope, receive, send)
            return
        body = b""
        if scope["method"] == "POST":
            body, receive = await whole_body(receive)
        caller, named = caller_of(scope).id, list(self._named(scope, body))
        if all(self._sessions.admits(session, caller) for session in named):
            with ExitStack() as open_sessions:
                for session in named:
                    open_sessions.enter_context(self._sessions.during(session))
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
