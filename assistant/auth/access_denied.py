"""A refusal: why somebody was not let in, as RFC 9457 problem details for programs and as a plain page for people."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from assistant.locales.loader import words
from assistant.service.problem_details import problem, problem_response
from assistant.templates.environment import render

_STATUS = {
    "host": 421, "no_credentials": 401, "bad_credentials": 401, "expired_token": 401, "expired_key": 401, "bad_secret": 401,
    "no_proxy_user": 401, "closed": 404, "no_site": 404, "too_large": 413, "length": 411, "too_many": 429, "suspended": 429,
    "daily": 429, "busy": 503,
}


class AccessDenied(Exception):
    """Ends a decision. `code` is a key of the words' refusals, `values` fill them in, `retry` is seconds to wait."""

    def __init__(self, code: str, values: dict[str, Any] | None = None, retry: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.values = values or {}
        self.retry = retry

    @property
    def status(self) -> int:
        """Return the HTTP status, 403 where none fits better."""
        return _STATUS.get(self.code, 403)

    def words(self, language: str) -> tuple[str, str]:
        """Return what was refused and what to do about it."""
        said, roles = words(language).refusals[self.code], words(language).auth
        values = {name: roles[f"role_{value}"] if name == "role" else value for name, value in self.values.items()}
        return said.title.format(**values), said.hint.format(**values)

    def problem(self, language: str) -> dict[str, Any]:
        """Return the problem details; `code` is for programs, `title` and `detail` are for people."""
        title, hint = self.words(language)
        detail = f"{title} {hint}" if language == "en" else title + hint
        return problem(self.status, detail, code=self.code, title=title)

    def headers(self) -> dict[str, str]:
        """Return the headers that belong to the status."""
        out = {"Cache-Control": "no-store"}
        if self.status == 401:
            out["WWW-Authenticate"] = 'Bearer realm="linjian"'
        if self.retry:
            out["Retry-After"] = str(self.retry)
        return out

    def response(self, path: str, language: str, headers: dict[str, str] | None = None) -> Response:
        """Return the problem details as the response to a request for `path`."""
        return problem_response(path, self.problem(language), self.headers() | (headers or {}))


def page(name: str, language: str, **values: Any) -> str:
    """Return one of the plain pages in templates/auth/; everything filled in is escaped."""
    return render(f"auth/{name}.html", text=words(language).auth, **values)
