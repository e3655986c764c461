"""The chat page in a real Chromium: answers, evidence, errors (test_page.py has the rest). Skipped where there is none.

Run: python -m pytest -q tests/test_browser.py
"""

import time

import pytest

from app import QUESTIONS
from assistant.report.text import WORDS as REPORT
from assistant.web.text import words
from tests.browsing import answers, ask, marker
from tests.fakes_web import HOSTILE, HOSTILE_LINK, PASSAGES

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
TEXT = words("zh")
QUESTION = "其他社区是怎么处理无物业小区的？"


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


def test_the_evidence_scrolls_beside_the_conversation(page: "sync_api.Page", app_url: str) -> None:
    ask(page, app_url, QUESTION)
    marker(page, 1)
    page.locator("#lj-chat a[href^='#cite-1-']:visible").last.click()
    sync_api.expect(page.locator("#lj-evidence mark.lj-hit").first).to_be_in_viewport()
    # what fits need not scroll, and never does the page
    assert page.evaluate("(p => p.scrollTop > 0 || p.scrollHeight <= p.clientHeight)(document.getElementById('lj-evidence'))")
    assert page.evaluate("[scrollY, document.scrollingElement.scrollTop]") == [0, 0]
    sync_api.expect(page.locator("#lj-box")).to_be_in_viewport()


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
    assert PASSAGES["1-0"].sentences[0].text in page.locator("#cite-1-4").inner_text()
    assert page.locator("section[data-answer]:not([hidden])").count() == 1
    page.locator(f"section:not([hidden]) [title='{TEXT['next']}']").click()
    sync_api.expect(page.locator("section[data-answer='2']")).to_be_visible()


def test_errors_are_words_and_the_conversation_goes_on(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "出错")
    message = "还没有索引：请先运行 <python -m index add>。"
    sync_api.expect(answers(page)).to_have_text([message])
    ask(page, fake_url, "崩溃")
    sync_api.expect(answers(page).nth(1)).to_have_text(TEXT["unexpected"])
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 3)
    sync_api.expect(answers(page)).to_have_count(3)
    assert page.locator("#lj-chat .error").count() == 0  # Gradio's overlay would hide the conversation


def test_stop_and_clear(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "慢慢回答")
    sync_api.expect(answers(page)).to_have_text([TEXT["searching"]])
    sync_api.expect(answers(page)).to_contain_text("澄湖区")
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
    assert REPORT["zh"]["references"] in pasted
    assert "[1] " in pasted
