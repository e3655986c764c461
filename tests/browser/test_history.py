"""Conversations, exports and feedback in a real Chromium, against the real server: python -m pytest -q
tests/browser/test_history.py

Each test has a browser of its own history: a new context has no id yet.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import docx
import pypdfium2
import pytest

from assistant.locales.loader import words
from assistant.storage.feedback import FeedbackStore
from assistant.storage.types import Reason, Verdict
from tests.browser.browsing import answers, ask, free_port, marker, running, served, show_history, taken, visitor
from tests.fakes.chat_assistant import HOSTILE, HOSTILE_LINK
from tests.fakes.live_server import chatting

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
TEXT = words("zh").chat
LABELS = "#lj-conversations .lj-name"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    with chatting(home) as address:
        yield address


@pytest.mark.parametrize("width", [1440, pytest.param(390, marks=pytest.mark.slow)])
def test_history_is_searched_opened_renamed_and_deleted(page: "sync_api.Page", url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900 if width > 400 else 844})
    labels = page.locator(LABELS)
    ask(page, url, "老旧小区没有物业怎么办？")
    marker(page, 1)
    page.locator("#lj-clear").click()
    sync_api.expect(answers(page)).to_have_count(0)
    ask(page, url, f"明天天气 {HOSTILE} {HOSTILE_LINK}")
    page.locator("section[data-answer='1']").wait_for()
    page.reload()  # what is shown comes back, and so does the list
    sync_api.expect(answers(page)).to_have_count(1)
    show_history(page)
    sync_api.expect(labels).to_have_count(2)
    assert HOSTILE[:40] in labels.first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.locator("#lj-history-search textarea, #lj-history-search input").fill("收支 每户每月20元")
    sync_api.expect(labels).to_have_count(1)
    labels.first.click()
    marker(page, 1, 2)
    if width < 900:  # the drawer has made room
        sync_api.expect(page.locator("#lj-history")).to_be_hidden()
        show_history(page)
    page.locator("#lj-conversations [data-wish=rename]").click()
    title = page.locator("#lj-conversations .lj-title")
    sync_api.expect(title).to_have_value("老旧小区没有物业怎么办？")
    title.fill("<b>物业</b>")
    title.press("Enter")
    sync_api.expect(labels).to_have_text(["<b>物业</b>"])
    delete = page.locator("#lj-conversations [data-wish=delete]")
    delete.click()
    sync_api.expect(delete).to_have_text(TEXT["really_delete"])
    delete.click()
    sync_api.expect(answers(page)).to_have_count(0)
    page.locator("#lj-history-search textarea, #lj-history-search input").fill("")
    sync_api.expect(labels).to_have_count(1)


def test_an_answer_goes_on_while_the_page_is_loaded_anew(page: "sync_api.Page", url: str) -> None:
    ask(page, url, "慢慢回答")
    sync_api.expect(answers(page)).to_contain_text("澄湖区")
    page.reload()
    sync_api.expect(answers(page)).to_have_count(1)
    marker(page, 1, 4)
    sync_api.expect(page.locator("#lj-send")).to_be_visible()
    ask(page, url, "接着问")
    marker(page, 2)
    assert "理解为：慢慢回答 接着问" in answers(page).nth(1).inner_text()


def test_two_tabs_of_one_visitor_and_another_visitor(page: "sync_api.Page", browser: "sync_api.Browser", url: str) -> None:
    ask(page, url, "第一页问的")
    marker(page, 1)
    other = page.context.new_page()
    other.goto(url)
    show_history(other)
    other.locator(LABELS).first.click()
    marker(other, 1)
    ask(other, url, "第二页问的")
    marker(other, 2)
    ask(page, url, "第一页又问")
    marker(page, 3)
    said = page.locator("#lj-chat [data-testid=user]")
    sync_api.expect(said).to_have_text(["第一页问的", "第二页问的", "第一页又问"])
    with visitor(browser) as stranger:
        theirs = stranger.new_page()
        theirs.goto(url)
        show_history(theirs)
        sync_api.expect(theirs.locator("#lj-history-note")).to_have_text(TEXT["no_history"])


def test_the_address_leads_back_to_an_answer_and_to_an_article(page: "sync_api.Page", browser: "sync_api.Browser", url: str) -> None:
    ask(page, url, "老旧小区没有物业怎么办？")
    marker(page, 1)
    ask(page, url, "明天天气")
    page.locator("section[data-answer='2']").wait_for()
    page.locator(f"section:not([hidden]) [title='{TEXT['previous']}']").click()
    sync_api.expect(page).to_have_url(re.compile("#conversation=[^&]+&answer=1$"))
    page.reload()
    sync_api.expect(page.locator("section[data-answer='1']")).to_be_visible()
    sync_api.expect(page.locator("section[data-answer='2']")).to_be_hidden()
    opener = page.locator("section:not([hidden]) [data-opens]").first
    opener.click()
    sync_api.expect(page).to_have_url(re.compile("&article="))
    page.go_back()
    sync_api.expect(page.locator("dialog[open]")).to_have_count(0)
    sync_api.expect(answers(page)).to_have_count(2)
    opener.click()
    address = page.url
    page.keyboard.press("Escape")
    sync_api.expect(page).not_to_have_url(re.compile("article="))
    with visitor(browser) as stranger:  # may read articles, and no conversation of others
        theirs = stranger.new_page()
        theirs.goto(address)
        sync_api.expect(theirs.locator("dialog[open]")).to_be_visible()
        sync_api.expect(theirs.get_by_text(TEXT["gone_conversation"]).first).to_be_attached()
        assert answers(theirs).count() == 0


def test_a_search_leads_to_the_question_that_holds_its_words(page: "sync_api.Page", url: str) -> None:
    for key, question in enumerate(("楼道灯坏了谁来修", "那收费呢", "还有别的吗"), start=1):
        ask(page, url, question)
        marker(page, key)
    show_history(page)
    page.locator("#lj-history-search textarea, #lj-history-search input").fill("那收费呢")
    entry = page.locator("#lj-conversations li")
    sync_api.expect(entry).to_contain_text(TEXT["found_turn"].format(key=2, question="那收费呢"))
    entry.locator(".lj-open").click()
    sync_api.expect(page.locator("section[data-answer='2']")).to_be_visible()
    sync_api.expect(page.locator("#lj-chat [data-testid=user]").nth(1)).to_be_in_viewport()


def test_a_server_that_is_killed_and_started_again(page: "sync_api.Page", tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "tests/fakes/serve_fake.py", str(port), "zh", str(tmp_path / "home")]
    with running(command, port, tmp_path / "log") as (address, process):
        ask(page, address, "老旧小区没有物业怎么办？")
        marker(page, 1)
        ask(page, address, "没完")
        sync_api.expect(answers(page).nth(1)).to_contain_text("句。")
        process.kill()
    page.goto("about:blank")  # Gradio's page would load itself anew, at a moment of its own
    with served([*command, "none", "hurried"], port, tmp_path / "log") as address:
        page.goto(address)
        marker(page, 1)
        sync_api.expect(answers(page).nth(1)).to_have_text(TEXT["interrupted"])
        page.locator("#lj-retry").click()
        marker(page, 2)


def test_an_answer_and_a_conversation_are_taken_away(page: "sync_api.Page", url: str) -> None:
    ask(page, url, "老旧小区没有物业怎么办？")
    marker(page, 1)
    ask(page, url, f"恶意 {HOSTILE_LINK}")
    marker(page, 2)
    name, raw = taken(page, "section:not([hidden]) [data-as=docx]")
    assert re.fullmatch(r"恶意[\w ]+\.docx", name)
    assert HOSTILE in "".join(p.text for p in docx.Document(io.BytesIO(raw)).paragraphs)
    show_history(page)
    name, raw = taken(page, "#lj-conversations [data-as=pdf]")
    assert name == "老旧小区没有物业怎么办.pdf"
    said = "".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(raw))
    assert "每户每月20元" in said
    assert "两种办法都先把账目公开" not in said  # no article says so
    name, raw = taken(page, "#lj-conversations [data-as=md]")
    assert raw.decode().count("\n## ") == 3


def test_feedback_with_reason_and_comment(page: "sync_api.Page", url: str, home: Path) -> None:
    question = "老旧小区没有物业怎么办？（反馈）"
    ask(page, url, question)
    marker(page, 1)
    shown = page.locator("section:not([hidden])")
    shown.locator("[data-deed=up].lj-thumb").click()
    sync_api.expect(shown.locator("[data-deed=up].lj-thumb")).to_have_attribute("aria-pressed", "true")
    shown.locator("[data-deed=down].lj-thumb").click()
    shown.locator("form.lj-feedback").wait_for()
    sync_api.expect(shown.locator("[data-deed=up].lj-thumb")).to_have_attribute("aria-pressed", "true")  # nothing is told yet
    shown.locator("input[value=missed_case]").check()
    shown.locator("textarea[name=comment]").fill(HOSTILE)
    shown.locator("form.lj-feedback button").click()
    sync_api.expect(shown.locator("form.lj-feedback")).to_be_hidden()
    page.reload()
    sync_api.expect(shown.locator("[data-deed=down].lj-thumb")).to_have_attribute("aria-pressed", "true")
    given, = (one for one in FeedbackStore(home).all() if one.answer.question == question)
    assert (given.feedback.verdict, given.feedback.reasons, given.feedback.comment) == (Verdict.DOWN, (Reason.MISSED_CASE,), HOSTILE)
