"""The chat page in a real Chromium around an assistant that can be slow, fail or quote what is hostile
(tests/fakes/chat_assistant.py).

The application itself is in test_app_page.py and test_app_kept.py; test_page.py has more of the page.

Run: python -m pytest -q tests/browser/test_chat.py
"""

import re
import time

import pytest

from assistant.locales.loader import words
from tests.browser.browsing import answers, ask, marker
from tests.fakes.chat_assistant import FEES, HOSTILE, HOSTILE_LINK, PASSAGES

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
TEXT = words("zh").chat


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(page: "sync_api.Page", fake_url: str, theme: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{fake_url}/?__theme={theme}")
    page.locator("#lj-examples button").first.wait_for()
    page.locator("#lj-filters .label-wrap").click()
    sync_api.expect(page.locator("#lj-filters input").first).to_be_visible()
    sizes = page.locator("textarea:visible, input:visible").evaluate_all("fields => fields.map(f => parseFloat(getComputedStyle(f).fontSize))")
    assert len(sizes) > 2
    assert min(sizes) >= 16, "a phone zooms into a field of smaller letters"
    page.locator("#lj-filters .label-wrap").click()

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
    assert FEES in answers(page).inner_text()
    assert page.locator("#lj-chat .message-content").locator("del, s, em").count() == 0
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


def test_what_was_followed_stays_lit_when_the_evidence_is_drawn_again(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 1, 2).click()
    page.evaluate("""() => {  // as Gradio leaves it when it puts the same text in anew
        for (const lit of document.querySelectorAll("#lj-evidence .lj-hit, .lj-current")) lit.classList.remove("lj-hit", "lj-current");
        document.body.append(document.createComment("drawn"));
    }""")
    sync_api.expect(page.locator("#cite-1-2")).to_have_class("lj-hit")
    sync_api.expect(page.locator(".lj-current")).to_have_count(1)
    page.locator("#lj-clear").click()
    sync_api.expect(answers(page)).to_have_count(0)
    ask(page, fake_url, "恶意")
    marker(page, 1)
    assert page.locator(".lj-current, #lj-evidence .lj-hit").count() == 0


def test_errors_are_words_and_the_conversation_goes_on(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "出错")
    sync_api.expect(answers(page)).to_have_text([TEXT["unavailable"]])
    ask(page, fake_url, "崩溃")
    sync_api.expect(answers(page).nth(1)).to_have_text(TEXT["unexpected"])
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 3)
    sync_api.expect(answers(page)).to_have_count(3)
    assert page.locator("#lj-chat .error").count() == 0  # Gradio's overlay would hide the conversation


def test_stop_and_clear(page: "sync_api.Page", fake_url: str) -> None:
    # neither ends by itself
    for number, (question, said) in enumerate([("想想", TEXT["searching"]), ("没完", r"第\d+句。")]):
        ask(page, fake_url, question)
        sync_api.expect(answers(page).nth(number)).to_have_text(re.compile(rf"^\s*{said}\s*$"))
        page.locator("#lj-stop").click()
        stopped = time.monotonic()
        # what was written stays
        sync_api.expect(answers(page).nth(number)).to_have_text(re.compile(rf"^\s*{said}\s*{TEXT['stopped']}\s*$"))
        sync_api.expect(page.locator("#lj-send")).to_be_visible()
        assert time.monotonic() - stopped < 30
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 3)
    page.locator("#lj-clear").click()
    sync_api.expect(answers(page)).to_have_count(0)
    sync_api.expect(page.locator("#lj-evidence")).to_have_text(TEXT["no_evidence"])
    page.locator("#lj-examples button").first.click()
    marker(page, 1)


def test_the_enter_that_ends_a_composition_sends_nothing(page: "sync_api.Page", fake_url: str) -> None:
    page.goto(fake_url)
    box = page.locator("#lj-box textarea")
    box.fill("老旧小区没有物业怎么办？")
    box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    page.wait_for_timeout(1000)
    assert answers(page).count() == 0
    box.press("Enter")
    marker(page, 1)


def test_empty_and_endless_questions_are_not_sent(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "  ")
    ask(page, fake_url, "问" * 1001)
    message = TEXT["too_long"].format(limit=1000, size=1001)
    # Two presses of Enter may both arrive with the long text: each is told.
    sync_api.expect(page.get_by_text(message).first).to_be_visible(timeout=20_000)
    assert page.locator("#lj-box textarea").input_value() == "问" * 1001
    assert answers(page).count() == 0
