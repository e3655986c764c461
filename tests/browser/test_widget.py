"""The widget in a real Chromium, in the pages of two hosts on origins of their own. Run: python -m pytest -q
tests/browser/test_widget.py

Each host has a small backend that keeps a site's secret. What the server refuses is looked at where a page would meet it:
at the script, the token, the API and the frame.
"""

import json
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant.auth.accounts.access_database import access_database
from assistant.auth.accounts.identity import Role
from assistant.auth.accounts.sites import Sites
from assistant.auth.accounts.users import Users
from assistant.locales.loader import words

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the browser tests need Debian's chromium in PATH")

ROOT = Path(__file__).parents[2]
PATIENCE = 120
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-proxy-server"]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
QUESTION = "其他社区是怎么处理无物业小区的？"
ZH = words("zh").widget_panel


@dataclass
class Host:
    """An organisation's own server: a page with the widget, and the endpoint where its backend gets tokens."""

    server: str
    site: str
    secret: str
    attributes: str = ""
    origin: str = ""
    exchanges: int = 0

    def page(self, path: str) -> str:
        body = f'<script src="{self.server}/embed/embed.js" data-site="{self.site}" data-token-endpoint="/token" {self.attributes}></script>'
        if path == "/frame":
            body = f'<iframe src="{self.server}/embed/{self.site}" width="400" height="600"></iframe>'
        if path == "/bare":
            body = "<p>nothing here</p>"
        return f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>host</title><h1>办事大厅</h1><div id="place"></div>{body}'

    def exchange(self, body: bytes) -> tuple[int, bytes]:
        self.exchanges += 1
        headers = {"Authorization": f"Embed {self.secret}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.server}/api/v1/embed/{self.site}/exchange", body, headers)
        try:
            with DIRECT.open(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@contextmanager
def hosted(host: Host) -> Iterator[Host]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(200 if self.path != "/favicon.ico" else 204, host.page(self.path).encode(), "text/html; charset=utf-8")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self.reply(*host.exchange(body), "application/json")

        def reply(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        host.origin = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield host
        finally:
            server.shutdown()
            thread.join()


@dataclass
class World:
    """The server with its sites, the host that may embed, and one that may not: it has a site of its own elsewhere."""

    server: str
    home: Path
    sites: Sites
    portal: Host
    stranger: Host


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("home")
    sites = Sites(access_database(home))
    with (home / "log").open("w") as log, subprocess.Popen(
            [sys.executable, "tests/fakes/serve_fake.py", "0", "zh", str(home), "accounts"], cwd=ROOT, stdout=subprocess.PIPE, stderr=log,
            text=True) as process:
        killer = threading.Timer(5 * PATIENCE, process.kill)
        killer.start()
        try:
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, (home / "log").read_text("utf-8")
            server = found[0]
            with hosted(Host(server, "portal", "")) as portal, hosted(Host(server, "portal", "ljs_guessed")) as stranger:
                portal.secret = sites.add("portal", [portal.origin])
                yield World(server, home, sites, portal, stranger)
        finally:
            killer.cancel()
            process.terminate()
            process.wait(PATIENCE)
    assert "Traceback" not in (home / "log").read_text("utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: "sync_api.Browser") -> Iterator["sync_api.Page"]:
    with browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN") as context:
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE * 1000)
        said, errors = [], []
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.said = said
        yield opened
        assert errors == []
        assert not [text for text in said if "Content Security Policy" in text and "frame-ancestors" not in text]
        assert context.cookies() == [], "nothing of the widget needs a cookie"


def opened(page: "sync_api.Page", host: Host) -> "sync_api.Frame":
    """Open the host's page and its floating widget; return the frame inside, ready to be asked."""
    page.goto(host.origin)
    page.get_by_role("button", name=words("zh").widget_script["open"]).click()
    return inside(page)


def inside(page: "sync_api.Page") -> "sync_api.Frame":
    """Return the frame of the widget in the page, ready to be asked."""
    frame = page.wait_for_selector("linjian-widget iframe").content_frame()
    frame.wait_for_selector("#question:enabled")
    return frame


def ask(frame: "sync_api.Frame", question: str = QUESTION) -> None:
    frame.fill("#question", question)
    frame.press("#question", "Enter")


def test_the_allowed_page_asks_streams_and_shows_the_newspaper(page: "sync_api.Page", world: World) -> None:
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    frame = opened(page, world.portal)
    frame.evaluate("""() => {  // every length that the text has while it grows
        window.lengths = [];
        new MutationObserver(() => lengths.push(document.querySelector(".text")?.innerText.length ?? 0))
            .observe(document.body, {subtree: true, childList: true, characterData: true});
    }""")
    ask(frame, "慢一点说：" + QUESTION)
    frame.wait_for_selector(".source")
    grown, whole = frame.evaluate("lengths"), len(frame.inner_text(".text"))
    assert any(0 < length < whole for length in grown), "it was shown while it was written"
    assert frame.inner_text("#status") == ZH["done"].format(count=4)
    frame.click(".marker >> nth=0")
    frame.wait_for_selector("#paper mark")
    assert "每户每月20元" in frame.inner_text("#paper mark")
    frame.click(f"text={ZH['whole']}")
    frame.wait_for_selector("#paper h3")
    assert "一户二十元" in frame.inner_text("#paper h3 >> nth=0")
    assert frame.evaluate("document.activeElement.id") == "paper"
    page.keyboard.press("Escape")
    assert frame.evaluate("document.activeElement.className") == "marker", "back where it was opened"
    page.keyboard.press("Escape")
    page.get_by_role("button", name=words("zh").widget_script["open"]).wait_for()
    assert page.evaluate("document.activeElement.localName") == "linjian-widget", "the focus is on the button again"
    assert not [url for url in addresses if "ljt_" in url or "ljs_" in url], "no token in an address"
    assert {url.split("/")[2] for url in addresses} == {world.server.split("/")[2], world.portal.origin.split("/")[2]}


def test_a_follow_up_carries_its_history_and_a_hostile_article_stays_text(page: "sync_api.Page", world: World) -> None:
    frame = opened(page, world.portal)
    ask(frame)
    frame.wait_for_selector(".source")
    with page.expect_request("**/api/v1/ask") as asked:
        ask(frame, "恶意的呢？")
    assert asked.value.post_data_json["history"][0]["question"] == QUESTION
    frame.wait_for_selector(".answer >> nth=1 >> .source")
    frame.click(".answer >> nth=1 >> .source >> nth=0")
    frame.wait_for_selector("#paper mark")
    assert "<script>" in frame.inner_text("#paper"), "shown as it is printed"
    assert frame.evaluate("window.__pwned") is None
    assert page.evaluate("window.__pwned") is None
    assert frame.locator("#log img, #paper img, #log a, #paper a").count() == 0


def test_questions_are_offered_and_cases_are_cards_that_can_be_taken_away(page: "sync_api.Page", world: World) -> None:
    frame = opened(page, world.portal)
    frame.click(".offers button >> nth=0")
    frame.wait_for_selector(".source")
    assert frame.locator(".offers").count() == 0
    ask(frame, "有哪些社区管起来了？")
    frame.wait_for_selector(".case >> nth=2")
    assert frame.locator(".case h3").all_inner_texts() == ["澄湖区和顺街道桂花巷社区", "东闸街道", "{{place}}"]
    with page.expect_download() as download:
        frame.click(f".answer >> nth=1 >> text={ZH['save_text']}")
    assert "结余5300元" in Path(download.value.path()).read_text("utf-8")
    frame.click("#new")
    frame.wait_for_selector(".offers")


def test_a_composition_sends_nothing_and_numbers_of_a_page_are_no_markers(page: "sync_api.Page", world: World) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    frame = opened(page, world.portal)
    assert frame.evaluate("parseFloat(getComputedStyle(document.querySelector('#question')).fontSize)") >= 16
    frame.fill("#question", "带编号的座椅有多少？")
    frame.dispatch_event("#question", "keydown", {"key": "Enter", "keyCode": 229, "cancelable": True})
    assert frame.locator(".asked").count() == 0
    frame.press("#question", "Enter")
    frame.wait_for_selector(".source")
    assert "装了座椅[1]二十把，座椅[2]十把。" in frame.inner_text(".text")
    assert frame.locator(".text .marker").count() == 1


def test_the_stranger_is_refused_at_the_script(page: "sync_api.Page", world: World) -> None:
    page.goto(world.stranger.origin)
    notice = page.get_by_role("alert")
    notice.wait_for()
    assert f"来源 {world.stranger.origin} 不在站点 portal 的允许名单上" in notice.inner_text()
    assert len(page.frames) == 1
    assert world.stranger.exchanges == 0


def test_the_stranger_is_refused_at_the_token(page: "sync_api.Page", world: World) -> None:
    status, body = world.stranger.exchange(b"{}")
    assert (status, json.loads(body)["code"]) == (401, "bad_secret")
    page.goto(f"{world.stranger.origin}/bare")
    with page.expect_response("**/exchange") as answered:  # and not in the browser either, with the right secret
        page.evaluate("([url, secret]) => fetch(url, {method: 'POST', mode: 'no-cors'}).catch(() => 0)",
                      [f"{world.server}/api/v1/embed/portal/exchange", world.portal.secret])
    assert answered.value.status == 403


def test_a_stolen_token_is_refused_at_the_api(page: "sync_api.Page", world: World) -> None:
    _, body = world.portal.exchange(b"{}")
    token = json.loads(body)["token"]
    asking = """async ([server, token]) => {
        try {
            const answer = await fetch(`${server}/api/v1/ask`, {method: "POST", body: JSON.stringify({question: "x"}),
                headers: {Authorization: `Bearer ${token}`, "Content-Type": "application/json"}});
            return [answer.status, await answer.text()];
        } catch (error) { return [0, String(error)]; }
    }"""
    page.goto(f"{world.stranger.origin}/bare")
    assert page.evaluate(asking, [world.server, token]) == [0, "TypeError: Failed to fetch"]
    assert "blocked by CORS policy" in " ".join(page.said)
    page.goto(f"{world.portal.origin}/bare")
    assert page.evaluate(asking, [world.server, token])[0] == 200, "where it belongs it works"
    # without a browser in between the reason can be read; nor does the other's origin help when it is named
    world.sites.add("town", [world.stranger.origin])
    for origin, code in ((world.stranger.origin, "origin_not_listed"), ("null", "null_origin"), ("", "no_origin")):
        status, problem = post(f"{world.server}/api/v1/ask", token, origin)
        assert (status, problem["code"]) == (403, code)
    assert f"来源 {world.stranger.origin} 不在站点 portal" in post(f"{world.server}/api/v1/ask", token, world.stranger.origin)[1]["detail"]


def post(url: str, token: str, origin: str) -> tuple[int, dict]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | ({"Origin": origin} if origin else {})
    try:
        with DIRECT.open(urllib.request.Request(url, b'{"question": "x"}', headers), timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_stranger_is_refused_at_the_frame(page: "sync_api.Page", world: World) -> None:
    page.goto(f"{world.stranger.origin}/frame")
    page.frames[1].wait_for_selector("text=没有放行")
    assert f"来源 {world.stranger.origin} 不在站点 portal 的允许名单上" in page.frames[1].inner_text("body")
    # a page that hides where it comes from is stopped by the browser
    page.goto(f"{world.stranger.origin}/bare")
    page.evaluate("""(url) => { const frame = document.createElement("iframe"); frame.referrerPolicy = "no-referrer"; frame.src = url;
                     document.body.append(frame); }""", f"{world.server}/embed/portal")
    page.wait_for_event("console", predicate=lambda message: "frame-ancestors" in message.text)
    assert page.frames[1].locator("#ask, #log").count() == 0, "nothing of ours is shown"


def test_no_page_can_frame_the_chat_itself(page: "sync_api.Page", world: World) -> None:
    page.goto(f"{world.portal.origin}/bare")
    page.evaluate("(url) => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }",
                  f"{world.server}/sign-in")
    page.wait_for_event("console", predicate=lambda message: "frame-ancestors" in message.text)


def test_messages_of_others_are_not_heard(page: "sync_api.Page", world: World) -> None:
    page.goto(f"{world.server}/embed/portal")
    page.wait_for_selector(f"text={ZH['alone']}")
    page.evaluate("window.postMessage({type: 'linjian:hello', token: 'x'}, '*')")
    page.wait_for_timeout(200)
    assert page.is_disabled("#question")


def test_rotation_cuts_a_running_widget_off(page: "sync_api.Page", world: World) -> None:
    frame = opened(page, world.portal)
    ask(frame)
    frame.wait_for_selector(".source")
    old, world.portal.secret = world.portal.secret, "ljs_the-old-one-is-gone"
    new = world.sites.rotate("portal")
    ask(frame, "再问一句")
    frame.wait_for_selector(f".failed:has-text('{ZH['cut_off']}')")
    world.portal.secret = old
    assert world.portal.exchange(b"{}")[0] == 401, "the old secret is no use"
    world.portal.secret = new
    ask(frame, "换了密钥再问")
    frame.wait_for_selector(".answer >> nth=2 >> .source")  # the widget gets itself a new token


def test_inline_and_english(page: "sync_api.Page", world: World) -> None:
    world.portal.attributes = 'data-mode="inline" data-target="#place" data-lang="en" data-accent="#ffd54a" data-theme="dark"'
    try:
        page.goto(world.portal.origin)
        frame = inside(page)
        assert frame.get_attribute("html", "lang") == "en"
        ask(frame)
        frame.wait_for_selector(".source")
        assert frame.inner_text("#status") == words("en").widget_panel["done"].format(count=4)
        colours = frame.evaluate("[getComputedStyle(document.querySelector('#send')).backgroundColor, getComputedStyle(document.body).color]")
        assert colours == ["rgb(255, 213, 74)", "rgb(236, 231, 221)"]
    finally:
        world.portal.attributes = ""


def test_an_administrator_signs_in_chats_and_tests_an_origin(browser: "sync_api.Browser", world: World) -> None:
    Users(access_database(world.home)).add("chief", Role.ADMIN, "correct horse battery")
    with browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN") as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.goto(f"{world.server}/embed/setup")
        assert page.url == f"{world.server}/sign-in?next=/embed/setup"
        page.fill("[name=user]", "Chief")
        page.fill("[name=password]", "wrong horse battery")
        page.keyboard.press("Enter")
        page.get_by_text(words("zh").auth["wrong"]).wait_for()
        assert context.cookies() == []
        page.fill("[name=password]", "correct horse battery")
        page.keyboard.press("Enter")
        page.wait_for_url("**/embed/setup")
        (cookie,) = context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert f'<script src="{world.server}/embed/embed.js" data-site="portal"' in page.inner_text("#snippet")
        for origin, verdict in ((world.portal.origin, "会被接受"), ("https://evil.example", "会被拒绝"), ("null", "会被拒绝")):
            page.fill("[name=origin]", origin)
            page.get_by_role("button", name=words("zh").widget_setup["check"]).click()
            page.get_by_text(verdict).wait_for()
        said.clear()
        page.goto(world.server)  # Gradio's page under the policy that names its scripts
        page.fill("#lj-box textarea", QUESTION)
        page.click("#lj-send")
        page.wait_for_selector("#lj-chat a[href='#cite-1-1']")
        assert not [text for text in said if "Content Security Policy" in text or "error:" in text]
        page.click(f"#lj-links a:has-text('{words('zh').auth['sign_out']}')")
        page.get_by_role("button", name=words("zh").auth["sign_out"]).click()
        page.wait_for_url("**/sign-in")
        assert context.request.get(f"{world.server}/api/v1/version").status == 401
