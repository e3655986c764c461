"""The chat page in a real Chromium. Skipped where there is none, or no playwright to drive it.

`app_url` is the application itself, on its first start over the sample articles; `fake_url` is its page around an
assistant that can be told to be slow, to fail or to quote something hostile.

Every test's page also checks, when it ends, that nothing was asked of another machine, that no script of an
article ran and that the page raised no error.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import QUESTIONS
from assistant.web.text import words
from tests.fakes_web import HOSTILE, HOSTILE_LINK, PASSAGES

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the browser tests need Debian's chromium in PATH")

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]
ROOT = Path(__file__).parents[1]
TEXT = words("zh")
QUESTION = "其他社区是怎么处理无物业小区的？"
MARKER = "#lj-chat a[href='#cite-{}-{}']"


@contextmanager
def served(command: list[str], port: int, log: Path, home: Path | None = None) -> Iterator[str]:
    """Run a server until the block ends, with no settings but these; yield its address once it answers."""
    address = f"http://127.0.0.1:{port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINJIAN_")}
    if home:
        environment |= {"LINJIAN_HOME": str(home), "LINJIAN_PORT": str(port), "LINJIAN_THREADS": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
        try:
            for _ in range(480):
                try:
                    with direct.open(address, timeout=5):
                        break
                except OSError:
                    time.sleep(0.25)
                if process.poll() is not None:
                    raise AssertionError(f"{command} ended: {log.read_text('utf-8', 'replace')}")
            else:
                raise AssertionError(f"{command} did not answer: {log.read_text('utf-8', 'replace')}")
            yield address
        finally:
            process.terminate()
            process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def fake_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page with the fake assistant, whose answers the words of a question choose."""
    port = free_port()
    command = [sys.executable, "tests/serve_fake.py", str(port)]
    with served(command, port, tmp_path_factory.mktemp("fake") / "log") as address:
        yield address


@pytest.fixture(scope="session")
def app_url(examples_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application, started with an empty index, which it fills with the sample articles.

    Only their vectors are there already, as they are after an interrupted start: embedding takes half a minute.
    """
    home, port = tmp_path_factory.mktemp("app"), free_port()
    (home / "models").symlink_to((examples_home / "models").resolve())
    shutil.copy(examples_home / "embeddings.sqlite", home)
    command = [sys.executable, "-m", "app", "serve"]
    with served(command, port, home / "log", home) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator["sync_api.Browser"]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: "sync_api.Browser") -> Iterator["sync_api.Page"]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        opened = context.new_page()
        requests, errors, dialogs = [], [], []
        opened.on("request", lambda request: requests.append(request.url))
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        yield opened
        assert opened.evaluate("window.__pwned") is None
        assert (errors, dialogs) == ([], [])
        outside = [url for url in requests if not re.match(r"(http://127\.0\.0\.1:|data:|blob:)", url)]
        assert outside == []


def ask(page: "sync_api.Page", url: str, question: str) -> None:
    """Open the page if it is not open yet and send a question."""
    if not page.url.startswith(url):
        page.goto(url)
    page.locator("#lj-box textarea").fill(question)
    page.keyboard.press("Enter")


def marker(page: "sync_api.Page", key: int, number: int = 1) -> "sync_api.Locator":
    """Wait for the marker of an answer that is complete."""
    found = page.locator(MARKER.format(key, number)).first
    found.wait_for(timeout=30_000)
    return found


def answers(page: "sync_api.Page") -> "sync_api.Locator":
    return page.locator("#lj-chat [data-testid=bot] .message-content")


def test_the_first_start_offers_questions_about_the_samples(page: "sync_api.Page", app_url: str) -> None:
    page.goto(app_url)
    sync_api.expect(page.locator("#lj-examples button")).to_have_text(QUESTIONS["zh"])
    page.locator("#lj-examples button").last.click()
    marker(page, 1)
    sync_api.expect(answers(page)).to_contain_text("412")


def test_a_marker_leads_to_its_sentence(page: "sync_api.Page", app_url: str) -> None:
    ask(page, app_url, QUESTION)
    first = marker(page, 1)
    assert first.inner_text() == "[1]"
    first.click()
    cited = page.locator("#cite-1-1")
    sync_api.expect(cited).to_be_in_viewport(ratio=0.9)
    sync_api.expect(cited).to_have_class("lj-hit")
    assert page.locator(".lj-current").count() == 1


def test_the_whole_article_opens_at_the_sentence(page: "sync_api.Page", app_url: str) -> None:
    ask(page, app_url, QUESTION)
    marker(page, 1).click()
    quote = page.locator("#cite-1-1").inner_text()
    opener = page.locator(".lj-current [data-opens]")
    opener.click()
    article = page.locator("dialog[open]")
    lit = article.locator("mark.lj-hit").first
    sync_api.expect(lit).to_be_in_viewport()
    assert lit.inner_text() == quote
    page.keyboard.press("Escape")
    sync_api.expect(page.locator("dialog[open]")).to_have_count(0)
    sync_api.expect(opener).to_be_focused()


def test_the_keyboard_is_enough(page: "sync_api.Page", app_url: str) -> None:
    ask(page, app_url, QUESTION)
    marker(page, 1)
    page.locator("#lj-box textarea").focus()
    focused = "document.activeElement.getAttribute('href') || ''"
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(focused).startswith("#cite-1-"):
            break
    reached = page.evaluate(focused)[1:]
    assert reached.startswith("cite-1-")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    sync_api.expect(page.locator(".lj-current")).to_be_focused()
    sync_api.expect(page.locator(f"#{reached}")).to_be_in_viewport()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("dialog[open] mark.lj-hit").first).to_be_in_viewport()
    page.keyboard.press("Enter")  # the close button has the focus
    sync_api.expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("#lj-chat a:focus")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(page: "sync_api.Page", fake_url: str, theme: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{fake_url}/?__theme={theme}")
    page.locator("#lj-examples button").first.wait_for()

    def overhang() -> int:
        return page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert overhang() <= 0
    ask(page, fake_url, "恶意")
    marker(page, 1).click()
    sync_api.expect(page.locator("#cite-1-1")).to_be_in_viewport()
    assert overhang() <= 0
    page.locator(".lj-current [data-opens]").click()
    dialog = page.locator("dialog[open]")
    assert dialog.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    assert overhang() <= 0


def test_hostile_text_is_only_text(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, f"恶意 {HOSTILE} {HOSTILE_LINK}")
    marker(page, 1).click()
    page.locator(".lj-current [data-opens]").click()
    assert HOSTILE in page.locator("dialog[open]").inner_text()
    assert HOSTILE in page.locator("#lj-chat [data-testid=user]").inner_text()
    assert HOSTILE_LINK.replace("http:", "http\u200b:") in answers(page).inner_text()
    assert page.locator("#lj-chat .message-content img, #lj-evidence img, #lj-evidence script").count() == 0
    hrefs = page.locator("#lj-chat a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert set(hrefs) == {"#cite-1-1"}


def test_older_markers_keep_their_own_evidence(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 1)
    ask(page, fake_url, "恶意")
    marker(page, 2)
    assert "理解为：老旧小区没有物业怎么办？ 恶意" in answers(page).nth(1).inner_text()
    ask(page, fake_url, "明天天气")
    page.locator("section[data-answer='3']").wait_for()
    assert TEXT["nearest"] in page.locator("#lj-evidence").inner_text()
    marker(page, 1, 4).click()
    sync_api.expect(page.locator("#cite-1-4")).to_be_in_viewport()
    assert PASSAGES["1/0"].sentences[0].text in page.locator("#cite-1-4").inner_text()
    assert page.locator("section[data-answer]:not([hidden])").count() == 1
    page.locator(f"section:not([hidden]) [title='{TEXT['next']}']").click()
    sync_api.expect(page.locator("section[data-answer='2']")).to_be_visible()


def test_errors_are_words_and_the_conversation_goes_on(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "出错")
    message = "还没有索引：请先运行 <python -m index add>。"
    sync_api.expect(answers(page)).to_have_text([message], timeout=20_000)
    ask(page, fake_url, "崩溃")
    sync_api.expect(answers(page).nth(1)).to_have_text(TEXT["unexpected"], timeout=20_000)
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 3)
    sync_api.expect(answers(page)).to_have_count(3)
    assert page.locator("#lj-chat .error").count() == 0  # Gradio's overlay would hide the conversation


def test_stop_and_clear(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "慢慢回答")
    sync_api.expect(answers(page)).to_have_text([TEXT["searching"]], timeout=20_000)
    sync_api.expect(answers(page)).to_contain_text("澄湖区", timeout=20_000)
    page.locator("#lj-stop").click()
    stopped = time.monotonic()
    sync_api.expect(answers(page)).to_contain_text(TEXT["stopped"])
    sync_api.expect(page.locator("#lj-send")).to_be_visible()
    assert time.monotonic() - stopped < 3
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 2)
    page.locator("#lj-clear").click()
    sync_api.expect(answers(page)).to_have_count(0)
    sync_api.expect(page.locator("#lj-evidence")).to_have_text(TEXT["no_evidence"])
    page.locator("#lj-examples button").first.click()
    marker(page, 1)


def test_empty_and_endless_questions_are_not_sent(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "  ")
    ask(page, fake_url, "问" * 1001)
    message = TEXT["too_long"].format(limit=1000, size=1001)
    # Two presses of Enter may both arrive with the long text: each is told.
    sync_api.expect(page.get_by_text(message).first).to_be_visible(timeout=20_000)
    assert page.locator("#lj-box textarea").input_value() == "问" * 1001
    assert answers(page).count() == 0


def test_the_answer_is_copied_with_its_sources(page: "sync_api.Page", app_url: str) -> None:
    ask(page, app_url, QUESTION)
    marker(page, 1)
    page.locator("section:not([hidden]) [data-copy]").click()
    sync_api.expect(page.locator("section:not([hidden]) [data-copy]")).to_have_text(TEXT["copied"])
    page.locator("#lj-box textarea").focus()
    page.keyboard.press("Control+V")
    pasted = page.locator("#lj-box textarea").input_value()
    assert TEXT["references"] in pasted
    assert "[1] " in pasted
