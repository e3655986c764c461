"""Logs, metrics, health and the audit log of a server. Run: python -m pytest -q
tests/assistant/operations/test_operations.py"""

import asyncio
import io
import itertools
import json
import logging
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from prometheus_client.parser import text_string_to_metric_families

from assistant.auth.accounts.identity import LOCAL, STATE, Caller, Role
from assistant.operations.audit import AUDIT, AuditLog
from assistant.operations.event_log import Operations, Record, open_operations
from assistant.operations.health import readiness_of
from assistant.operations.logs import JsonLines, set_up
from assistant.operations.prometheus_metrics import Metrics
from assistant.operations.request_log import SCOPE, RequestLog
from assistant.operations.routes import ops_routes
from assistant.service.events import Answered
from assistant.settings import Settings
from assistant.types import Answer, Ask
from index.errors import DamagedIndex, StaleIndex

ANNA = Caller("user", "anna", Role.READER)
QUESTION = "谁家的飞线最多？"


class Index:
    version = "000007"

    def articles(self) -> list[int]:
        return [1, 2, 3]


def an_answer(**changed: object) -> Answer:
    given = {"question": QUESTION, "standalone_question": QUESTION, "language": "zh", "text": "没有", "claims": (), "citations": (),
             "retrieved": (), "model": "extractive", "index_version": "000007", "timings_ms": {"search": 40.0, "answer": 2500.0}}
    return Answer(**given | changed)


def reported(record: Record, path: str, answer: Answer) -> None:
    """Report an answer as in the context of a request that ANNA sent to `path`."""
    context = copy_context()
    context.run(SCOPE.set, {"path": path, "state": {STATE: ANNA, "request_id": "r1"}})
    context.run(record.answered, Answered(Ask(answer.question), answer))


class Door:
    """A guard for tests: the header X-Who names the caller."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        who = dict(scope["headers"]).get(b"x-who", b"anna:READER").decode().split(":")
        scope["state"][STATE] = Caller("user", who[0], Role[who[1]])
        await self.app(scope, receive, send)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the server logs, as JSON lines; the log is put back as it was."""
    root, ours = logging.getLogger(), logging.getLogger("assistant")
    before = (root.handlers[:], root.level, ours.level)
    stream = io.StringIO()
    set_up("json", stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def lines(log: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


class Server:
    """An app behind the middleware, asked without a socket."""

    def __init__(self, address: str = "10.0.0.9") -> None:
        self.metrics, self.address = Metrics(), address
        readiness = readiness_of(Index, encoder="e5-small", reranker="on", model="http://user:secret@10.0.0.2/v1")
        self.metrics.watch(readiness)
        app = FastAPI()
        app.include_router(ops_routes(Operations(Record(self.metrics, None, questions=False), readiness)))

        @app.get("/items/{item}")
        def read(item: str) -> str:
            if item == "missing":
                raise HTTPException(404)
            if item == "broken":
                raise RuntimeError("a bug")
            logging.getLogger("assistant.somewhere").warning("looked at %s", item)
            return item

        @app.get("/stream")
        async def stream() -> StreamingResponse:
            async def pieces():
                yield b"first"
                await asyncio.sleep(3600)

            return StreamingResponse(pieces())

        self.app = RequestLog(Door(app), self.metrics)

    def get(self, path: str, **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(self.address, 4000), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

        return asyncio.run(ask())

    def samples(self) -> dict[tuple, float]:
        """Return the metrics by name and labels."""
        families = text_string_to_metric_families(self.metrics.text().decode())
        return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}

    def requests(self) -> dict[tuple[str, str], float]:
        """Return how many requests were counted, by route and status."""
        return {(dict(key[1:])["route"], dict(key[1:])["status"]): value for key, value in self.samples().items()
                if key[0] == "linjian_http_requests_total"}


def test_a_request_is_one_line_of_json_and_one_count(log: io.StringIO) -> None:
    server = Server()
    replies = [server.get(f"/items/{item}?token=secret") for item in ("a", "b", "missing", "broken")] + [server.get("/nowhere")]
    assert [reply.status_code for reply in replies] == [200, 200, 404, 500, 404]
    told = [line for line in lines(log) if line["message"] == "request"]
    assert [(t["path"], t["status"], t["level"], t["caller"], t["client"]) for t in told] == [
        ("/items/a", 200, "info", "user:anna", "10.0.0.9"), ("/items/b", 200, "info", "user:anna", "10.0.0.9"),
        ("/items/missing", 404, "info", "user:anna", "10.0.0.9"), ("/items/broken", 500, "error", "user:anna", "10.0.0.9"),
        ("/nowhere", 404, "info", "user:anna", "10.0.0.9")]
    assert "secret" not in log.getvalue(), "no query string"
    assert server.requests() == {("/items/{item}", "200"): 2, ("/items/{item}", "404"): 1, ("/items/{item}", "500"): 1,
                                 ("unmatched", "404"): 1}
    assert server.samples()["linjian_http_requests_running",] == 0


def test_the_request_id_is_in_the_reply_and_in_every_line(log: io.StringIO) -> None:
    server = Server()
    reply = server.get("/items/a")
    assert {line["request"] for line in lines(log)} == {reply.headers["x-request-id"]}
    assert {line["message"] for line in lines(log)} == {"looked at a", "request"}, "also what was logged in another thread"
    assert server.get("/items/a").headers["x-request-id"] != reply.headers["x-request-id"]


@pytest.mark.parametrize(("given", "taken"), [("proxy-1.2_3", True), ("x" * 64, True), ("x" * 65, False), ('a"b', False), ("", False)])
def test_a_request_id_of_a_proxy_is_taken_over_when_it_is_harmless(given: str, taken: bool) -> None:
    assert (Server().get("/items/a", x_request_id=given).headers["x-request-id"] == given) is taken


def test_a_client_that_goes_away_is_told_apart(log: io.StringIO) -> None:
    server = Server()

    async def leave() -> None:
        first = asyncio.Event()

        async def receive():
            await first.wait()
            return {"type": "http.disconnect"}

        async def send(message) -> None:
            if message.get("body"):
                first.set()

        scope = {"type": "http", "method": "GET", "path": "/stream", "headers": [], "query_string": b"", "client": None,
                 "asgi": {"version": "3.0", "spec_version": "2.3"}, "root_path": "", "scheme": "http", "http_version": "1.1"}
        await asyncio.wait_for(server.app(scope, receive, send), 10)

    with suppress(asyncio.CancelledError):
        asyncio.run(leave())
    assert server.requests() == {("/stream", "499"): 1}
    assert [line["status"] for line in lines(log)] == [499]


def test_labels_cannot_be_made_up_by_a_client() -> None:
    server = Server()

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(server.app), base_url="http://test") as client:
            for n in range(20):
                await client.request(f"M{n}", f"/made/up/{n}")

    asyncio.run(ask())
    assert server.requests() == {("unmatched", "404"): 20}
    assert {dict(key[1:])["method"] for key in server.samples() if key[0] == "linjian_http_requests_total"} == {"OTHER"}


@pytest.mark.parametrize(("address", "headers", "allowed"), [
    ("127.0.0.1", {}, False),
    ("::1", {}, False),
    ("10.0.0.9", {}, False),
    ("", {}, False),
    ("127.0.0.1", {"x_forwarded_for": "10.0.0.9"}, False),
    ("127.0.0.1", {"forwarded": "for=10.0.0.9"}, False),
    ("10.0.0.9", {"x_forwarded_for": "127.0.0.1"}, False),
    ("10.0.0.9", {"x_who": "root:ADMIN"}, True),
    ("10.0.0.9", {"x_who": "lib:LIBRARIAN"}, False),
], ids=str)
def test_metrics_are_for_an_admin_and_the_guard_says_who_is_one(address: str, headers: dict[str, str], allowed: bool) -> None:
    reply = Server(address).get("/metrics", **headers)
    assert reply.status_code == (200 if allowed else 403)
    assert reply.headers["content-type"].startswith("text/plain; version=" if allowed else "application/problem+json")
    assert ("linjian_index_info" in reply.text) is allowed


def test_health_and_readiness_say_what_answers(log: io.StringIO) -> None:
    server = Server()
    assert server.get("/healthz").json() == {"status": "ok"}
    assert server.get("/readyz").json() == {
        "status": "ready", "index_version": "000007", "articles": 3, "encoder": "e5-small", "reranker": "on", "model": "server"}
    assert log.getvalue() == "", "what asks every few seconds does not fill the log"


def test_an_answer_is_counted_with_its_stages(tmp_path: Path) -> None:
    server = Server()
    with closing(AuditLog(tmp_path, days=1)) as audit:
        record = Record(server.metrics, audit, questions=False)
        reported(record, "/api/v1/ask", an_answer())
        reported(record, "/gradio_api/queue/join", an_answer(refused=True, refusal_reason="off_topic"))
    samples = server.samples()
    labels = {"language": "zh", "model": "extractive"}
    assert samples["linjian_answers_total", *sorted({"by": "api", "outcome": "answered", **labels}.items())] == 1
    assert samples["linjian_answers_total", *sorted({"by": "chat", "outcome": "off_topic", **labels}.items())] == 1
    assert samples["linjian_answer_stage_seconds_sum", ("stage", "answer")] == pytest.approx(5)
    assert samples["linjian_answer_stage_seconds_bucket", ("le", "2.0"), ("stage", "answer")] == 0
    assert samples["linjian_answer_stage_seconds_bucket", ("le", "0.1"), ("stage", "search")] == 2


@pytest.mark.parametrize("questions", [True, False])
def test_what_is_asked_is_written_down_only_when_switched_on(questions: bool, tmp_path: Path, log: io.StringIO) -> None:
    with closing(AuditLog(tmp_path, days=1)) as audit:
        reported(Record(Metrics(), audit, questions=questions), "/api/v1/ask", an_answer())
        (event,) = audit.events()
    (line,) = lines(log)
    assert (event.caller, event.role, event.what, event.request) == ("user:anna", "reader", "ask", "r1")
    assert (line["asked"], event.about) == ((QUESTION,) * 2 if questions else ("8 characters",) * 2)
    assert (line["request"], line["by"], line["outcome"], line["timings_ms"]["answer"]) == ("r1", "api", "answered", 2500.0)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert (QUESTION.encode() in stored) is questions


def test_a_line_stays_a_line(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    (ours,) = (handler for handler in logging.getLogger().handlers if getattr(handler, "stream", None) is log)
    # pytest's own cannot carry half a surrogate pair to its parent
    monkeypatch.setattr(logging.getLogger(), "handlers", [ours])
    logging.getLogger("assistant").warning("a\nb\u2028c\x1b[31m 红 \ud800")
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("bad")
    rows = log.getvalue().splitlines()
    assert len(rows) == 2
    assert log.getvalue().isascii()
    assert json.loads(rows[0])["message"] == "a\nb\u2028c\x1b[31m 红 \ud800"
    assert "ValueError: two\nlines" in json.loads(rows[1])["traceback"]


@pytest.mark.parametrize(("form", "terminal", "is_json"), [
    ("auto", True, False), ("auto", False, True), ("json", True, True), ("plain", False, False)])
def test_a_person_gets_warnings_only(form: str, terminal: bool, is_json: bool, log: io.StringIO) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: terminal
    set_up(form, stream)
    logging.getLogger("assistant.operations").info("request")
    logging.getLogger("assistant.live").warning("told")
    assert len(stream.getvalue().splitlines()) == (2 if is_json else 1)
    assert isinstance(logging.getLogger().handlers[0].formatter, JsonLines) is is_json


def test_the_audit_log_keeps_its_days_and_no_more(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with closing(AuditLog(tmp_path, days=30, now=lambda: now)) as audit:
        audit.record(ANNA, "ask", "old")
        now += timedelta(days=29)
        audit.record(ANNA, "ask", "newer")
        assert [event.about for event in audit.events()] == ["old", "newer"]
        now += timedelta(days=2)
        audit.record(LOCAL, "remove", "a.txt")  # the first event of a day cleans up
        assert [event.about for event in audit.events()] == ["newer", "a.txt"]
        now += timedelta(days=31)  # longer without an event would be a leap of the clock
        assert audit.clean() == 2


def test_the_audit_log_is_asked_by_who_what_and_when(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with closing(AuditLog(tmp_path, days=30, now=lambda: now)) as audit:
        for day, (caller, what) in enumerate([(ANNA, "ask"), (LOCAL, "ask"), (LOCAL, "remove"), (ANNA, "ask")]):
            now = datetime(2026, 3, 1 + day, 12, tzinfo=UTC)
            audit.record(caller, what, str(day))
        assert [e.about for e in audit.events(caller="user:anna")] == ["0", "3"]
        assert [e.about for e in audit.events(what="remove")] == ["2"]
        assert [e.about for e in audit.events(since="2026-03-03")] == ["2", "3"]
        assert [e.about for e in audit.events(limit=1)] == ["3"], "the newest"
        assert audit.events()[0].at == "2026-03-01T12:00:00+00:00"


def test_settings_are_written_down_when_they_changed(tmp_path: Path) -> None:
    for settings in ({"port": 1, "model_key": "**"}, {"port": 1, "model_key": "**"}, {"port": 2, "model_key": "**"}):
        with closing(AuditLog(tmp_path, days=30)) as audit:
            audit.record_settings(settings)
    with closing(AuditLog(tmp_path, days=30)) as audit:
        assert [json.loads(event.about)["port"] for event in audit.events(what="settings")] == [1, 2]


def test_no_password_of_an_address_is_stored_or_told(tmp_path: Path, log: io.StringIO) -> None:
    settings = Settings(home=tmp_path, model="http://me:ge/he@im@10.0.0.2/v1", reranker="http://me:geheim@10.0.0.3/rerank", log="json")
    with open_operations(settings, Index) as operations, closing(AuditLog(tmp_path, days=1)) as audit:
        [stored] = audit.events(what="settings")
        told = f"{stored.about} {operations.readiness()} {operations.record.metrics.text().decode()}"
    assert ("10.0.0.2/v1" in stored.about, "10.0.0.3/rerank" in told) == (True, True)
    assert not re.search("geheim|ge/|he@|im@", told + log.getvalue())
    assert b"geheim" not in (tmp_path / AUDIT).read_bytes()


@pytest.mark.parametrize("days", [1, 20], ids=["one-day", "cleaned-at-almost-every-event"])
def test_many_threads_write_to_the_audit_log_and_nothing_is_lost(tmp_path: Path, days: int) -> None:
    """A SELECT that one thread has open pins what its connection sees; behind another's writing, an INSERT then fails at once."""
    lost, ticks = [], itertools.count()

    def now() -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=next(ticks) % days)

    with closing(AuditLog(tmp_path, days=30, lost=lambda: lost.append(1), now=now)) as audit, \
            closing(AuditLog(tmp_path, days=30, lost=lambda: lost.append(1), now=now)) as other:
        logs = [audit, other]
        threads = [threading.Thread(target=lambda n=n: [logs[n % 2].record(ANNA, "ask", f"{n}-{k}") for k in range(25)])
                   for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({event.about for event in audit.events(limit=1000)}) == 200
    assert not lost


def test_an_event_that_cannot_be_written_is_told_and_stops_nobody(tmp_path: Path, log: io.StringIO) -> None:
    lost = []
    with closing(AuditLog(tmp_path, days=30, lost=lambda: lost.append(1))) as audit:
        with closing(sqlite3.connect(tmp_path / AUDIT)) as db:
            db.execute("DROP TABLE events")
        audit.record(ANNA, "ask", "gone")
    assert lost == [1]
    assert [line["level"] for line in lines(log)] == ["error"]


def test_hostile_text_is_stored_bounded(tmp_path: Path) -> None:
    with closing(AuditLog(tmp_path, days=30)) as audit:
        audit.record(ANNA, "ask", "'); DROP TABLE events; --\x00\ud800" + "长" * 10_000)
        (event,) = audit.events()
    assert event.about.startswith("'); DROP TABLE events; --\x00?")
    assert len(event.about) == 2000


def test_an_audit_log_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / AUDIT).write_bytes(b"no database at all, but long enough to be one" * 30)
    with pytest.raises(DamagedIndex, match=AUDIT):
        AuditLog(tmp_path, days=1)
    (tmp_path / AUDIT).unlink()
    with closing(sqlite3.connect(tmp_path / AUDIT)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StaleIndex, match="newer release"):
        AuditLog(tmp_path, days=1)


def test_others_may_not_read_the_audit_log(tmp_path: Path) -> None:
    AuditLog(tmp_path, days=1).close()
    assert (tmp_path / AUDIT).stat().st_mode & 0o077 == 0
