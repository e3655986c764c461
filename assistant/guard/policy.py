"""What each address needs: which role, which scope of a key, whether an embedding site may use it.

The first rule that matches decides; what no rule names needs a reader who signed in. So a new route is closed to
sites, keys and strangers until it is named here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPMethod

from assistant.guard.caller import Role

_READ = frozenset({HTTPMethod.GET, HTTPMethod.HEAD})
_POST = frozenset({HTTPMethod.POST})
_ALL = frozenset(HTTPMethod)


@dataclass(frozen=True, slots=True)
class Need:
    """`role` None lets everybody in; `scope` None keeps keys out; `counted` requests use up the limits.

    `linked` may be used by pages of other origins without a token: a script to include, a frame, an exchange of
    secrets; it must show nothing that a stranger may not see. `large` bodies are uploads. `closed` is for nobody.
    """

    role: Role | None = Role.READER
    scope: str | None = None
    site: bool = False
    counted: bool = False
    linked: bool = False
    large: bool = False
    loopback: bool = False
    closed: bool = False


_ID = r"[^/]+"
_RULES: tuple[tuple[frozenset[HTTPMethod], str, Need], ...] = (
    # what other people's pages and load balancers need before anybody is known
    (_READ, r"/healthz|/readyz", Need(role=None, linked=True)),
    (_READ, r"/embed/static/[a-z.]+", Need(role=None, linked=True)),
    (_READ, r"/embed/embed\.js", Need(role=None, linked=True)),
    (_READ, rf"/api/v1/embed/{_ID}/config", Need(role=None, linked=True, counted=True)),
    (_POST, rf"/api/v1/embed/{_ID}/exchange", Need(role=None, linked=True, counted=True)),
    (_ALL, r"/embed/setup(/check)?", Need(Role.ADMIN)),
    (_READ, rf"/embed/{_ID}", Need(role=None, linked=True)),
    (_READ, r"/sign-in", Need(role=None)),
    (_POST, r"/sign-in", Need(role=None, counted=True)),
    (_READ | _POST, r"/sign-out", Need(role=None)),
    (_READ, r"/favicon\.ico|/robots\.txt", Need(role=None)),
    # reading: what a site's token is for
    (_POST, r"/api/v1/(ask|feedback)", Need(scope="read", site=True, counted=True)),
    (_READ | _POST, r"/api/v1/search", Need(scope="read", site=True, counted=True)),
    (_READ, rf"/api/v1/(passages|articles)/{_ID}", Need(scope="read", site=True, counted=True)),
    (_READ, r"/api/v1/(places|suggestions)", Need(scope="read", site=True, counted=True)),
    # programs
    (_READ, r"/api/v1/version", Need(scope="read", counted=True)),
    (_ALL, r"/api/v1/.*", Need(scope="read", counted=True)),
    (_ALL, r"/v1/.*", Need(scope="openai", counted=True)),
    (_ALL, r"/mcp(/.*)?", Need(scope="mcp", counted=True)),
    (_READ, r"/metrics", Need(Role.ADMIN, scope="metrics", loopback=True)),
    # Gradio's own: only what the pages use is open, uploads are the librarian's. Above all it serves no files (`file=`),
    # fetches no addresses (`proxy=`, `file=http:`), and writes no state of a session to disk (`deep_link`).
    (_ALL, r"(?!/gradio_api/)(/.*)?/(proxy=|file[=/]|custom_component|component_server|deep_link|stream/|monitoring).*",
     Need(closed=True)),
    (_ALL, r"/library(-[a-z]+)?(/.*)?", Need(Role.LIBRARIAN)),
    (_ALL, r"/gradio_api/upload", Need(Role.LIBRARIAN, counted=True, large=True)),
    (_POST, rf"/gradio_api/(queue/join|run/{_ID}/?|api/{_ID}/?|call/(v2/)?{_ID}/?)", Need(counted=True)),
    (_POST, r"/gradio_api/(cancel|reset/?)", Need()),
    (_READ, rf"/gradio_api/(queue/(data|status)|call/{_ID}/{_ID}|heartbeat/{_ID}|info/?|openapi\.json)", Need()),
    (_READ, r"/gradio_api/(startup-events|upload_progress|theme\.css|app_id/?|login_check/?)", Need()),
    (_ALL, r"/gradio_api(/.*)?", Need(closed=True)),
)
_COMPILED = tuple((methods, re.compile(pattern, re.DOTALL), need) for methods, pattern, need in _RULES)
_DEFAULT = Need()


def need_of(method: str, path: str) -> Need:
    """Return what a request needs; `path` is the decoded path, as routes see it."""
    for methods, pattern, need in _COMPILED:
        if method in methods and pattern.fullmatch(path):
            return need
    return _DEFAULT
