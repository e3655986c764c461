"""The casebook in a real Chromium: browsed by keyboard alone, with back and forward, in both widths, dark, and on paper.

Run: python -m pytest -q tests/browser/test_casebook_page.py
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.auth.authorizer import Authorizer
from assistant.locales.loader import words
from assistant.service.answering import Answering
from assistant.service.queue import Queue
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from tests.browser.browsing import DESK_AND_SLOWLY_PHONE, overhang
from tests.fakes.hash_encoder import HashEncoder
from tests.fakes.live_server import built, running

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
expect = sync_api.expect
TEXT = words("zh").casebook
EXAMPLES = Path(__file__).parents[2] / "examples" / "articles"


@pytest.fixture(scope="module")
def town_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole server over the sample articles, with the hash encoder."""
    from assistant.server.application import build_server  # imports gradio

    home = tmp_path_factory.mktemp("town")
    Corpus(home, HashEncoder()).add([EXAMPLES])
    assistant = Assistant(SearchIndex.open(home, HashEncoder()))
    served = built(lambda: build_server(Answering(lambda: assistant, Queue(2)), Authorizer(home), version="0", examples={}, language="zh"))
    with running(served.app, ending=served.end_idle_streams) as url:
        yield url


def pressed(page: "sync_api.Page", wanted: str) -> None:
    """Press Tab until what is wanted has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"Tab does not lead to {wanted}")


@DESK_AND_SLOWLY_PHONE
def test_cases_are_browsed_by_keyboard_and_the_way_back_works(page: "sync_api.Page", town_url: str) -> None:
    page.goto(town_url)
    page.locator("#lj-links a", has_text=TEXT["cases"]).click()
    cards = page.locator("article.case")
    expect(cards).to_have_count(20)
    pressed(page, "a[href*='topic=']")
    page.keyboard.press("Enter")
    expect(page.locator(".topics a[aria-current]")).to_have_count(1)
    chosen, count = page.url, cards.count()
    assert "topic=" in chosen
    assert 0 < count < 20
    pressed(page, "select[name=sort]")
    page.keyboard.press("End")
    pressed(page, ".selecting button")
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=documented**")
    expect(cards).to_have_count(count)
    pressed(page, ".case h3 a")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_be_visible()
    assert overhang(page) <= 0
    page.go_back()
    page.go_back()
    assert page.url == chosen
    expect(cards).to_have_count(count)
    page.go_forward()
    expect(page.locator("select[name=sort]")).to_have_value("documented")
    page.reload()
    expect(cards).to_have_count(count)
    for path in ("/cases", "/cases/overview"):
        page.goto(f"{town_url}{path}")
        assert overhang(page) <= 0, path


def test_axe_finds_nothing_serious_in_either_light(page: "sync_api.Page", town_url: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for light in ("light", "dark"):
        page.emulate_media(color_scheme=light)
        for path in ("/cases?lang=en", "/cases/overview"):
            page.goto(f"{town_url}{path}")
            found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == [], (light, path)


def test_on_paper_there_are_cards_and_tables_and_nothing_to_press(page: "sync_api.Page", town_url: str) -> None:
    page.emulate_media(media="print")
    page.goto(f"{town_url}/cases")
    expect(page.locator("form")).to_be_hidden()
    expect(page.locator("article.case .folded").first).to_be_visible()
    page.goto(f"{town_url}/cases/overview")
    expect(page.locator("table.heat")).to_be_visible()
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    assert overhang(page) <= 0
