"""A proxy that is trusted and does not say for whom it asks. Run: python -m pytest -q tests/assistant/auth/test_proxies.py"""

import re
from pathlib import Path

import pytest

from assistant.auth.access_denied import AccessDenied
from assistant.auth.accounts.identity import LOCAL, Role
from assistant.auth.authorizer import Authorizer
from assistant.auth.request import RequestInfo
from tests.fakes.list_routes import every_route

LINKED = {"GET /healthz", "GET /readyz", "GET /embed/embed.js", "GET /embed/static/{name}", "GET /embed/{name}",
          "GET /api/v1/embed/{site}/config", "POST /api/v1/embed/{site}/exchange"}
"""The same for everybody: who asks is not looked at."""
PROXIES = ["127.0.0.1", "::ffff:127.0.0.1", "10.0.0.5"]


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return sorted(set(every_route(tmp_path_factory.mktemp("routes"))))


def asked(authorizer: Authorizer, route: str, peer: str, **headers: str) -> str:
    """Return who was let in, or the code of the refusal."""
    method, path = route.split(" ", 1)
    named = {"host": "127.0.0.1:7860"} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in named.items()]
    scope = {"type": "http", "method": method, "path": re.sub(r"\{[^}]*\}", "xy", path), "headers": raw, "client": (peer, 1), "scheme": "http"}
    try:
        return authorizer.authorize(RequestInfo.of(scope, authorizer.proxies)).caller.id
    except AccessDenied as refusal:
        return refusal.code


def behind(home: Path, access: str) -> Authorizer:
    return Authorizer(home, access=access, proxies="127.0.0.1, 10.0.0.5", per_minute=0)


@pytest.mark.parametrize("peer", PROXIES)
@pytest.mark.parametrize(("access", "code"), [("none", "proxy_silent"), ("open", "proxy_silent"), ("proxy", "no_proxy_user")])
def test_nobody_is_let_in_for_the_address_of_a_silent_proxy(tmp_path: Path, routes: list[str], access: str, code: str, peer: str) -> None:
    authorizer = behind(tmp_path, access)
    said = {route: asked(authorizer, route, peer) for route in routes}
    assert {route for route, who in said.items() if who not in (code, "closed")} == LINKED & set(routes)
    assert said["GET /metrics"] == code


@pytest.mark.parametrize("header", ["forwarded", "x_real_ip", "x_forwarded_for"])
def test_other_headers_do_not_say_it(tmp_path: Path, header: str) -> None:
    value = "" if header == "x_forwarded_for" else "for=10.7.7.7"
    assert asked(behind(tmp_path, "open"), "GET /", "127.0.0.1", **{header: value}) == "proxy_silent"


@pytest.mark.parametrize("peer", PROXIES)
def test_behind_a_silent_proxy_the_metrics_are_nobodys_where_people_sign_in(tmp_path: Path, peer: str) -> None:
    assert asked(behind(tmp_path, "accounts"), "GET /metrics", peer) == "no_credentials"


def test_who_brings_credentials_needs_no_address(tmp_path: Path) -> None:
    authorizer = behind(tmp_path, "proxy")
    authorizer.users.add("anna", Role.ADMIN, None)
    assert asked(authorizer, "GET /", "127.0.0.1", x_remote_user="Wang") == "user:wang"
    assert asked(authorizer, "GET /metrics", "127.0.0.1", x_remote_user="Wang") == "role"
    assert asked(authorizer, "GET /metrics", "127.0.0.1", x_remote_user="anna") == "user:anna"
    key = authorizer.keys.add("prometheus", Role.ADMIN, ["metrics"], 1)
    assert asked(behind(tmp_path, "open"), "GET /metrics", "127.0.0.1", authorization=f"Bearer {key}") == "key:prometheus"


def test_a_proxy_that_says_it_and_a_machine_without_one_go_on(tmp_path: Path) -> None:
    assert asked(behind(tmp_path, "open"), "GET /", "127.0.0.1", x_forwarded_for="10.7.7.7") == "local:10.7.7.7"
    assert asked(behind(tmp_path, "open"), "GET /metrics", "127.0.0.1", x_forwarded_for="10.7.7.7") == "role"
    for access in ("open", "accounts", "proxy"):
        direct = Authorizer(tmp_path, access=access, proxies="10.0.0.5", per_minute=0)
        assert asked(direct, "GET /metrics", "127.0.0.1") == LOCAL.id
