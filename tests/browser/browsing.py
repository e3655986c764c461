"""A real Chromium before a real server: fixtures (conftest.py has them for every test) and what tests do with a page.

`office` is the application itself, on its first start over the sample articles; `fake_url` is its page around an
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
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes.live_server import chatting

if TYPE_CHECKING:  # without playwright, the tests that need no browser still run
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]
ROOT = Path(__file__).parents[2]
APPLICATION = [sys.executable, "-m", "app"]
CASES, SPACES = "其他社区是怎么处理无物业小区的？", "和顺街道一共腾出多少个夜间车位？"
"""A question with several cases, and one with a number, that the sample articles answer."""
MARKER = "#lj-chat a[href='#cite-{}-{}']"
DESK, PHONE = 1440, 390
"""Widths of a screen, in CSS pixels."""
BOTH_WIDTHS = pytest.mark.parametrize("page", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
"""For what a phone lays out in another way."""
DESK_AND_SLOWLY_PHONE = pytest.mark.parametrize(
    "page", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone", marks=pytest.mark.slow)], indirect=True)
"""For what a phone does likewise: the second width is in `make test-slow`."""
PATIENCE = 90_000
"""Milliseconds that a page may take on a machine that does other things."""


def settings(home: Path | None = None, **others: str) -> dict[str, str]:
    """Return the environment without the settings that are in it, and with these."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINJIAN_")} | others
    if home:  # with time to read: a busy machine must not change what is answered
        environment |= {"LINJIAN_HOME": str(home), "LINJIAN_THREADS": "1", "LINJIAN_RERANKER_BUDGET_MS": "20000"}
    return environment


@contextmanager
def served(command: list[str], port: int, log: Path, home: Path | None = None) -> Iterator[str]:
    """Run a server until the block ends, with no settings but its home; yield its address once it answers."""
    with running(command, port, log, home) as (address, _):
        yield address


@contextmanager
def running(command: list[str], port: int, log: Path, home: Path | None = None,
            **others: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a server as `served` does, with other settings too; yield its process as well."""
    address = f"http://127.0.0.1:{port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    environment = settings(home, LINJIAN_PORT=str(port), **others) if home else settings()
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
        try:
            for _ in range(1600):
                try:
                    with direct.open(address, timeout=5):
                        break
                except urllib.error.HTTPError:
                    break  # it answers, though not to strangers
                except OSError:
                    time.sleep(0.25)
                if process.poll() is not None:
                    raise AssertionError(f"{command} ended: {log.read_text('utf-8', 'replace')}")
            else:
                raise AssertionError(f"{command} did not answer: {log.read_text('utf-8', 'replace')}")
            yield address, process
        finally:
            process.terminate()
            process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def fake_url() -> Iterator[str]:
    """The page with the fake assistant, whose answers the words of a question choose."""
    with chatting() as address:
        yield address


@dataclass
class Office:
    """The application on its first start over the sample articles, and what is needed to start it again."""

    url: str
    home: Path
    port: int
    process: "subprocess.Popen[bytes]"

    def linjian(self, *arguments: str) -> str:
        """Run a command on the same data and return what it prints."""
        done = subprocess.run([*APPLICATION, *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
                              env=settings(self.home))
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def opened_office(examples_home: Path, home: Path, **others: str) -> Iterator[Office]:
    """Run the application, with an empty index, which it fills with the sample articles.

    The model and the vectors of the samples are there already: embedding takes half a minute.
    """
    port = free_port()
    (home / "models").symlink_to((examples_home / "models").resolve())
    shutil.copy(examples_home / "embeddings.sqlite", home)
    with running([*APPLICATION, "serve"], port, home / "log", home, **others) as (address, process):
        yield Office(address, home, port, process)


@pytest.fixture(scope="module")
def office(examples_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The application with the settings it comes with."""
    with opened_office(examples_home, tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, for one file: while playwright runs, the thread has an event loop, and no other test could have its own."""
    api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
    if CHROMIUM is None:
        pytest.skip("the browser tests need Debian's chromium in PATH")
    api.expect.set_options(timeout=PATIENCE)
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@contextmanager
def visitor(browser: "Browser", width: int = DESK) -> Iterator["BrowserContext"]:
    """Yield a browser of somebody's own; its pages have connections and a memory in common, and nothing with other
    visitors."""
    screen = {"width": width, "height": 900 if width > PHONE else 844}
    with browser.new_context(viewport=screen, locale="zh-CN") as context:  # the page speaks the browser's language
        context.set_default_timeout(PATIENCE)
        yield context


@pytest.fixture
def page(browser: "Browser", request: pytest.FixtureRequest) -> Iterator["Page"]:
    with visitor(browser, getattr(request, "param", DESK)) as context:
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


def ask(page: "Page", url: str, question: str) -> None:
    """Open the page if it is not open yet and send a question."""
    if not page.url.startswith(url):
        page.goto(url)
    page.locator("#lj-box textarea").fill(question)
    page.keyboard.press("Enter")


def marker(page: "Page", key: int, number: int = 1) -> "Locator":
    """Wait for the marker of an answer that is complete."""
    found = page.locator(MARKER.format(key, number)).first
    found.wait_for(timeout=PATIENCE)
    return found


def settled(page: "Page") -> None:
    """Wait for the last that is drawn of an answer: what a visitor points at may be put in anew until then."""
    page.locator(".lj-suggested").first.wait_for()


def pointed_at(page: "Page", link: "Locator") -> "Locator":
    """Point at a marker, anew where it was put in anew meanwhile, and return what shows there."""
    tip = page.get_by_role("tooltip")
    for _ in range(20):
        page.mouse.move(2, 2)
        link.hover()
        page.wait_for_timeout(100)
        if tip.is_visible():
            break
    return tip


def on_a_phone(page: "Page") -> bool:
    return page.viewport_size["width"] == PHONE


def overhang(page: "Page") -> int:
    """Return by how many pixels the page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def show_history(page: "Page") -> None:
    page.locator("#lj-history-toggle").click()
    page.locator("#lj-history").wait_for()


def taken(page: "Page", selector: str) -> tuple[str, bytes]:
    """Press what gives a file, and return the file's name and content."""
    with page.expect_download() as download:
        page.locator(selector).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def answers(page: "Page") -> "Locator":
    return page.locator("#lj-chat [data-testid=bot] .message-content")
