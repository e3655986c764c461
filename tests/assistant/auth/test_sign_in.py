"""Signing in while somebody guesses or floods. Run: python -m pytest -q tests/assistant/auth/test_sign_in.py"""

import asyncio
import threading
from collections import Counter
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from assistant.auth.authorizer import Authorizer
from assistant.auth.middleware import AuthMiddleware
from assistant.auth.routes import auth_routes

RIGHT = "correct horse"


class SlowUsers:
    """Users whose passwords take as long as the test says; counts how many are looked at, and how many at once."""

    def __init__(self) -> None:
        self.looked_at = self.running = self.most = 0
        self._lock = threading.Lock()
        self.go_on = threading.Event()

    def sign_in(self, name: str, password: str) -> str | None:
        with self._lock:
            self.looked_at += 1
            self.running += 1
            self.most = max(self.most, self.running)
        self.go_on.wait(5)
        with self._lock:
            self.running -= 1
        return "a-session" if password == RIGHT else None


class SignInPage:
    """The page behind the guard, with people who may try it from several addresses."""

    def __init__(self, home: Path) -> None:
        self.authorizer = authorizer = Authorizer(home, access="accounts", per_minute=0, language="en")
        self.users = authorizer.users = SlowUsers()
        app = FastAPI()
        app.include_router(auth_routes(authorizer))
        self.app = AuthMiddleware(app, authorizer)

    def tried(self, wanted: list[tuple[str, str, str]], refused: int = 0) -> list[httpx.Response]:
        """Return the responses to (address, user, password), all sent at once; so many come before any was looked at."""
        answered = 0
        self.users.go_on.clear()

        async def one(address: str, user: str, password: str) -> httpx.Response:
            nonlocal answered
            transport = httpx.ASGITransport(self.app, client=(address, 5000))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
                answer = await client.post("/sign-in", data={"user": user, "password": password})
            answered += 1
            if answered >= refused:
                self.users.go_on.set()
            return answer

        async def everybody() -> list[httpx.Response]:
            if not refused:
                self.users.go_on.set()
            return await asyncio.gather(*(one(*given) for given in wanted))

        return asyncio.run(everybody())

    def asked(self, method: str, path: str, authorization: str) -> httpx.Response:
        """Return the response to one request from 10.1.2.3 that brings a secret."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=("10.1.2.3", 5000))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
                return await client.request(method, path, headers={"authorization": authorization})

        return asyncio.run(ask())


def statuses(answers: list[httpx.Response]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


@pytest.fixture
def page(tmp_path: Path) -> SignInPage:
    return SignInPage(tmp_path)


def test_a_flood_of_one_address_is_looked_at_twenty_times_and_by_twos(page: SignInPage) -> None:
    answers = page.tried([("10.1.2.3", "anna", f"guess {n}") for n in range(150)], refused=130)
    assert statuses(answers) == {401: 20, 429: 130}
    assert (page.users.looked_at, page.users.most) == (20, 2)
    assert {answer.headers.get("retry-after", "").isdecimal() for answer in answers} == {False, True}


def test_a_flood_of_many_addresses_does_not_wait_without_end(page: SignInPage) -> None:
    answers = page.tried([(f"10.1.2.{n}", f"user-{n}", "guess") for n in range(150)], refused=128)
    assert statuses(answers) == {401: 22, 503: 128}
    assert (page.users.looked_at, page.users.most) == (22, 2)
    assert {answer.headers["retry-after"] for answer in answers if answer.status_code == 503} == {"5"}
    assert statuses(page.tried([("10.1.2.3", "anna", RIGHT)])) == {303: 1}, "there is room again"


def test_right_passwords_are_not_counted(page: SignInPage) -> None:
    for _ in range(3):
        assert statuses(page.tried([("10.1.2.3", "anna", RIGHT)] * 15)) == {303: 15}


def test_who_guesses_locks_out_nobody_elsewhere(page: SignInPage) -> None:
    for _ in range(3):
        page.tried([("10.1.2.3", "anna", "guess")] * 10)
    assert statuses(page.tried([("10.1.2.3", "anna", RIGHT)])) == {429: 1}
    assert statuses(page.tried([("10.7.7.7", "anna", RIGHT)])) == {303: 1}


def test_wrong_keys_and_secrets_keep_nobody_from_signing_in(page: SignInPage) -> None:
    page.authorizer.sites.add("portal", ["https://portal.example.org"])
    secret = page.authorizer.sites.rotate("portal")
    exchange = ("POST", "/api/v1/embed/portal/exchange")
    wrong = [page.asked(*exchange, "Embed ljs_guess").json()["code"] for _ in range(25)]
    wrong += [page.asked("GET", "/", "Bearer ljk_0_guess").json()["code"] for _ in range(5)]
    assert wrong == ["bad_secret"] * 20 + ["suspended"] * 10
    assert page.asked(*exchange, f"Embed {secret}").status_code == 200
    assert statuses(page.tried([("10.1.2.3", "anna", RIGHT)])) == {303: 1}
