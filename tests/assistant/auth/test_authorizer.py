"""The guard: every route of the server, tried by everybody who must not get in. Run: python -m pytest -q
tests/assistant/auth/test_authorizer.py

The routes are taken from the server's own tables, so a new one is tried too; what may be open, and to whom, stands here.
"""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from assistant.auth.access_denied import AccessDenied
from assistant.auth.accounts.identity import LOCAL, Role, caller_of
from assistant.auth.authorizer import SMALL_BODY, Authorizer
from assistant.auth.middleware import AuthMiddleware
from assistant.auth.request import RequestInfo
from tests.fakes.list_routes import every_route

ROOT = Path(__file__).parents[3]
HOME, OTHER, EVIL = "https://portal.example.org", "https://town.example.org", "https://evil.example.net"
SERVER = "http://127.0.0.1:7860"
ADMITTED = 299
"""Status of the stand-in behind the guard, so that no route really runs."""

OPEN = {
    "GET /healthz", "GET /readyz", "GET /sign-in", "POST /sign-in", "GET /sign-out", "POST /sign-out", "GET /favicon.ico",
    "GET /robots.txt", "GET /embed/embed.js", "GET /embed/static/{name}", "GET /embed/{name}",
    "GET /api/v1/embed/{site}/config", "POST /api/v1/embed/{site}/exchange",
}
"""What strangers get. The last two decide by themselves; see test_guard_routes.py."""
FOR_SITES = {
    "POST /api/v1/ask", "POST /api/v1/search", "GET /api/v1/articles/{article_id}", "GET /api/v1/passages/{passage_id}",
    "GET /api/v1/places", "GET /api/v1/suggestions", "POST /api/v1/feedback",
}
ABOVE_READERS = {"GET /embed/setup", "GET /metrics", "POST /gradio_api/upload"}


@dataclass
class Clock:
    now: float = 1_800_000_000

    def __call__(self) -> float:
        return self.now


class Building:
    """A door with two sites, three users and keys, and the guard around a stand-in that says who was let in."""

    def __init__(self, home: Path, **options: object) -> None:
        self.clock = Clock()
        self.authorizer = Authorizer(home, clock=self.clock, **{"access": "accounts", "per_minute": 0, "language": "en", **options})
        self.guard = AuthMiddleware(self._inside, self.authorizer)
        self._cookies: dict[Role, dict[str, str]] = {}

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = caller_of(scope).id.encode()
        await send({"type": "http.response.start", "status": ADMITTED, "headers": [(b"x-who", who), (b"access-control-allow-origin", b"*")]})
        await send({"type": "http.response.body", "body": b""})

    def call(self, route: str, peer: str = "10.1.2.3", base: str = SERVER, **headers: str) -> httpx.Response:
        """Send one request; `route` is METHOD and path, whose {parameters} are filled in."""
        (out,) = self.calls([(route, headers)], peer, base)
        return out

    def calls(self, wanted: list[tuple[str, dict[str, str]]], peer: str = "10.1.2.3", base: str = SERVER) -> list[httpx.Response]:
        async def send() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.guard, client=(peer, 5000))
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                out = []
                for route, headers in wanted:
                    method, path = route.split(" ", 1)
                    named = {name.replace("_", "-"): value for name, value in headers.items()}
                    out.append(await client.request(method, _filled(path), headers=named))
                return out

        return asyncio.run(send())

    def user(self, role: Role) -> dict[str, str]:
        """Return the headers of somebody who signed in with a role."""
        if role not in self._cookies:
            name = f"a-{role.name.lower()}"
            self.authorizer.users.add(name, role, "correct horse")
            self._cookies[role] = {"cookie": f"linjian_session={self.authorizer.users.sign_in(name, 'correct horse')}"}
        return self._cookies[role]

    def token(self, site: str, origin: str) -> dict[str, str]:
        if self.authorizer.sites.find(site) is None:
            self.authorizer.sites.add(site, [origin])
        return {"authorization": f"Bearer {self.authorizer.sites.get(site).token('session-1', self.clock.now)}"}

    def key(self, name: str, role: Role, *scopes: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.authorizer.keys.add(name, role, scopes, 30)}"}


@pytest.fixture
def building(tmp_path: Path) -> Building:
    return Building(tmp_path)


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every method and path of the real server, Gradio's too."""
    found = sorted(set(every_route(tmp_path_factory.mktemp("routes"))))
    assert {"GET /", "POST /mcp", "POST /v1/chat/completions", "GET /library", "POST /gradio_api/queue/join"} <= set(found)
    assert set(found) >= FOR_SITES
    assert len(found) > 60
    return found


def refused(building: Building, wanted: list[tuple[str, dict[str, str]]]) -> dict[str, str]:
    """Return by route the code of the refusal, "" for those that were let in: what the guard asks the door, without the way
    there."""
    out = {}
    for route, headers in wanted:
        method, path = route.split(" ", 1)
        raw = [(name.encode(), value.encode()) for name, value in {"host": "127.0.0.1:7860", **headers}.items()]
        scope = {"type": "http", "method": method, "path": _filled(path), "headers": raw, "client": ("10.1.2.3", 1), "scheme": "http"}
        try:
            building.authorizer.authorize(RequestInfo.of(scope, building.authorizer.proxies))
            out[route] = ""
        except AccessDenied as refusal:
            out[route] = refusal.code
    return out


def _filled(path: str) -> str:
    """Put something in the place of each parameter."""
    return re.sub(r"\{[^}]*\}", "xy", path)


def closed(routes: list[str], building: Building) -> set[str]:
    everything = refused(building, [(route, building.user(Role.ADMIN)) for route in routes])
    assert set(everything.values()) == {"", "closed"}
    return {route for route, code in everything.items() if code}


def test_strangers_get_what_is_open_and_nothing_else(building: Building, routes: list[str]) -> None:
    codes = refused(building, [(route, {}) for route in routes])
    assert {route for route, code in codes.items() if not code} == OPEN & set(routes)
    assert set(codes.values()) == {"", "no_credentials", "closed"}


def test_a_site_reads_and_nothing_else(building: Building, routes: list[str]) -> None:
    token = building.token("portal", HOME)
    codes = refused(building, [(route, {**token, "origin": HOME}) for route in routes])
    linked = {route for route in OPEN if "/embed/" in route or route in ("GET /healthz", "GET /readyz")}
    assert {route for route, code in codes.items() if not code} == (FOR_SITES | linked) & set(routes)
    assert set(codes.values()) <= {"", "not_for_sites", "closed"}


CREDENTIALS = [
    "expired token", "rotated token", "removed site's token", "forged token", "token changed to another site", "revoked key",
    "expired key", "no key at all", "ended session",
]


@pytest.mark.parametrize("what", CREDENTIALS)
def test_what_has_ended_or_never_was_opens_nothing(building: Building, routes: list[str], what: str) -> None:
    headers, expected = _ended(building, what)
    codes = refused(building, [(route, {"origin": HOME, **headers} if "token" in what else headers) for route in routes])
    let_in = {route for route, code in codes.items() if not code}
    assert let_in <= OPEN
    assert set(codes.values()) == {"", "closed", expected}


def _ended(building: Building, what: str) -> tuple[dict[str, str], str]:
    authorizer = building.authorizer
    authorizer.limits.failed = lambda address: None  # a hundred wrong ones in a row would else be refused for their number
    token = building.token("portal", HOME)
    match what:
        case "expired token":
            building.clock.now += 30 * 60
            return token, "expired_token"
        case "rotated token":
            authorizer.sites.rotate("portal")
            return token, "bad_credentials"
        case "removed site's token":
            authorizer.sites.remove("portal")
            return token, "bad_credentials"
        case "forged token":
            return {"authorization": token["authorization"][:-4] + "AAAA"}, "bad_credentials"
        case "token changed to another site":
            authorizer.sites.add("town", [HOME])
            return {"authorization": token["authorization"].replace("ljt_portal.", "ljt_town.")}, "bad_credentials"
        case "revoked key":
            key = building.key("once", Role.ADMIN, "read", "openai", "mcp", "metrics")
            authorizer.keys.revoke("once")
            return key, "bad_credentials"
        case "expired key":
            key = building.key("short", Role.ADMIN, "read", "openai", "mcp", "metrics")
            building.clock.now += 30 * 86400
            return key, "expired_key"
        case "no key at all":
            return {"authorization": "Bearer sk-something"}, "bad_credentials"
    session = building.user(Role.ADMIN)
    building.clock.now += 12 * 3600
    return session, "no_credentials"


ORIGINS = {"site": "origin_not_listed", "user": "foreign_origin", "key": "foreign_origin"}


@pytest.mark.parametrize("kind", ORIGINS)
@pytest.mark.parametrize("origin", [EVIL, OTHER, "null", "http://portal.example.org", "https://portal.example.org:444"])
def test_pages_of_other_origins_get_nothing(building: Building, routes: list[str], kind: str, origin: str) -> None:
    building.token("town", OTHER)
    headers = {"site": building.token("portal", HOME), "user": building.user(Role.ADMIN),
               "key": building.key("all", Role.ADMIN, "read", "openai", "mcp", "metrics")}[kind]
    codes = refused(building, [(route, {**headers, "origin": origin}) for route in routes])
    linked = {route for route in OPEN if "/embed/" in route or route in ("GET /healthz", "GET /readyz")}
    assert {route for route, code in codes.items() if not code} <= linked
    expected = "null_origin" if origin == "null" else ORIGINS[kind]
    assert set(codes.values()) <= {"", "closed", "not_for_keys", expected}


@pytest.mark.parametrize("distance", ["cross-site", "same-site"])
def test_images_scripts_and_frames_of_other_pages_get_nothing(building: Building, routes: list[str], distance: str) -> None:
    marks = {"sec-fetch-site": distance, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
    codes = refused(building, [(route, {**building.user(Role.ADMIN), **marks}) for route in routes])
    assert {route for route, code in codes.items() if not code} <= OPEN
    link = {"sec-fetch-site": distance, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert building.call("GET /", **building.user(Role.READER), **link).status_code == ADMITTED, "a link may lead here"


def test_a_link_from_another_site_asks_again_before_it_asks_to_sign_in(building: Building) -> None:
    link = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    first = building.call("GET /", **link, sec_fetch_site="cross-site")  # the strict cookie stays at home
    assert 'http-equiv="refresh"' in first.text
    again = building.call("GET /", **link, sec_fetch_site="same-origin")
    assert (again.status_code, again.headers["location"]) == (303, "/sign-in?next=/")
    known = building.call("GET /", **link, sec_fetch_site="same-origin", **building.user(Role.READER))
    assert known.headers["x-who"] == "user:a-reader"


def test_readers_are_kept_from_what_is_for_others(building: Building, routes: list[str]) -> None:
    codes = refused(building, [(route, building.user(Role.READER)) for route in routes])
    above = {route for route, code in codes.items() if code == "role"}
    librarian = {route for route in routes if "/library" in route}
    assert above == ABOVE_READERS & set(routes) | librarian
    assert refused(building, [("GET /library", building.user(Role.READER)), ("GET /library-en", building.user(Role.LIBRARIAN))]) == {
        "GET /library": "role", "GET /library-en": ""}


def test_large_bodies_are_refused_everywhere(building: Building, routes: list[str]) -> None:
    shut, admin = closed(routes, building), building.user(Role.ADMIN)
    posts = [route for route in routes if route.startswith(("POST", "PUT", "PATCH", "DELETE")) and route not in shut]
    uploads = {route for route in posts if route == "POST /gradio_api/upload" or "/api/v1/library" in route}
    for size, through in ((SMALL_BODY + 1, uploads), ((64 << 20) + 1, set())):
        answers = building.calls([(route, {**admin, "content-length": str(size)}) for route in posts])
        assert {route for route, answer in zip(posts, answers, strict=True) if answer.status_code == ADMITTED} == through
        assert {answer.status_code for answer in answers} - {ADMITTED} == {413}


def test_keys_open_what_they_are_for(building: Building, routes: list[str]) -> None:
    key = building.key("reading", Role.ADMIN, "read")
    codes = refused(building, [(route, key) for route in routes])
    let_in = {route for route, code in codes.items() if not code} - OPEN
    assert {route for route in routes if " /api/v1/" in route and "/library" not in route} - OPEN == let_in
    assert {"not_for_keys", "closed"} <= set(codes.values()) <= {"", "not_for_keys", "closed", "scope"}


def test_closed_routes_are_closed_to_administrators_too(building: Building, routes: list[str]) -> None:
    shut = closed(routes, building)
    assert any("proxy=" in route for route in shut)
    assert not shut & (OPEN | FOR_SITES | ABOVE_READERS)


PEOPLE = {
    "no login, from here": ("none", "127.0.0.1", {}, LOCAL.id),
    "no login, a token of a client that must send one": ("none", "127.0.0.1", {"authorization": "Bearer none"}, LOCAL.id),
    "open, from here": ("open", "127.0.0.1", {}, LOCAL.id),
    "open, from elsewhere": ("open", "10.1.2.3", {}, "local:10.1.2.3"),
    "named by the proxy": ("proxy", "10.9.9.9", {"x-remote-user": "Wang"}, "user:wang"),
}


@pytest.mark.parametrize("case", PEOPLE)
def test_people_are_known_in_each_way_that_is_set(tmp_path: Path, case: str) -> None:
    access, peer, headers, who = PEOPLE[case]
    building = Building(tmp_path, access=access, proxies="10.9.9.0/24")
    assert building.call("GET /", peer, **headers).headers["x-who"] == who


STRANGERS = {
    "a proxy before a server without a login": ("none", "127.0.0.1", {"x-forwarded-for": "1.2.3.4"}, "forwarded"),
    "not through the proxy": ("proxy", "10.1.2.3", {"x-remote-user": "wang"}, "not_proxy"),
    "two names": ("proxy", "10.9.9.9", {}, "no_proxy_user"),
    "a wrong key where no login is needed": ("none", "127.0.0.1", {"authorization": "Bearer ljk_x_y"}, "bad_credentials"),
    "a foreign page on this machine": ("none", "127.0.0.1", {"origin": "http://127.0.0.1:9999"}, "foreign_origin"),
    "a file": ("none", "127.0.0.1", {"origin": "null"}, "null_origin"),
    "strangers where all may read": ("open", "10.1.2.3", {"x-route": "GET /embed/setup"}, "role"),
}


@pytest.mark.parametrize("case", STRANGERS)
def test_strangers_are_told_why(tmp_path: Path, case: str) -> None:
    access, peer, headers, code = STRANGERS[case]
    building = Building(tmp_path, access=access, proxies="10.9.9.0/24")
    answer = building.call(headers.get("x-route", "GET /api/v1/version"), peer, **headers)
    assert (answer.json()["code"], answer.headers["content-type"]) == (code, "application/problem+json")
    assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize("base", ["http://evil.example:7860", "http://localhost.evil.example", "http://127.0.0.1.evil.example"])
def test_a_foreign_name_for_this_machine_opens_nothing(tmp_path: Path, base: str) -> None:
    building = Building(tmp_path, access="none")
    answer = building.call("GET /api/v1/version", "127.0.0.1", base)
    assert (answer.status_code, answer.json()["code"]) == (421, "host")
    assert building.call("GET /api/v1/version", "127.0.0.1", "http://localhost:7860").status_code == ADMITTED
    named = Building(tmp_path, access="none", hosts="linjian.example, evil.example")
    assert named.call("GET /", "127.0.0.1", "http://linjian.example").status_code == ADMITTED


def test_each_answer_carries_its_headers(building: Building) -> None:
    answer = building.call("POST /api/v1/ask", **building.token("portal", HOME), origin=HOME)
    assert answer.headers["access-control-allow-origin"] == HOME, "not what the route said"
    assert "access-control-allow-credentials" not in answer.headers
    own = building.call("GET /api/v1/version", **building.user(Role.READER))
    assert "access-control-allow-origin" not in own.headers
    for headers in (answer.headers, own.headers):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert own.headers["cross-origin-resource-policy"] == "same-origin"


PREFLIGHTS = [("POST /api/v1/ask", HOME, 204), ("POST /api/v1/ask", EVIL, 403), ("POST /api/v1/ask", "null", 403),
              ("GET /gradio_api/info", HOME, 403), ("POST /v1/chat/completions", HOME, 403)]


@pytest.mark.parametrize(("route", "origin", "status"), PREFLIGHTS)
def test_browsers_are_told_before_whether_a_page_may_ask(building: Building, route: str, origin: str, status: int) -> None:
    building.token("portal", HOME)
    method, path = route.split()
    answer = building.call(f"OPTIONS {path}", origin=origin, access_control_request_method=method)
    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") == (HOME if status == 204 else None if origin != HOME else HOME)


def test_callers_addresses_and_sites_have_their_minute(tmp_path: Path) -> None:
    building = Building(tmp_path, per_minute=3)
    one = {**building.token("portal", HOME), "origin": HOME}
    codes = [answer.status_code for answer in building.calls([("POST /api/v1/ask", one)] * 5)]
    assert codes == [ADMITTED] * 3 + [429] * 2
    refusal = building.call("POST /api/v1/ask", **one)
    assert 1 <= int(refusal.headers["retry-after"]) <= 120
    assert refusal.headers["access-control-allow-origin"] == HOME, "the widget can read when to come again"
    other = {"authorization": f"Bearer {building.authorizer.sites.get('portal').token('session-2', building.clock.now)}", "origin": HOME}
    assert building.call("POST /api/v1/ask", **other).status_code == ADMITTED, "another visitor of the same site"
    assert building.call("GET /gradio_api/info", **building.user(Role.READER)).status_code == ADMITTED, "not counted"


def test_a_site_has_its_day(tmp_path: Path) -> None:
    building = Building(tmp_path)
    building.authorizer.sites.add("small", [HOME], daily=2)
    token = building.token("small", HOME)
    codes = [building.call("POST /api/v1/ask", **token, origin=HOME).status_code for _ in range(4)]
    assert codes == [ADMITTED, ADMITTED, 429, 429]
    assert building.authorizer.sites.used("small") == 2
    again = Building(tmp_path)  # the server starts anew: the day goes on
    assert again.call("POST /api/v1/ask", **token, origin=HOME).json()["code"] == "daily"
    again.clock.now += 86400
    assert again.call("POST /api/v1/ask", **again.token("small", HOME), origin=HOME).status_code == ADMITTED


def test_guessing_is_stopped(building: Building) -> None:
    wrong = {"authorization": "Bearer ljk_000000000000_guess"}
    codes = [answer.json()["code"] for answer in building.calls([("GET /api/v1/version", wrong)] * 25)]
    assert codes[0] == "bad_credentials"
    assert codes[-1] == "suspended"
    key = building.key("good", Role.READER, "read")
    assert building.call("GET /api/v1/version", **key).status_code == ADMITTED, "the right one, also from there"
    token = {**building.token("portal", HOME), "origin": HOME}
    assert building.call("POST /api/v1/ask", **token).status_code == ADMITTED
    assert building.call("GET /api/v1/version", **wrong).json()["code"] == "suspended", "the others wait on"
    assert building.call("GET /api/v1/version", "10.7.7.7", **wrong).json()["code"] == "bad_credentials"


def test_a_body_without_a_length_is_measured(building: Building) -> None:
    async def send(pieces: int) -> tuple[int, int]:
        async def body():
            for _ in range(pieces):
                yield b"x" * 65536

        arrived = 0

        async def inside(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal arrived
            more = True
            while more:
                message = await receive()
                arrived += len(message["body"])
                more = message["more_body"]
            await building._inside(scope, receive, send)

        transport = httpx.ASGITransport(AuthMiddleware(inside, building.authorizer), client=("10.1.2.3", 1))
        async with httpx.AsyncClient(transport=transport, base_url=SERVER) as client:
            answer = await client.post("/api/v1/ask", content=body(), headers=building.user(Role.READER))
        return answer.status_code, arrived

    assert asyncio.run(send(4)) == (ADMITTED, 4 * 65536)
    assert asyncio.run(send(17)) == (413, 0)


def test_sockets_are_guarded_too(building: Building) -> None:
    sent: list[dict] = []

    async def knock(headers: dict[str, str]) -> None:
        raw = [(name.encode(), value.encode()) for name, value in {"host": "127.0.0.1:7860", **headers}.items()]
        scope = {"type": "websocket", "path": "/gradio_api/stream", "headers": raw, "client": ("10.1.2.3", 1), "scheme": "ws"}

        async def receive() -> dict:
            return {"type": "websocket.connect"}

        async def send(message: dict) -> None:
            sent.append(message)

        await building.guard(scope, receive, send)

    asyncio.run(knock({}))
    asyncio.run(knock({**building.user(Role.ADMIN), "origin": EVIL}))
    assert [message["type"] for message in sent] == ["websocket.close"] * 2
