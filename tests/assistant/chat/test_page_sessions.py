"""Who knows the name of another's session gets nothing of it. Run: python -m pytest -q
tests/assistant/chat/test_page_sessions.py"""

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.state_holder import StateHolder

from assistant.auth.accounts.identity import STATE, Caller, Role
from assistant.auth.authorizer import Authorizer
from assistant.chat.gradio_fixes.blocks import Pages
from assistant.chat.gradio_fixes.page_sessions import LIFETIME, MOST, NOT_YOURS, PageSessions
from tests.fakes.live_server import chatting

ASKED = "老旧小区没有物业怎么办？"
PASSWORD = "correct horse"


class Visitor:
    """Somebody who signed in, with what the page would send."""

    def __init__(self, url: str, cookie: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"cookie": f"linjian_session={cookie}"}, timeout=60)
        self.events = {event["api_name"]: event["id"] for event in self.client.get("/config").json()["dependencies"]}

    def join(self, session: str, event: str, *values: Any) -> httpx.Response:
        return self.client.post("/gradio_api/queue/join", json={
            "data": [None, *values], "fn_index": self.events[event], "session_hash": session})

    def read(self, session: str) -> str:
        """Return the stream of a session up to the end of its event."""
        told = []
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                told.append(line)
                if '"msg":"process_completed"' in line:
                    break
        return "\n".join(told)

    def begun(self, path: str) -> httpx.Response:
        """Return the response of a stream, whose body is read if there is an end to it."""
        with self.client.stream("GET", path) as response:
            if response.status_code != 200:
                response.read()
        return response

    def done(self, session: str, event: str, *values: Any) -> str:
        assert self.join(session, event, *values).status_code == 200
        return self.read(session)

    def save(self, session: str) -> str:
        return self.done(session, "_do", json.dumps({"deed": "save", "key": 0, "as": "md"}))


@pytest.fixture(scope="module")
def visitors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, Visitor]]:
    home = tmp_path_factory.mktemp("home")
    door = Authorizer(home, access="accounts")
    for name in ("anna", "mallory"):
        door.users.add(name, Role.READER, PASSWORD)
    with chatting(home, access="accounts") as url:
        anna, mallory = (Visitor(url, door.users.sign_in(name, PASSWORD)) for name in ("anna", "mallory"))
        with closing(anna.client), closing(mallory.client):
            yield anna, mallory


def test_a_session_is_its_owners_alone(visitors: tuple[Visitor, Visitor]) -> None:
    anna, mallory = visitors
    session = secrets.token_hex(6)
    anna.done(session, "opened", "zh", json.dumps({"browser": "b"}))
    anna.done(session, "ask", ASKED)
    event = anna.join(session, "ask", ASKED).json()["event_id"]  # its answer is not read yet
    save = json.dumps({"deed": "save", "key": 0, "as": "md"})
    tries = [
        mallory.join(session, "_do", save), *(mallory.join(session, event) for event in mallory.events),
        *(mallory.client.post(f"/gradio_api/{way}/ask", json={"data": [ASKED], "session_hash": session}) for way in ("run", "api", "call")),
        *(mallory.begun(f"/gradio_api/{path}") for path in (
            f"queue/data?session_hash={session}", f"queue/data?session_hash=mine&session_hash={session}", f"heartbeat/{session}",
            f"call/ask/{event}")),
        *(mallory.client.post("/gradio_api/cancel", json={"session_hash": named, "fn_index": 0, "event_id": event})
          for named in (session, "mine")),
        mallory.client.post("/gradio_api/reset", json={"event_id": event}),
    ]
    assert {tried.status_code for tried in tries} == {404}
    assert {tried.json()["detail"] for tried in tries} == {NOT_YOURS}
    assert event in anna.read(session), "the event was neither cancelled nor read by another"
    assert "text/markdown" in anna.save(session)
    assert "text/markdown" not in mallory.save(secrets.token_hex(6)), "one of her own is served, and empty"


def test_programs_read_the_events_that_they_sent(visitors: tuple[Visitor, Visitor]) -> None:
    anna, mallory = visitors
    for body in ({"data": [ASKED]}, {"data": [ASKED], "session_hash": secrets.token_hex(6)}):
        event = anna.client.post("/gradio_api/call/ask", json=body).json()["event_id"]
        assert mallory.client.get(f"/gradio_api/call/ask/{event}").status_code == 404
        assert "event: complete" in anna.client.get(f"/gradio_api/call/ask/{event}").text


def test_an_event_runs_for_the_owner_of_its_session_only() -> None:
    def sent_by(name: str) -> gr.Request:
        scope = {"state": {STATE: Caller("user", name, Role.READER)}}
        return gr.Request(request=SimpleNamespace(scope=scope), session_hash="s")

    async def scene() -> None:
        with Pages(analytics_enabled=False) as blocks:
            button = gr.Button("a")
            button.click(lambda: "b", None, button)
        await blocks.process_api(0, [], request=sent_by("anna"))
        with pytest.raises(gr.Error, match="no such session of yours"):
            await blocks.process_api(0, [], request=sent_by("mallory"))

    asyncio.run(scene())


class Time:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_there_are_few_sessions_and_nobody_can_crowd_others_out() -> None:
    ended: list[str] = []
    sessions = PageSessions(ended.append)
    assert sessions.admits("annas", "anna")
    assert all(sessions.admits(f"m{n}", "mallory") for n in range(MOST + 100))
    assert ended == [f"m{n}" for n in range(101)]
    assert not sessions.admits("annas", "mallory")
    assert sessions.admits("m0", "anna"), "nothing of it is left"


def test_a_session_ends_some_time_after_its_last_request() -> None:
    ended: list[str] = []
    clock = Time()
    sessions = PageSessions(ended.append, clock=clock)
    assert all(sessions.admits(name, "anna") for name in ("open", "used", "left"))
    with sessions.during("open"):
        clock.now += LIFETIME - 1
        assert sessions.admits("used", "anna")
        clock.now += 2
        sessions.end_old()
        assert ended == ["left"]
        clock.now += LIFETIME
    sessions.end_old()
    assert ended == ["left", "used"]
    clock.now += LIFETIME
    sessions.end_old()
    assert ended == ["left", "used", "open"]
    assert sessions.admits("left", "mallory"), "nothing of it is left"


def test_gradio_keeps_no_data_of_a_session_that_has_ended() -> None:
    async def scene() -> list[int]:
        with Pages(analytics_enabled=False) as blocks:
            gr.State([])
        holder, clock = StateHolder(), Time()
        holder.set_blocks(blocks)
        blocks.page_sessions = PageSessions(blocks.forget, clock=clock)
        held = []
        for number in range(MOST + 100):
            assert blocks.page_sessions.admits(f"s{number}", "anna")
            assert holder[f"s{number}"]
        held.append(len(holder.session_data))
        assert holder.capacity == MOST
        clock.now += LIFETIME
        blocks.page_sessions.end_old()
        return [*held, len(holder.session_data), len(holder.time_last_used)]

    assert asyncio.run(scene()) == [MOST, 0, 0]


def test_an_answer_that_nobody_reads_is_not_kept() -> None:
    """A program that sends events and never asks for what came of them fills no memory: see `Pages.forget`."""

    async def scene() -> tuple[dict, dict]:
        with Pages(analytics_enabled=False) as blocks:
            gr.State([])
        StateHolder().set_blocks(blocks)
        queue = blocks._queue
        for session, event in (("ended", "e1"), ("running", "e2")):
            queue.pending_event_ids_session[session] = {event}
            queue.pending_messages_per_session[session] = asyncio.Queue()
        queue.event_ids_to_events["e2"] = SimpleNamespace(session_hash="running")
        blocks.forget("ended")
        blocks.forget("running")
        return queue.pending_event_ids_session, queue.pending_messages_per_session

    events, messages = asyncio.run(scene())
    assert (list(events), list(messages)) == (["running"], ["running"])
