"""What each address needs: which role, which scope of a key, whether an embedding site may use it.

The first rule that matches decides; what no rule names needs a reader who signed in. So a new route is closed to
sites, keys and strangers until it is named here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPMethod

from assistant.auth.accounts.identity import Role

_READ = frozenset({HTTPMethod.GET, HTTPMethod.HEAD})
_POST = frozenset({HTTPMethod.POST})
_ALL = frozenset(HTTPMethod)


@dataclass(frozen=True, slots=True)
class Rule:
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
_RULES: tuple[tuple[frozenset[HTTPMethod], str, Rule], ...] = (
    # what other people's pages and load balancers need before anybody is known
    (_READ, r"/healthz|/readyz", Rule(role=None, linked=True)),
    (_READ, r"/embed/static/[a-z.]+", Rule(role=None, linked=True)),
    (_READ, r"/embed/embed\.js", Rule(role=None, linked=True)),
    (_READ, rf"/api/v1/embed/{_ID}/config", Rule(role=None, linked=True, counted=True)),
    (_POST, rf"/api/v1/embed/{_ID}/exchange", Rule(role=None, linked=True, counted=True)),
    (_ALL, r"/embed/setup(/check)?", Rule(Role.ADMIN)),
    (_READ, rf"/embed/{_ID}", Rule(role=None, linked=True)),
    (_READ, r"/sign-in", Rule(role=None)),
    (_POST, r"/sign-in", Rule(role=None, counted=True)),
    (_READ | _POST, r"/sign-out", Rule(role=None)),
    (_READ, r"/favicon\.ico|/robots\.txt", Rule(role=None)),
    # reading: what a site's token is for
    (_POST, r"/api/v1/(ask|feedback)", Rule(scope="read", site=True, counted=True)),
    (_READ | _POST, r"/api/v1/search", Rule(scope="read", site=True, counted=True)),
    (_READ, rf"/api/v1/(passages|articles)/{_ID}", Rule(scope="read", site=True, counted=True)),
    (_READ, r"/api/v1/(places|suggestions)", Rule(scope="read", site=True, counted=True)),
    (_READ, rf"/cases(/overview|/article/{_ID})?", Rule(counted=True)),
    # programs
    (_READ, r"/api/v1/version", Rule(scope="read", counted=True)),
    (_ALL, r"/api/v1/.*", Rule(scope="read", counted=True)),
    (_ALL, r"/v1/.*", Rule(scope="openai", counted=True)),
    (_ALL, r"/mcp(/.*)?", Rule(scope="mcp", counted=True)),
    (_READ, r"/metrics", Rule(Role.ADMIN, scope="metrics", loopback=True)),
    # Gradio's own: only what the pages use is open, uploads are the librarian's. Above all it serves no files (`file=`),
    # fetches no addresses (`proxy=`, `file=http:`), and writes no state of a session to disk (`deep_link`).
    (_ALL, r"(?!/gradio_api/)(/.*)?/(proxy=|file[=/]|custom_component|component_server|deep_link|stream/|monitoring).*",
     Rule(closed=True)),
    (_ALL, r"/library(-[a-z]+)?(/.*)?", Rule(Role.LIBRARIAN)),
    (_ALL, r"/gradio_api/upload", Rule(Role.LIBRARIAN, counted=True, large=True)),
    (_POST, rf"/gradio_api/(queue/join|run/{_ID}/?|api/{_ID}/?|call/(v2/)?{_ID}/?)", Rule(counted=True)),
    (_POST, r"/gradio_api/(cancel|reset/?)", Rule()),
    (_READ, rf"/gradio_api/(queue/(data|status)|call/{_ID}/{_ID}|heartbeat/{_ID}|info/?|openapi\.json)", Rule()),
    (_READ, r"/gradio_api/(startup-events|upload_progress|theme\.css|app_id/?|login_check/?)", Rule()),
    (_ALL, r"/gradio_api(/.*)?", Rule(closed=True)),
)
_COMPILED = tuple((methods, re.compile(pattern, re.DOTALL), rule) for methods, pattern, rule in _RULES)
_DEFAULT = Rule()


def rule_of(method: str, path: str) -> Rule:
    """Return what a request needs; `path` is the decoded path, as routes see it."""
    for methods, pattern, rule in _COMPILED:
        if method in methods and pattern.fullmatch(path):
            return rule
    return _DEFAULT
