"""The guard as ASGI middleware: nothing behind it is reached without an admission, no answer leaves without its headers.

It stands inside of logging and metrics, and outside of every route: REST, chat, sockets, event streams.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

import anyio
from anyio.to_thread import run_sync
from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.auth.access_denied import AccessDenied, page
from assistant.auth.accounts.identity import STATE
from assistant.auth.accounts.origins import Origin
from assistant.auth.authorizer import Admission, Authorizer
from assistant.auth.request import RequestInfo
from assistant.auth.security_headers import ALWAYS, STRICT, gradio_policy, page_policy
from assistant.locales.loader import accepted_language
from assistant.service.channels import FOR_PROGRAMS

REFUSED = "refusal"
"""Key in `scope["state"]` of the code of a refusal, for whoever writes the log."""
_PREFLIGHT = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "authorization, content-type",
              "Access-Control-Max-Age": "600"}


class AuthMiddleware:
    """Wraps an ASGI app. A refused request ends here; of an admitted one `caller_of(scope)` tells the caller."""

    def __init__(self, app: ASGIApp, authorizer: Authorizer) -> None:
        self.app = app
        self._authorizer = authorizer
        # of our own: slow answers must not keep requests from being decided
        self._threads: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        self._threads = self._threads or anyio.CapacityLimiter(4)
        info = RequestInfo.of(scope, self._authorizer.proxies)
        state = scope.setdefault("state", {})
        try:
            admission = await run_sync(self._authorizer.authorize, info, limiter=self._threads)
            state[STATE] = admission.caller
            if admission.preflight:
                await self._answer(Response(status_code=204, headers=_PREFLIGHT), admission, info)(scope, receive, send)
                return
            if scope["type"] == "http":
                receive = await self._bounded(info, admission.largest, receive)
        except AccessDenied as denied:
            state[REFUSED] = denied.code
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": denied.code})
                return
            await self._answer(await self._refused(info, denied), None, info)(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        if info.wants_page and not info.path.startswith(FOR_PROGRAMS):
            # Its scripts are hashed, which needs it uncompressed.
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app(scope, receive, _Outgoing(send, info, admission))

    def _answer(self, response: Response, admission: Admission | None, info: RequestInfo) -> ASGIApp:
        """Return an answer of the guard's own with the headers that all answers have."""
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await response(scope, receive, _Outgoing(send, info, admission))
        return answer

    async def _refused(self, info: RequestInfo, denied: AccessDenied) -> Response:
        language = accepted_language(info.headers.get("accept-language", ""), self._authorizer.language)
        if info.wants_page and not info.path.startswith(FOR_PROGRAMS):
            if denied.code == "no_credentials" and self._authorizer.access == "accounts":
                if info.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
                    # Whoever follows a link of another site comes without the cookie, for it is strict. The page asks
                    # once more, from here, before anybody who is signed in has to sign in again.
                    again = {"Content-Security-Policy": page_policy()}
                    return HTMLResponse(page("again", language), 401, denied.headers() | again)
                return RedirectResponse(f"/sign-in?next={quote(info.path)}", 303, denied.headers())
            title, hint = denied.words(language)
            policy = {"Content-Security-Policy": page_policy()}
            html = page("refused", language, title=title, hint=hint)
            return HTMLResponse(html, denied.status, denied.headers() | policy)
        headers, origin = {}, info.origin
        # pages of a site may read why they are refused; others learn nothing
        if "origin" in info.headers and origin and await run_sync(self._authorizer.is_listed, origin, limiter=self._threads):
            headers = cors_headers(origin)
        return denied.response(info.path, language, headers)

    async def _bounded(self, info: RequestInfo, largest: int, receive: Receive) -> Receive:
        """Return a `receive` of at most so many bytes; a body without a stated length is read here, to know it in time."""
        stated = info.headers.get("content-length")
        too_large = AccessDenied("too_large", {"limit": largest})
        if stated is not None:
            if not stated.isdecimal() or int(stated) > largest:
                raise too_large
            return receive
        if "transfer-encoding" not in info.headers:
            return receive
        if largest > _READ_AHEAD:
            raise AccessDenied("length")
        read, size, more = [], 0, True
        while more:
            message = await receive()
            read.append(message)
            size += len(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
            if size > largest:
                raise too_large
        waiting = iter(read)

        async def replay() -> Message:
            return next(waiting, None) or await receive()

        return replay


_READ_AHEAD = 4 << 20


class _Outgoing:
    """A `send` that puts the security headers on, and takes off what only the guard may grant."""

    def __init__(self, send: Send, info: RequestInfo, admission: Admission | None) -> None:
        self._send = send
        self._info = info
        self._admission = admission
        self._held: Message | None = None
        self._html: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            self._dress(headers)
            if self._is_foreign_page(headers):
                self._held = message
                return
        elif self._held is not None and message["type"] == "http.response.body":
            self._html.append(message.get("body", b""))
            if message.get("more_body", False):
                return
            await self._release()
            return
        await self._send(message)

    async def _release(self) -> None:
        assert self._held is not None
        start, html = self._held, b"".join(self._html)
        self._held = None
        MutableHeaders(raw=start["headers"])["Content-Security-Policy"] = gradio_policy(html)
        await self._send(start)
        await self._send({"type": "http.response.body", "body": html})

    def _is_foreign_page(self, headers: MutableHeaders) -> bool:
        """Tell whether this page was not written by us: ours bring their policy."""
        return _is_html(headers) and "content-security-policy" not in headers

    def _dress(self, headers: MutableHeaders) -> None:
        linked = self._admission is not None and self._admission.rule.linked
        if self._admission is not None and not linked:
            _remove(headers, [name for name in headers if name.startswith("access-control-allow-")
                              and not self._admission.preflight])
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        cors = self._admission.cors if self._admission else None
        if cors is not None:
            headers.update(cors_headers(cors))
            headers.add_vary_header("Origin")
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if linked or cors else "same-origin"
        if not _is_html(headers):
            headers.setdefault("Content-Security-Policy", STRICT)
        policy = headers.get("content-security-policy", "frame-ancestors 'none'")
        if "frame-ancestors 'none'" in policy:
            headers["X-Frame-Options"] = "DENY"
        if _is_html(headers) or self._info.path.startswith(FOR_PROGRAMS):
            headers.setdefault("Cache-Control", "no-store")
        if self._info.scheme == "https":
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def cors_headers(origin: Origin) -> dict[str, str]:
    """Return what lets pages of this origin, without cookies, read the answer."""
    return {"Access-Control-Allow-Origin": str(origin), "Access-Control-Expose-Headers": "Retry-After", "Vary": "Origin"}


def _is_html(headers: MutableHeaders) -> bool:
    return headers.get("content-type", "").startswith("text/html")


def _remove(headers: MutableHeaders, names: Iterable[str]) -> None:
    for name in set(names):
        del headers[name]
