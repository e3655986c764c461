"""The rest of the chat page in a real Chromium: filters, cases, ways to go on, the line, two languages, light and dark, axe.

Run: python -m pytest -q tests/browser/test_page.py
"""

from contextlib import closing

import pypdfium2
import pytest

from assistant.locales.loader import words
from tests.browser.browsing import BOTH_WIDTHS, answers, ask, marker, pointed_at, visitor
from tests.fakes.chat_assistant import ENDLESS, HOSTILE, MIRRORED

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
expect = sync_api.expect
TEXT, ENGLISH = words("zh").chat, words("en").chat
LIST = "有哪些社区管起来了？接着问"


def choose_place(page: "sync_api.Page", name: str) -> None:
    """Choose a place in the filters, by the keyboard."""
    page.locator("#lj-filters > button, #lj-filters .label-wrap").first.click()
    box = page.get_by_label(TEXT["places"]).first
    box.click()
    box.fill(name[:12])
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def test_filters_are_chips_with_counts_and_bound_the_answer(page: "sync_api.Page", fake_url: str) -> None:
    page.goto(fake_url)
    choose_place(page, "和顺街道")
    chip = page.locator("#lj-chips label")
    expect(chip).to_have_text("和顺街道")
    expect(page.locator("#lj-count")).to_have_text(TEXT["selected"].format(count=1))
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 1)
    expect(answers(page)).to_contain_text(TEXT["within"].format(names="和顺街道"))
    chip.locator("input").focus()
    page.keyboard.press("Space")
    expect(chip).to_have_count(0)
    expect(page.locator("#lj-count")).to_have_text(TEXT["all_articles"])


def test_a_filter_that_leaves_nothing_says_so(page: "sync_api.Page", fake_url: str) -> None:
    page.goto(fake_url)
    choose_place(page, HOSTILE)
    expect(page.locator("#lj-chips label")).to_have_text(HOSTILE)
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    expect(answers(page)).to_contain_text("请放宽筛选")


def test_cases_are_cards_and_a_table_that_can_be_sorted(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, LIST)
    marker(page, 1)
    cards = page.locator("#lj-chat .lj-case")
    expect(cards.locator("h2")).to_have_text(["澄湖区和顺街道桂花巷社区", "东闸街道", "{{place}}"])
    expect(cards.first.locator("dt")).to_have_text([TEXT["column_done"], TEXT["column_outcome"], TEXT["column_sources"]])
    table = page.locator("#lj-chat .lj-view-table")
    expect(table).to_have_attribute("aria-pressed", "false")
    table.focus()
    page.keyboard.press("Enter")
    expect(table).to_have_attribute("aria-pressed", "true")
    expect(cards.first).to_be_hidden()
    rows = page.locator("#lj-chat .lj-as-table tbody th")
    for direction, last in (("ascending", "东闸街道"), ("descending", "{{place}}")):
        page.locator("#lj-chat .lj-sort").first.click()
        expect(page.locator("#lj-chat thead th").first).to_have_attribute("aria-sort", direction)
        named = [place for place in rows.all_inner_texts() if place != "澄湖区和顺街道桂花巷社区"]
        assert named[-1] == last
    page.locator("#lj-chat .lj-as-table a[href='#cite-1-1']").click()
    expect(page.locator("#cite-1-1")).to_have_class("lj-hit")


def test_a_comparison_stands_side_by_side(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "比较桂花巷社区和东闸街道")
    marker(page, 1)
    first, second = (page.locator("#lj-chat .lj-compare .lj-case").nth(n).bounding_box() for n in range(2))
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] <= second["x"]


def test_the_cases_held_back_are_unfolded(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, LIST)
    more = page.locator("#lj-more")
    expect(more).to_have_text(TEXT["more_cases"].format(count=2))
    more.click()
    expect(more).to_be_hidden()
    marker(page, 1)
    expect(answers(page)).to_have_count(1)


def test_a_completed_question_can_be_asked_as_it_was_written(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 1)
    ask(page, fake_url, "那收费呢？")
    marker(page, 2)
    expect(answers(page).nth(1)).to_contain_text("理解为：老旧小区没有物业怎么办？ 那收费呢？")
    page.locator("#lj-undo").click()
    expect(answers(page).nth(1)).not_to_contain_text("理解为")
    marker(page, 2)
    expect(page.locator("#lj-undo")).to_be_hidden()
    expect(answers(page)).to_have_count(2)


def test_a_suggested_question_is_asked_by_pressing_it(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, LIST)
    offered = page.locator(".lj-suggested")
    expect(offered).to_have_text(["东闸街道后来怎么样了？", HOSTILE])
    offered.first.click()
    marker(page, 2)
    expect(page.locator("#lj-chat [data-testid=user]").nth(1)).to_contain_text("东闸街道后来怎么样了？")


def test_a_marker_shows_its_sentence(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    link = marker(page, 1, 1)
    expect(pointed_at(page, link)).to_contain_text("自管小组共收入3.74万元")
    page.mouse.move(2, 2)
    expect(page.get_by_role("tooltip")).to_have_count(0)
    link.focus()
    expect(page.get_by_role("tooltip")).to_contain_text("云泽晨报")
    expect(link).to_have_attribute("aria-describedby", "lj-tip")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)


def test_the_line_says_how_many_are_ahead(page: "sync_api.Page", browser: "sync_api.Browser", fake_url: str) -> None:
    with visitor(browser) as context:
        others = [context.new_page() for _ in range(2)]
        for other in others:
            ask(other, fake_url, "没完没了")
            expect(answers(other)).to_contain_text("句。")
        ask(page, fake_url, "老旧小区没有物业怎么办？")
        expect(answers(page)).to_have_text([TEXT["ahead"].format(count=1)])
    marker(page, 1)  # those ahead have closed their pages


def test_the_page_speaks_two_languages_and_remembers_which(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 1)
    page.locator("#lj-language").click()
    expect(page.locator("#lj-send")).to_have_text(ENGLISH["send"])
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#lj-evidence")).to_contain_text(ENGLISH["used"])
    expect(answers(page)).to_have_count(1)
    page.reload()
    expect(page.locator("#lj-send")).to_have_text(ENGLISH["send"])
    page.locator("#lj-language").click()
    expect(page.locator("#lj-send")).to_have_text(TEXT["send"])


def test_the_document_has_the_language_of_its_heading_also_when_nothing_else_changes(page: "sync_api.Page", fake_url: str) -> None:
    page.goto(fake_url)
    page.locator("#lj-box textarea:enabled").wait_for()
    page.evaluate("document.querySelector('#lj-header h1').lang = 'fr'")
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_light_and_dark_are_switched_and_remembered(page: "sync_api.Page", fake_url: str) -> None:
    page.goto(fake_url)
    dark = "document.body.classList.contains('dark')"
    page.locator("#lj-light button").click()
    page.wait_for_function(dark)
    page.reload()
    page.locator("#lj-light button").wait_for()
    page.wait_for_function(dark)


def test_on_paper_there_is_text_and_nothing_to_press(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, LIST)
    marker(page, 1)
    page.emulate_media(media="print")
    expect(page.locator("#lj-box")).to_be_hidden()
    assert [button for button in page.locator("#lj-page button").all() if button.is_visible()] == []
    expect(page.locator("#lj-evidence .lj-card").first).to_be_visible()


def test_an_open_article_is_printed_alone_and_whole(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 1)
    page.locator("section:not([hidden]) [data-opens]").first.click()
    page.locator("dialog[open]").wait_for()
    with closing(pypdfium2.PdfDocument(page.pdf())) as paper:
        said = "".join("".join(sheet.get_textpage().get_text_range().split()) for sheet in paper)
    assert said.count("“没人管”的院子请来“自家管家”") == 1
    assert [said.count(f"第{n}件小事") for n in (1, 16)] == [1, 1]
    assert TEXT["used"] not in said


@BOTH_WIDTHS
def test_a_new_question_stands_at_the_top_wherever_one_has_scrolled_to(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, LIST)
    marker(page, 1)
    page.evaluate("document.querySelector('#lj-chat .bubble-wrap').scrollTo(0, 0), scrollTo(0, 0)")
    ask(page, fake_url, LIST)
    marker(page, 2)
    asked = page.locator("#lj-chat [data-testid=user]").nth(1)
    page.wait_for_function("(row) => { const top = row.getBoundingClientRect().top; return top >= 0 && top < 150; }", arg=asked.element_handle())
    expect(page.locator("#lj-box")).to_be_in_viewport(ratio=1)


def test_what_is_typed_outlives_the_page(page: "sync_api.Page", fake_url: str) -> None:
    page.goto(fake_url)
    box = page.locator("#lj-box textarea:enabled")
    box.fill("写了一半的问题")
    page.reload()
    expect(box).to_have_value("写了一半的问题")


def test_keys(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, "老旧小区没有物业怎么办？")
    marker(page, 1)
    box = page.locator("#lj-box textarea")
    box.press("ArrowUp")
    expect(box).to_have_value("老旧小区没有物业怎么办？")
    page.keyboard.press("Control+k")
    expect(page.locator("#lj-history-search :is(input, textarea)")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#lj-history")).to_be_hidden()
    page.locator("#lj-chat a").first.focus()
    page.keyboard.press("?")
    expect(page.locator("#lj-keys")).to_contain_text(TEXT["key_search"])
    page.keyboard.press("Escape")
    expect(page.locator("#lj-keys")).to_be_hidden()


def test_the_table_stays_for_the_next_answer_and_dates_can_lead(page: "sync_api.Page", fake_url: str) -> None:
    ask(page, fake_url, LIST)
    marker(page, 1)
    page.locator("#lj-chat .lj-newest").click()
    expect(page.locator("#lj-chat .lj-case h2")).to_have_text(["澄湖区和顺街道桂花巷社区", "{{place}}", "东闸街道"])
    page.locator("#lj-chat .lj-view-table").click()
    ask(page, fake_url, LIST)
    expect(page.locator("#lj-chat .lj-as-table a[href='#cite-2-1']")).to_be_visible()


def test_a_page_speaks_the_language_of_its_browser(browser: "sync_api.Browser", fake_url: str) -> None:
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.goto(fake_url)
        expect(page.locator("#lj-send")).to_have_text(ENGLISH["send"])


def test_mirrored_and_endless_lines_are_text_within_the_page(page: "sync_api.Page", fake_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    ask(page, fake_url, "怪异")
    marker(page, 1).click()
    said = page.locator("#lj-evidence .lj-card").first.inner_text()
    assert ENDLESS in said
    assert MIRRORED in said
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator(".lj-card p").first.evaluate("e => getComputedStyle(e).unicodeBidi") == "isolate"
