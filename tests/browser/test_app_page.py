"""The chat in a real Chromium before the application itself, at a desk and on a phone: all that a visitor can do with it.

Nothing here is a stand-in: the sample articles, the embedding model, the reranker, the guard and the page are what
`linjian serve` starts. Run: python -m pytest -q tests/browser/test_app_page.py
"""

import re

import pytest

from assistant.commands.serve_command import QUESTIONS
from assistant.locales.loader import words
from tests.browser.browsing import (
    BOTH_WIDTHS,
    CASES,
    DESK_AND_SLOWLY_PHONE,
    SPACES,
    Office,
    answers,
    ask,
    marker,
    on_a_phone,
    overhang,
    pointed_at,
    settled,
)
from tests.fakes.chat_assistant import HOSTILE, HOSTILE_LINK, MIRRORED

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
expect = sync_api.expect
TEXT, ENGLISH = words("zh").chat, words("en").chat
LIT = "#lj-evidence mark.lj-hit"


@DESK_AND_SLOWLY_PHONE
def test_questions_are_offered_and_answered(page: "sync_api.Page", office: Office) -> None:
    page.goto(office.url)
    expect(page.locator("#lj-examples button")).to_have_text(QUESTIONS["zh"])
    expect(page.get_by_text(TEXT["no_evidence"])).to_have_count(1)
    page.locator("#lj-examples button").last.click()
    marker(page, 1)
    expect(answers(page)).to_contain_text("412")
    ask(page, office.url, "哪家火锅店最好吃？")
    expect(page.locator("section[data-answer='2'] h2")).to_have_text(TEXT["panel_refused"].format(key=2))
    expect(answers(page).nth(1)).to_contain_text("没有找到答案")
    assert overhang(page) <= 0


@BOTH_WIDTHS
def test_the_sentence_the_passage_and_the_article(page: "sync_api.Page", office: Office) -> None:
    ask(page, office.url, CASES)
    first = marker(page, 1)
    settled(page)
    assert first.inner_text() == "[1]"
    chat, evidence = (page.locator(part).bounding_box() for part in ("#lj-chat", "#lj-evidence"))
    if on_a_phone(page):
        assert evidence["y"] >= chat["y"] + chat["height"]
    else:
        assert evidence["x"] >= chat["x"] + chat["width"]
    shown = pointed_at(page, first).inner_text()
    first.click()
    cited = page.locator("#cite-1-1")
    expect(cited).to_be_in_viewport(ratio=0.9)
    expect(cited).to_have_class("lj-hit")
    quote = cited.inner_text().lstrip("1")  # the number stands at its beginning
    assert quote in shown
    assert [page.locator(".lj-current").count(), page.get_by_text(TEXT["used"], exact=True).count()] == [1, 1]
    expect(page.locator("section:not([hidden]) .lj-also summary")).to_be_visible()
    opener = page.locator(".lj-current [data-opens]")
    opener.click()
    article = page.locator("dialog[open]")
    lit = article.locator("mark.lj-hit")
    expect(lit.first).to_be_in_viewport()
    assert lit.first.inner_text().lstrip("1") == quote
    assert "沧原日报 · 2024-07-30" in article.locator(".lj-source").inner_text()
    assert overhang(page) <= 0
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(opener).to_be_focused()
    page.locator("#lj-chat a[href^='#cite-1-']:visible").last.click()
    expect(page.locator(LIT).first).to_be_in_viewport()
    if not on_a_phone(page):  # the column scrolls, never the page
        # what fits need not scroll
        assert page.evaluate("(p => p.scrollTop > 0 || p.scrollHeight <= p.clientHeight)(document.getElementById('lj-evidence'))")
        assert page.evaluate("[scrollY, document.scrollingElement.scrollTop]") == [0, 0]
        expect(page.locator("#lj-box")).to_be_in_viewport()


@DESK_AND_SLOWLY_PHONE
def test_the_keyboard_is_enough(page: "sync_api.Page", office: Office) -> None:
    ask(page, office.url, CASES)
    marker(page, 1)
    settled(page)
    page.locator("#lj-box textarea").focus()
    focused = "document.activeElement.getAttribute('href') || ''"
    for _ in range(16):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(focused).startswith("#cite-1-"):
            break
    reached = page.evaluate(focused)[1:]
    assert reached.startswith("cite-1-")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".lj-current")).to_be_focused()
    expect(page.locator(f"#{reached}")).to_be_in_viewport()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] mark.lj-hit").first).to_be_in_viewport()
    page.keyboard.press("Enter")  # the close button has the focus
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#lj-chat a:focus")).to_have_count(1)


@BOTH_WIDTHS
def test_cases_as_cards_and_as_a_table_and_two_places_side_by_side(page: "sync_api.Page", office: Office) -> None:
    ask(page, office.url, CASES)
    marker(page, 1)
    cards = page.locator("#lj-chat .lj-case")
    places = cards.locator("h2").all_inner_texts()
    assert len(places) >= 3
    assert "沧原市青塬区七里铺街道槐花社区" in places
    page.locator("#lj-chat .lj-view-table").click()
    expect(cards.first).to_be_hidden()
    page.locator("#lj-chat .lj-sort").first.click()
    expect(page.locator("#lj-chat thead th").first).to_have_attribute("aria-sort", "ascending")
    rows = page.locator("#lj-chat .lj-as-table tbody th")
    assert sorted(rows.all_inner_texts()) == sorted(places)
    page.locator("#lj-chat .lj-as-table a:visible").first.click()
    expect(page.locator(LIT).first).to_be_in_viewport()
    ask(page, office.url, "比较桂花巷社区和槐花社区怎么管没有物业的小区")
    marker(page, 2)
    compared = page.locator("#lj-chat .lj-compare .lj-case")
    expect(compared.locator("h2")).to_contain_text(["桂花巷社区", "槐花社区"])
    first, second = (compared.nth(n).bounding_box() for n in range(2))
    side_by_side = first["y"] == second["y"] and first["x"] + first["width"] <= second["x"]
    assert side_by_side or (on_a_phone(page) and first["y"] + first["height"] <= second["y"])
    assert overhang(page) <= 0


@BOTH_WIDTHS
def test_filters_bound_the_answer(page: "sync_api.Page", office: Office) -> None:
    page.goto(office.url)
    page.locator("#lj-filters > button, #lj-filters .label-wrap").first.click()

    def choose(label: str, name: str) -> None:
        box = page.get_by_label(TEXT[label]).first
        box.click()
        box.fill(name)
        page.get_by_role("option", name=name).first.click()
        page.keyboard.press("Escape")

    choose("places", "和顺街道")
    chips = page.locator("#lj-chips label")
    expect(chips).to_have_text(["和顺街道"])
    expect(page.locator("#lj-count")).to_contain_text(re.compile(r"[1-9]"))
    ask(page, office.url, SPACES)
    marker(page, 1)
    expect(answers(page)).to_contain_text(TEXT["within"].format(names="和顺街道"))
    choose("sources", "沧原日报")
    expect(page.locator("#lj-count")).to_have_text(TEXT["none_selected"])
    ask(page, office.url, SPACES)
    expect(answers(page).nth(1)).to_contain_text("请放宽筛选")
    chips.locator("input").first.focus()
    page.keyboard.press("Space")
    expect(chips).to_have_text(["沧原日报"])
    choose("since", "2024-07")
    expect(chips).to_have_text(["沧原日报", TEXT["from_month"].format(month="2024-07")])
    expect(page.locator("#lj-count")).to_have_text(TEXT["selected"].format(count=1))
    assert overhang(page) <= 0


@DESK_AND_SLOWLY_PHONE
def test_a_follow_up_is_completed_and_can_be_undone(page: "sync_api.Page", office: Office) -> None:
    ask(page, office.url, SPACES)
    marker(page, 1)
    expect(page.locator("#lj-chat strong").first).to_have_text("412个")
    ask(page, office.url, "那包月多少钱？")
    marker(page, 2)
    expect(answers(page).nth(1)).to_contain_text(TEXT["understood"].format(question=""))
    expect(answers(page).nth(1)).to_contain_text("60元")
    page.locator("#lj-undo").click()
    expect(answers(page).nth(1)).not_to_contain_text(TEXT["understood"].format(question=""))
    marker(page, 2)
    expect(page.locator("#lj-undo")).to_be_hidden()
    ask(page, office.url, CASES)
    marker(page, 3)
    offered = page.locator(".lj-suggested").first
    question = offered.inner_text()
    offered.click()
    expect(page.locator("#lj-chat [data-testid=user]").nth(3)).to_contain_text(question)
    marker(page, 4)  # what is offered can be answered


@DESK_AND_SLOWLY_PHONE
def test_two_languages_light_and_dark_and_paper(page: "sync_api.Page", office: Office) -> None:
    ask(page, office.url, SPACES)
    marker(page, 1)
    page.locator("#lj-language").click()
    expect(page.locator("#lj-send")).to_have_text(ENGLISH["send"])
    expect(page.locator("#lj-evidence")).to_contain_text(ENGLISH["used"])
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("#lj-light button").click()
    page.wait_for_function("document.body.classList.contains('dark')")
    ask(page, office.url, "How did other communities manage housing without property management?")
    marker(page, 2)
    expect(answers(page).nth(1)).to_contain_text("槐花社区")  # the quotes stay as they are printed
    page.emulate_media(media="print")
    expect(page.locator("#lj-box")).to_be_hidden()
    assert [button for button in page.locator("#lj-page button").all() if button.is_visible()] == []


@DESK_AND_SLOWLY_PHONE
def test_hostile_articles_and_questions_are_text(page: "sync_api.Page", office: Office) -> None:
    """The fixture `page` checks that no script ran, no dialog opened and nobody else was asked."""
    name = f"毒文{page.viewport_size['width']} {{{{__pwned}}}} ${{window.__pwned=1}}.txt"
    said = f"{MIRRORED}{HOSTILE_LINK}。柳絮社区的旧书摊上写着{HOSTILE}，摊主每天收三元。"
    text = f"{HOSTILE[:60]}\n本报记者 何小川\n\n{said}{'长' * 10_000}。\n".encode()
    page.goto(f"{office.url}/library")
    page.locator("#lj-files input[type=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": text})
    page.locator("#lj-files", has_text="毒文").wait_for()
    page.locator("#lj-add").click()
    expect(page.locator("#lj-outcomes li")).to_contain_text(words("zh").librarian["outcome_added"])
    assert overhang(page) <= 0
    page.goto(office.url)
    ask(page, office.url, f"柳絮社区的旧书摊每天收多少钱？ {HOSTILE[:200]} {HOSTILE_LINK}")
    marker(page, 1).click()
    expect(page.locator("#cite-1-1")).to_contain_text("<script>")
    page.locator(".lj-current [data-opens]").click()
    expect(page.locator("dialog[open]")).to_contain_text("长" * 100)
    assert overhang(page) <= 0
    assert page.locator("#lj-chat .message-content img, #lj-evidence img, #lj-evidence script").count() == 0
    hrefs = page.locator("#lj-chat a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert {href for href in hrefs if not href.startswith("#cite-1-")} == set()


@pytest.mark.parametrize("theme", ["light", "dark"])
@DESK_AND_SLOWLY_PHONE
def test_axe_finds_nothing_serious(page: "sync_api.Page", office: Office, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{office.url}/?__theme={theme}")
    page.locator("#lj-examples button").first.wait_for()
    expect(page.locator("#lj-history-toggle")).to_be_enabled()
    page.wait_for_timeout(500)  # buttons change their colour little by little

    def faults(where: str) -> list[str]:
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{where}: {rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:160]} {node['any'][:1]}"
                for rule in found if rule["impact"] in ("serious", "critical") for node in rule["nodes"]]

    seen = faults("start")
    ask(page, office.url, CASES)
    marker(page, 1)
    settled(page)
    page.locator("#lj-filters > button, #lj-filters .label-wrap").first.click()
    seen += faults("cards")
    page.locator("#lj-chat .lj-view-table").click()
    page.locator("#lj-chat .lj-sort").first.click()
    seen += faults("table")
    page.locator("#lj-evidence [data-opens]").first.click()
    seen += faults("article")
    assert seen == []
