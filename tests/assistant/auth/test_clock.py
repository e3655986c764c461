"""What was made while the clock was ahead. Run: python -m pytest -q tests/assistant/auth/test_clock.py"""

from pathlib import Path

import pytest

from assistant.auth.access_denied import AccessDenied
from assistant.auth.accounts.credentials import TOKEN_SECONDS
from assistant.auth.accounts.identity import Role
from assistant.auth.accounts.users import SESSION_SECONDS
from assistant.auth.authorizer import Authorizer
from assistant.auth.request import RequestInfo

NOW = 1_800_000_000
LEAP = 400 * 86400
HOME = "https://portal.example.org"


class World:
    """A server whose clock the test sets, with a site and a user."""

    def __init__(self, home: Path) -> None:
        self.now = NOW
        self.authorizer = Authorizer(home, access="accounts", clock=lambda: self.now, per_minute=0)
        self.authorizer.sites.add("portal", [HOME])
        self.authorizer.users.add("anna", Role.READER, "correct horse")

    def made(self) -> dict[str, dict[str, str]]:
        """Return headers with a new token, session and key."""
        session = self.authorizer.users.sign_in("anna", "correct horse")
        token = self.authorizer.sites.get("portal").token("session-1", self.now)
        key = self.authorizer.keys.add(f"key-{self.now}", Role.READER, ["read"], 30)
        return {"token": {"authorization": f"Bearer {token}", "origin": HOME}, "session": {"cookie": f"linjian_session={session}"},
                "key": {"authorization": f"Bearer {key}"}}

    def asked(self, headers: dict[str, str]) -> str:
        """Return which kind of caller was let in, or the code of the refusal."""
        raw = [(name.encode(), value.encode()) for name, value in {"host": "127.0.0.1:7860", **headers}.items()]
        scope = {"type": "http", "method": "POST", "path": "/api/v1/ask", "headers": raw, "client": ("10.1.2.3", 1), "scheme": "http"}
        try:
            return self.authorizer.authorize(RequestInfo.of(scope, ())).caller.kind
        except AccessDenied as refusal:
            return refusal.code


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


REFUSED = {"token": "expired_token", "session": "no_credentials", "key": "bad_credentials"}


@pytest.mark.parametrize("what", REFUSED)
def test_what_was_made_ahead_of_time_is_not_good_when_the_clock_is_right(world: World, what: str) -> None:
    world.now = NOW + LEAP
    headers = world.made()[what]
    assert world.asked(headers) in ("site", "user", "key")
    world.now = NOW
    assert world.asked(headers) == REFUSED[what]
    world.now = NOW + 86400 * 30
    assert world.asked(headers) == REFUSED[what]


def test_a_session_made_ahead_of_time_does_not_come_back_in_its_time(world: World) -> None:
    world.now = NOW + LEAP
    headers = world.made()["session"]
    world.now = NOW
    now = world.made()["session"]  # somebody signs in, which cleans up
    assert world.asked(now) == "user"
    world.now = NOW + LEAP
    assert world.asked(headers) == "no_credentials"


@pytest.mark.parametrize(("what", "life"), [("token", TOKEN_SECONDS), ("session", SESSION_SECONDS), ("key", 30 * 86400)])
def test_what_was_made_by_a_right_clock_has_its_whole_life(world: World, what: str, life: int) -> None:
    headers = world.made()[what]
    assert world.asked(headers) in ("site", "user", "key")
    world.now = NOW + life - 1
    assert world.asked(headers) in ("site", "user", "key")
    world.now = NOW + life
    assert world.asked(headers) not in ("site", "user", "key")
