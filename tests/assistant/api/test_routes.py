"""The REST routes on a real server. Run: python -m pytest -q tests/assistant/api/test_routes.py"""

import json
import socket
import threading
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from assistant.api.types import AnswerShape
from assistant.auth.accounts.identity import LOCAL, Caller, Role
from assistant.types import Answer, Ask
from index.types import text_at
from tests.fakes.api_server import EXAMPLES, PAGES, Api, serving

QUESTION = "纺机家属院每户每月交多少钱？"
PATIENCE = 180


@pytest.fixture(scope="module")
def api(letters_home: Path) -> Iterator[Api]:
    with serving(letters_home) as running:
        yield running


@pytest.fixture
def client(api: Api) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.url, trust_env=False, timeout=PATIENCE) as http:
        yield http
    api.assistant.go.set()
    api.door.caller = LOCAL


def problem(response: httpx.Response, status: int, code: str) -> dict:
    """Return the problem that the response is."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json"), response.text
    body = response.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["title"]
    assert body["detail"]
    return body


def without_times(shape: dict) -> dict:
    return {**shape, "timings_ms": None}


def events(text: str) -> list[tuple[str, dict]]:
    blocks = [block.splitlines() for block in text.split("\n\n") if block and not block.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def test_the_answer_is_the_one_that_the_assistant_gives(api: Api, client: httpx.Client) -> None:
    response = client.post("/api/v1/ask", json={"question": QUESTION})
    assert response.headers["content-type"] == "application/json"
    shape = response.json()
    assert without_times(shape) == json.loads(json.dumps(without_times(api.assistant.invoke(Ask(QUESTION)).to_dict())))
    assert shape["citations"]
    texts = {page.name: page.read_text("utf-8-sig") for page in PAGES}
    assert all(text_at(texts[c["file"]], c["spans"]) == c["quote"] for c in shape["citations"])
    AnswerShape.model_validate(shape)


def test_the_shape_in_the_document_is_the_answers_own(client: httpx.Client) -> None:
    shape = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    schemas = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    for name, one in (("AnswerShape", shape), ("CitationShape", shape["citations"][0]), ("ClaimShape", shape["claims"][0]),
                      ("FoundShape", shape["retrieved"][0])):
        assert set(schemas[name]["properties"]) == set(one) == set(schemas[name]["required"]), name
    assert Answer.from_dict(shape).to_dict() == Answer.from_dict(json.loads(json.dumps(shape))).to_dict()


@pytest.mark.parametrize("how", [{"json": {"question": QUESTION, "stream": True}},
                                 {"json": {"question": QUESTION}, "headers": {"Accept": "text/event-stream"}}], ids=["field", "header"])
def test_a_stream_ends_with_the_same_answer(client: httpx.Client, how: dict) -> None:
    response = client.post("/api/v1/ask", **how)
    assert response.headers["content-type"].startswith("text/event-stream")
    said = events(response.text)
    names = [name for name, _ in said]
    assert names[-3:] == ["claims", "citations", "done"]
    assert set(names[:-3]) == {"text"}
    done = said[-1][1]
    assert without_times(done) == without_times(client.post("/api/v1/ask", json={"question": QUESTION}).json())
    assert said[-4][1]["text"] == done["text"]
    assert (said[-3][1]["claims"], said[-2][1]["citations"]) == (done["claims"], done["citations"])


def test_the_text_comes_before_the_answer_is_finished(api: Api, client: httpx.Client) -> None:
    api.assistant.go.clear()
    with client.stream("POST", "/api/v1/ask", json={"question": QUESTION, "stream": True}) as response:
        said = response.iter_lines()
        assert [next(said), json.loads(next(said).removeprefix("data: "))] == ["event: text", {"text": "……"}]
        api.assistant.go.set()
        assert "event: done" in list(said)


def test_history_and_filters_reach_the_assistant(api: Api, client: httpx.Client) -> None:
    turn = {"question": "桂花巷社区怎么自管？", "answer_gist": "自管小组"}
    client.post("/api/v1/ask", json={"question": "那收费呢？", "history": [turn]}).raise_for_status()
    assert [(t.question, t.answer_gist) for t in api.assistant.histories[-1]] == [(turn["question"], "自管小组")]
    nothing = client.post("/api/v1/ask", json={"question": QUESTION, "filters": {"sources": ["没有这份报纸"]}}).json()
    assert (nothing["refused"], nothing["refusal_reason"], nothing["citations"]) == (True, "nothing_selected", [])
    source = client.get("/api/v1/places").json()["sources"][0][0]
    found = client.post("/api/v1/search", json={"query": "社区", "k": 100, "filters": {"sources": [source]}}).json()["results"]
    assert {hit["source"] for hit in found} == {source}


def test_what_is_found_can_be_opened(client: httpx.Client) -> None:
    found = client.post("/api/v1/search", json={"query": "自管小组 收费", "k": 4.0}).json()  # an integer, says JSON Schema
    assert len(found["results"]) == 4
    assert [hit["score"] for hit in found["results"]] == sorted((hit["score"] for hit in found["results"]), reverse=True)
    hit = found["results"][0]
    passage = client.get(f"/api/v1/passages/{hit['id']}").json()
    assert passage == {name: hit[name] for name in passage}
    article = client.get(f"/api/v1/articles/{hit['article_id']}").json()
    assert hit["text"] in "".join(s["text"] for p in article["paragraphs"] for s in p["sentences"])


def test_places_are_a_tree_whose_counts_add_up(api: Api, client: httpx.Client) -> None:
    held = client.get("/api/v1/places").json()
    searched = api.assistant.index.passages()
    assert held["articles"] == len({p.article_id for p in searched}) == sum(n for _, n in held["months"]) + held["undated"]

    def check(place: dict, above: tuple[str, ...]) -> int:
        chain = (*above, place["name"])
        speak = {p.article_id for p in searched if any(s.chain[: len(chain)] == chain for s in p.sentences)}
        assert place["count"] == len(speak) > 0
        return 1 + sum(check(one, chain) for one in place["inside"])

    assert sum(check(place, ()) for place in held["places"]) > 3


def test_suggestions_and_version(api: Api, client: httpx.Client) -> None:
    assert client.get("/api/v1/suggestions").json() == {"language": "zh", "questions": EXAMPLES["zh"]}
    assert client.get("/api/v1/suggestions?language=en").json()["questions"] == EXAMPLES["en"]
    running = client.get("/api/v1/version").json()
    assert running == {"version": "1.2.3", "index_version": api.assistant.index.version, "articles": len(api.assistant.index.articles())}


def test_feedback_is_kept_with_the_answer(api: Api, client: httpx.Client) -> None:
    answer = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    said = {"answer": answer, "verdict": "down", "reasons": ["missed_case"], "comment": "还有一处"}
    response = client.post("/api/v1/feedback", json=said)
    assert response.status_code == 201
    given = {one.id: one for one in api.feedback.all()}[response.json()["id"]]
    assert (given.owner, given.feedback.comment, given.answer.question) == ("local:local", "还有一处", QUESTION)
    kept = len(api.feedback.all())
    forged = {**said, "answer": {**answer, "citations": "none"}}
    assert problem(client.post("/api/v1/feedback", json=forged), 422, "invalid")["errors"][0]["field"] == "body.answer.citations"
    swollen = {**said, "answer": {**answer, "text": "x" * 600_000}}
    assert "256000" in problem(client.post("/api/v1/feedback", json=swollen), 413, "too_large")["detail"]
    assert len(api.feedback.all()) == kept


@pytest.mark.parametrize(("method", "path", "sent", "status", "code"), [
    ("GET", "/api/v1/articles/none", None, 404, "not_found"),
    ("GET", "/api/v1/passages/none", None, 404, "not_found"),
    ("GET", "/api/v1/nothing", None, 404, "not_found"),
    ("GET", "/api/v2/ask", None, 404, "not_found"),
    ("GET", "/api", None, 404, "not_found"),
    ("GET", "/v1", None, 404, "not_found"),
    ("GET", "/api/v1/ask", None, 405, "wrong_method"),
    ("PUT", "/api/v1/places", None, 405, "wrong_method"),
    ("DELETE", "/v1/models", None, 405, "wrong_method"),
    ("POST", "/api/v1/ask", b"{", 422, "invalid"),
    ("POST", "/api/v1/ask", b"\xff\xfe", 422, "invalid"),
    ("POST", "/api/v1/ask", b'{"question": "\\ud800"}', 422, "invalid"),
    ("POST", "/api/v1/ask", b'{"question": "a", "\\ud800": 1}', 422, "invalid"),
    ("POST", "/api/v1/ask", b"[" * 100_000, 400, "malformed"),
    ("POST", "/api/v1/ask", {"question": ""}, 422, "invalid"),
    ("POST", "/api/v1/ask", {"question": " \n"}, 422, "invalid"),
    ("POST", "/api/v1/ask", {"question": "问" * 1001}, 422, "invalid"),
    ("POST", "/api/v1/ask", {"question": "a", "histroy": []}, 422, "invalid"),
    ("POST", "/api/v1/ask", {"question": "a", "history": [{"question": "b"}] * 7}, 422, "invalid"),
    ("POST", "/api/v1/ask", {"question": "a", "filters": {"since": "2024-02-30"}}, 422, "invalid"),
    ("POST", "/api/v1/search", {"query": "a", "k": 101}, 422, "invalid"),
    ("POST", "/api/v1/search", {"query": "a", "k": 2.5}, 422, "invalid"),
    ("POST", "/api/v1/ask", {"question": "a", "padding": "x" * 300_000}, 413, "too_large"),
    ("POST", "/v1/chat/completions", {"messages": []}, 422, "invalid"),
], ids=lambda value: str(value)[:40])
def test_every_error_is_a_problem(client: httpx.Client, method: str, path: str, sent: object, status: int, code: str) -> None:
    body = {"content": sent, "headers": {"content-type": "application/json"}} if isinstance(sent, bytes) else {"json": sent}
    response = client.request(method, path, **({} if sent is None else body))
    shown = problem(response, status, code)
    if status == 405:
        assert response.headers["allow"]
    if path.startswith("/v1/"):
        assert shown["error"]["message"] == shown["detail"]


def test_a_body_that_grows_without_a_length_is_refused(client: httpx.Client) -> None:
    pieces = (b"x" * 65536 for _ in range(64))
    problem(client.post("/api/v1/ask", content=pieces, headers={"content-type": "application/json"}), 413, "too_large")


def test_a_bug_is_a_problem_too_and_frees_its_slot(api: Api, client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    assert "ZeroDivision" not in problem(client.post("/api/v1/ask", json={"question": "崩溃"}), 500, "bug")["detail"]
    said = events(client.post("/api/v1/ask", json={"question": "崩溃", "stream": True}).text)
    assert [(name, shape["code"]) for name, shape in said] == [("error", "bug")]
    assert "ZeroDivisionError" in caplog.text, "the log has the traceback"
    assert client.post("/api/v1/ask", json={"question": QUESTION}).status_code == 200


class Nobody(IntEnum):
    """Less than a reader."""

    NOBODY = 0


def test_a_caller_of_no_role_is_refused(api: Api, client: httpx.Client) -> None:
    api.door.caller = Caller("site", "somebody", Nobody.NOBODY)  # the guard lets none in; the routes ask all the same
    for method, path in [("POST", "/api/v1/ask"), ("GET", "/api/v1/places"), ("GET", "/v1/models"), ("POST", "/api/v1/feedback")]:
        problem(client.request(method, path, json={} if method == "POST" else None), 403, "not_allowed")
    api.door.caller = Caller("site", "somebody", Role.READER)
    assert client.get("/api/v1/places").status_code == 200


def drain(api: Api) -> None:
    """Forget what was asked and ended before."""
    for semaphore in (api.assistant.asked, api.assistant.left):
        while semaphore.acquire(blocking=False):
            pass


def ask_aside(api: Api, answers: list[httpx.Response]) -> threading.Thread:
    """Ask in a thread; returns when the question has been taken up, or at once when it waits in line."""
    def ask() -> None:
        answers.append(httpx.post(f"{api.url}/api/v1/ask", json={"question": QUESTION}, trust_env=False, timeout=PATIENCE))

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_more_questions_than_slots_and_line_are_told_to_come_again(api: Api, client: httpx.Client) -> None:
    drain(api)
    api.assistant.go.clear()
    answers: list[httpx.Response] = []
    asking = [ask_aside(api, answers) for _ in range(2)]
    assert all(api.assistant.asked.acquire(timeout=PATIENCE) for _ in range(2))
    streams = [client.build_request("POST", "/api/v1/ask", json={"question": QUESTION}) for _ in range(3)]
    refused = []
    waiting = [threading.Thread(target=lambda one=one: refused.append(client.send(one))) for one in streams]
    for thread in waiting:
        thread.start()
    while not refused:  # two of the three find room in the line
        threading.Event().wait(0.01)
    shown = problem(refused[0], 503, "busy")
    assert int(refused[0].headers["retry-after"]) > 0
    assert "again" in shown["detail"]
    api.assistant.go.set()
    for thread in (*asking, *waiting):
        thread.join(PATIENCE)
    assert sorted(r.status_code for r in (*answers, *refused)) == [200, 200, 200, 200, 503]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "JSON"])
def test_a_client_that_hangs_up_frees_its_slot(api: Api, client: httpx.Client, stream: bool) -> None:
    drain(api)
    api.assistant.go.clear()
    address = urlsplit(api.url)
    body = json.dumps({"question": QUESTION, "stream": stream}).encode()
    head = f"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    sockets = [socket.create_connection((address.hostname, address.port)) for _ in range(2)]
    for one in sockets:
        one.sendall(head.encode() + body)
    assert all(api.assistant.asked.acquire(timeout=PATIENCE) for _ in sockets)
    assert api.queue.served == 2
    for one in sockets:
        one.close()
    client.get("/api/v1/version")  # the server has seen what came before this
    api.assistant.go.set()
    assert all(api.assistant.left.acquire(timeout=PATIENCE) for _ in sockets), "the answers were not written to their end"
    assert client.post("/api/v1/ask", json={"question": QUESTION}).status_code == 200


def test_an_answer_that_takes_too_long_is_given_up(letters_home: Path) -> None:
    with serving(letters_home, slots=1, seconds=0.5) as api:
        api.assistant.go.clear()
        shown = httpx.post(f"{api.url}/api/v1/ask", json={"question": QUESTION}, trust_env=False, timeout=PATIENCE)
        problem(shown, 503, "too_slow")
        api.assistant.go.set()
        done = httpx.post(f"{api.url}/api/v1/ask", json={"question": "车位"}, trust_env=False, timeout=PATIENCE)
        assert done.status_code in (200, 503)  # half a second may be too short on a busy machine, but the slot is free
        assert api.assistant.left.acquire(timeout=PATIENCE)
