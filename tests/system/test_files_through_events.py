"""No file of the server comes back through any event, field or route, and the server fetches nothing.

A canary file lies outside of everything that is served, a canary port listens; every event of the running application, as
Gradio's own table lists them, is sent every shape in every input. Run: python -m pytest -q
tests/system/test_files_through_events.py
"""

import re
import secrets
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from assistant.auth.accounts.identity import Role
from assistant.auth.authorizer import Authorizer
from assistant.chat.gradio_fixes.inputs import DEEPEST, is_deep
from assistant.locales.loader import words
from assistant.operations.audit import AuditLog
from index.ingest.corpus import Corpus
from tests.browser.browsing import free_port, served
from tests.fakes.hash_encoder import HashEncoder

pytestmark = pytest.mark.process
CANARY = "canary-5e1f-nobody-may-read-this"
WHO = ("reader", "stranger", "admin")
FIELDS = {"path": "", "meta": {"_type": "gradio.FileData"}}


@dataclass
class Site:
    """A running application, the files that nobody may get, and who tries."""

    url: str
    home: Path
    files: list[Path]
    port: int
    uploads: Path
    cookies: dict[str, dict[str, str]]
    events: list[dict[str, Any]]
    components: dict[int, str]
    connections: list[object] = field(default_factory=list)

    def client(self, who: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self.cookies[who], timeout=60)

    def shapes(self, file: Path) -> dict[str, Any]:
        """Return by name what is sent where a text, a choice or an upload is expected; all of them ask for `file`."""
        named, url = {**FIELDS, "path": str(file)}, f"http://127.0.0.1:{self.port}/fetched.txt"
        deep: Any = named
        for _ in range(DEEPEST - 6):
            deep = [deep]
        return {
            "dict": {"path": str(file)}, "list": [str(file)], "file": named, "files": [named, named],
            "nested": {"value": {"text": "x", "files": [named]}},
            "url": {**named, "path": url, "url": url}, "path and url": {**named, "url": url, "orig_name": "a.txt"},
            "orig_name": {**named, "orig_name": f"../../{file.name}", "size": 1, "mime_type": "text/plain", "is_stream": False},
            "dots": {**named, "path": f"{self.uploads}/../{'../' * 12}{str(file).lstrip('/')}"},
            "link": {**named, "path": str(self.uploads / "link.txt")},
            "data": {**named, "path": "data:text/plain;base64,QUFB", "url": "data:text/plain;base64,QUFB"},
            "component": {"__type__": "update", "value": named, "props": {"value": named}},
            "stream": {**named, "is_stream": True}, "deep": deep, "text": str(file), "long": str(file) + "x" * 200_000,
        }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home, outside = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("outside")
    uploads = home / "uploads" / ".received"
    uploads.mkdir(parents=True)
    files = [outside / "canary.txt", outside / "canary.svg", home / "linjian.toml"]
    for file in files:
        file.write_text(CANARY)
    (uploads / "link.txt").symlink_to(files[0])
    (outside / "page.txt").write_text("一张茶桌理顺百家事\n本报记者 何小川\n\n东风里社区摆出一张茶桌，谁家有矛盾，就坐下来喝杯茶。\n")
    Corpus(home, HashEncoder()).add([outside / "page.txt"])
    door = Authorizer(home, access="accounts", per_minute=0)
    cookies: dict[str, dict[str, str]] = {"stranger": {}}
    for role in (Role.READER, Role.ADMIN):
        door.users.add(role.name.lower(), role, "correct horse")
        cookies[role.name.lower()] = {"cookie": f"linjian_session={door.users.sign_in(role.name.lower(), 'correct horse')}"}
    port = free_port()
    command = [sys.executable, "tests/fakes/serve_everything.py", str(port), str(home), str(uploads)]
    with Listening() as (canary_port, connections), served(command, port, outside / "server.log") as url:
        table = httpx.get(f"{url}/config", headers=cookies["admin"]).json()
        yield Site(url, home, files, canary_port, uploads, cookies, table["dependencies"],
                   {component["id"]: component["type"] for component in table["components"]}, connections)
    assert CANARY not in (outside / "server.log").read_text("utf-8", "replace")


class Listening:
    """A port that nobody has a reason to call; `with` gives its number and the list of who did."""

    def __enter__(self) -> tuple[int, list[object]]:
        self._socket, self._callers = socket.create_server(("127.0.0.1", 0)), []
        threading.Thread(target=self._accept, daemon=True).start()
        return self._socket.getsockname()[1], self._callers

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._socket.accept()
            except OSError:
                return
            self._callers.append(address)
            connection.close()

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def send(client: httpx.Client, event: int, tries: list[list[Any]], session: str = "") -> str:
    """Send an event with each list of inputs; return all that came back once every one has ended."""
    session, told = session or secrets.token_hex(6), []  # nobody has it yet
    waiting = 0
    for data in tries:
        response = client.post("/gradio_api/queue/join", json={"data": data, "fn_index": event, "session_hash": session})
        told.append(response.text)
        waiting += response.status_code == 200
    if waiting:
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                told.append(line)
                waiting -= '"msg":"process_completed"' in line
                if not waiting:
                    break
    return "\n".join(told)


def addresses(told: str, site: Site) -> set[str]:
    """Return the addresses that an answer names and those that could be made of the paths in it."""
    plain = told.replace("\\", "")
    paths = set(re.findall(r"""(/[^\s"'<>()\[\]{}|,;*]{3,400})""", plain))
    wanted = {path for path in paths if any(file.name in path for file in site.files) or str(site.uploads) in path}
    return {p if p.startswith("/gradio_api") else f"/gradio_api/file={quote(p)}" for p in wanted}


def assert_nothing_came_of_it(client: httpx.Client, told: str, site: Site) -> None:
    assert CANARY not in told
    for address in addresses(told, site):
        assert CANARY not in client.get(address).text, address
    copies = [path for path in site.uploads.rglob("*") if path.is_file() and not path.is_symlink() and CANARY in path.read_text("latin-1")]
    assert not copies
    assert not site.connections, "the server called an address that it was given"


@pytest.mark.parametrize("who", WHO)
def test_no_event_gives_a_file(site: Site, who: str) -> None:
    assert len(site.events) > 50
    shapes = [*site.shapes(site.files[0]).values(), *(site.shapes(file)["file"] for file in site.files[1:])]
    told = []
    with site.client(who) as client:
        for event in site.events:
            inputs = [site.components[number] for number in event["inputs"]]
            tries = [[shape if n == at else None for n in range(len(inputs))]
                     for at in range(len(inputs)) if inputs[at] != "state" for shape in shapes]
            told.append(send(client, event["id"], tries))
        assert_nothing_came_of_it(client, "\n".join(told), site)
    if who == "stranger":
        assert '"event_id"' not in "".join(told)


@pytest.mark.parametrize("who", WHO)
def test_no_route_of_the_page_gives_a_file(site: Site, who: str) -> None:
    url = quote(f"http://127.0.0.1:{site.port}/fetched.txt", safe="")
    with site.client(who) as client:
        for file in [*site.files, site.uploads / "link.txt"]:
            for path in (f"file={file}", f"file={quote(str(file), safe='')}", f"file/{file}", f"file=../{file}", f"stream/{file}",
                         f"file={file}?download=1", f"proxy=file://{file}", f"custom_component/1/client/component/..{file}",
                         f"file={url}", f"proxy={url}", f"file=http://127.0.0.1:{site.port}/a", "deep_link?session_hash=s2"):
                for prefix in ("/gradio_api/", "/", "/library/gradio_api/", "/gradio_api//", "/library/"):
                    response = client.get(prefix + path)
                    assert CANARY not in response.text
                    assert response.status_code in ({401} if who == "stranger" else {404, 403}) | {200, 303, 404}, path
                    assert response.status_code != 200 or "<!doctype html>" in response.text.lower(), path
        for name in ("component_server", "process_recording", "stream/1", "stream/1/close"):
            body = {"data": str(site.files[0]), "component_id": 1, "session_hash": "s", "fn_name": "ls"}
            assert client.post(f"/gradio_api/{name}", json=body).status_code in (401, 404)
    assert not site.connections


@pytest.mark.parametrize("who", ["reader", "admin"])
def test_other_ways_to_send_an_event_are_bound_too(site: Site, who: str) -> None:
    with site.client(who) as client:
        for name, shape in site.shapes(site.files[0]).items():
            told = [client.post(f"/gradio_api/{way}/ask", json={"data": [shape], "session_hash": f"w-{who}"}).text
                    for way in ("run", "api", "call")]
            # it is refused as a bug, behind which the server closes the connection
            joined = client.post("/gradio_api/call/v2/ask", json={"question": shape, "session_hash": f"w-{who}"},
                                 headers={"connection": "close"}).text
            for answer in [*told[2:], joined]:
                number = re.search(r'"event_id": ?"(\w+)"', answer)
                told.append(client.get(f"/gradio_api/call/ask/{number[1]}").text if number else answer)
            assert_nothing_came_of_it(client, "\n".join(told), site)
            assert name in ("text", "long") or "echo" not in "".join(told)


def test_what_is_refused_is_said_and_written_down(site: Site) -> None:
    with site.client("reader") as client:
        ask = next(event["id"] for event in site.events if event["api_name"] == "ask")
        told = send(client, ask, [[None, site.shapes(site.files[0])["file"]]])
    assert words("zh").chat["undeclared"] in told
    log = AuditLog(site.home, days=1)
    try:
        assert ("user:reader", "ask") in {(e.caller, e.about) for e in log.events(what="event refuse")}
    finally:
        log.close()


def test_an_upload_is_taken_and_only_by_its_own_event(site: Site) -> None:
    page = "垃圾有人分了\n本报记者 何小川\n\n柳巷社区在楼下放了四色桶，每天早晚各有一名志愿者守着。\n".encode()
    with site.client("admin") as client:
        (path,) = client.post("/gradio_api/upload", files={"files": ("柳巷.txt", page)}).json()
        assert Path(path).is_relative_to(site.uploads)
        sent = {**FIELDS, "path": path, "url": f"/gradio_api/file={path}", "orig_name": "柳巷.txt", "size": len(page), "mime_type": "text/plain"}
        assert client.get(sent["url"]).status_code == 404
        files = [e["id"] for e in site.events if [site.components[n]for n in e["inputs"]] == ["file"]]
        asked = next(e["id"] for e in site.events if e["api_name"] == "ask")
        assert path not in send(client, asked, [[None, sent]]).replace("\\", "")
        assert "柳巷.txt" in send(client, files[0], [[[sent]]])
    assert (site.home / "uploads" / "柳巷.txt").read_bytes() == page


@pytest.mark.parametrize(("levels", "deep"), [(4, False), (DEEPEST - 1, False), (DEEPEST + 1, True), (200_000, True)])
def test_how_deep_an_event_may_be(levels: int, deep: bool) -> None:
    assert is_deep(b"[" * levels + b"]" * levels) is deep


@pytest.mark.parametrize("route", ["queue/join", "call/ask", "call/v2/ask", "run/ask", "api/ask", "cancel", "reset"])
def test_a_deep_event_is_refused_with_a_reason(site: Site, route: str) -> None:
    with site.client("reader") as client:
        body = '{"data":' + "[" * 5000 + "]" * 5000 + ',"fn_index":2,"session_hash":"d"}'
        response = client.post(f"/gradio_api/{route}", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, "levels" in response.text) == (422, True)


BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/ask": {"question": "停车难怎么办？", "history": [{"question": "q", "answer_gist": "a"}], "filters": {"places": ["x"]}},
    "/api/v1/search": {"question": "停车", "k": 3},
    "/api/v1/feedback": {"answer_id": "x", "verdict": "useful", "comment": "c"},
    "/v1/chat/completions": {"model": "linjian", "messages": [{"role": "user", "content": "停车难怎么办？"}], "user": "u"},
    "/v1/embeddings": {"model": "linjian", "input": "x"},
    "/mcp": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": "停车难怎么办？"}}},
    "/api/v1/embed/portal/exchange": {"secret": "x", "origin": "y"},
    "/sign-in": {"name": "a", "password": "b"},
}


def holes(body: Any, put: Any) -> Iterator[Any]:
    """Yield `body` with `put` in place of each of its parts, and in a field of its own."""
    if isinstance(body, dict):
        yield {**body, "file": put}
        for name, value in body.items():
            yield {**body, name: put}
            yield from ({**body, name: inner} for inner in holes(value, put))
    if isinstance(body, list):
        yield [put]
        for at, value in enumerate(body):
            yield from ([*body[:at], inner, *body[at + 1:]] for inner in holes(value, put))


@pytest.mark.parametrize("who", ["reader", "admin"])
@pytest.mark.parametrize("path", BODIES)
def test_no_field_of_the_interfaces_gives_a_file(site: Site, path: str, who: str) -> None:
    with site.client(who) as client:
        for shape in site.shapes(site.files[0]).values():
            for body in holes(BODIES[path], shape):
                response = client.post(path, json=body, headers={"accept": "application/json, text/event-stream"})
                assert response.status_code < 500, (body, response.text)
                assert CANARY not in response.text
    assert_nothing_came_of_it(site.client(who), "", site)
