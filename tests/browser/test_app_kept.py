"""What the application keeps of a conversation, in a real Chromium: history, files, feedback, old answers.

Like test_app_page.py without any stand-in. Run: python -m pytest -q tests/browser/test_app_kept.py
"""

import io
import json
from contextlib import closing

import docx
import pypdfium2
import pytest

from assistant.locales.loader import words
from index.catalog.catalog import Catalog
from tests.browser.browsing import (
    APPLICATION,
    BOTH_WIDTHS,
    CASES,
    DESK,
    DESK_AND_SLOWLY_PHONE,
    PHONE,
    SPACES,
    Office,
    answers,
    ask,
    marker,
    on_a_phone,
    overhang,
    served,
    show_history,
    taken,
)
from tests.fakes.chat_assistant import HOSTILE

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
expect = sync_api.expect
TEXT = words("zh").chat


@BOTH_WIDTHS
def test_history_is_kept_searched_renamed_and_deleted(page: "sync_api.Page", office: Office) -> None:
    labels, box = page.locator("#lj-conversations .lj-name"), page.locator("#lj-history-search textarea, #lj-history-search input")
    ask(page, office.url, CASES)
    expect(page.locator("#lj-chat [data-testid=user]")).to_contain_text([CASES])
    page.reload()  # in the middle of the answer
    marker(page, 1)
    expect(page.locator("#lj-send")).to_be_visible()
    page.locator("#lj-clear").click()
    expect(answers(page)).to_have_count(0)
    ask(page, office.url, SPACES)
    marker(page, 1)
    show_history(page)
    expect(labels).to_have_text([SPACES, CASES])
    assert overhang(page) <= 0
    box.fill("无物业小区")
    expect(labels).to_have_text([CASES])
    labels.first.click()
    expect(page.locator("#lj-chat [data-testid=user]")).to_contain_text([CASES])
    if on_a_phone(page):  # the drawer has made room
        expect(page.locator("#lj-history")).to_be_hidden()
        show_history(page)
    page.locator("#lj-conversations [data-wish=rename]").click()
    title = page.locator("#lj-conversations .lj-title")
    expect(title).to_have_value(CASES)
    title.fill("<b>物业</b>")
    title.press("Enter")
    expect(labels).to_have_text(["<b>物业</b>"])
    delete = page.locator("#lj-conversations [data-wish=delete]")
    delete.click()
    expect(delete).to_have_text(TEXT["really_delete"])
    delete.click()
    expect(answers(page)).to_have_count(0)
    box.fill("")
    expect(labels).to_have_text([SPACES])


@DESK_AND_SLOWLY_PHONE
def test_answers_are_taken_away_as_files_and_copied(page: "sync_api.Page", office: Office) -> None:
    ask(page, office.url, SPACES)
    marker(page, 1)
    page.locator("section:not([hidden]) [data-copy]").click()
    expect(page.locator("section:not([hidden]) [data-copy]")).to_have_text(TEXT["copied"])
    page.locator("#lj-box textarea").focus()
    page.keyboard.press("Control+V")
    pasted = page.locator("#lj-box textarea").input_value()
    assert words("zh").export["references"] in pasted
    assert "[1] " in pasted
    ask(page, office.url, CASES)
    marker(page, 2)
    name, raw = taken(page, "section:not([hidden]) [data-as=docx]")
    assert name.endswith(".docx")
    assert "槐花社区" in "".join(p.text for p in docx.Document(io.BytesIO(raw)).paragraphs)
    name, raw = taken(page, "section:not([hidden]) [data-as=pdf]")
    said = "".join("".join(p.get_textpage().get_text_range().split()) for p in pypdfium2.PdfDocument(raw))
    assert "沧原日报" in said
    assert "2024-07-30" in said
    show_history(page)
    name, raw = taken(page, "#lj-conversations [data-as=md]")
    assert raw.decode().count("\n## ") == 3
    assert "412个" in raw.decode()


@DESK_AND_SLOWLY_PHONE
def test_feedback_becomes_questions(page: "sync_api.Page", office: Office) -> None:
    question = f"{SPACES}（{page.viewport_size['width']}）"
    ask(page, office.url, question)
    marker(page, 1)
    shown = page.locator("section:not([hidden])")
    shown.locator("[data-deed=down].lj-thumb").click()
    shown.locator("input[value=missed_case]").check()
    shown.locator("textarea[name=comment]").fill(HOSTILE)
    shown.locator("form.lj-feedback button").click()
    expect(shown.locator(".lj-thanks")).to_be_visible()
    expect(shown.locator("form.lj-feedback")).to_be_hidden()
    page.reload()
    expect(shown.locator("[data-deed=down].lj-thumb")).to_have_attribute("aria-pressed", "true")
    out = office.home / "questions.jsonl"
    office.linjian("feedback", "export", "--out", str(out))
    assert question in [json.loads(line)["question"] for line in out.read_text("utf-8").splitlines()]


@DESK_AND_SLOWLY_PHONE
def test_two_tabs_share_what_is_kept_and_mix_nothing_up(page: "sync_api.Page", office: Office) -> None:
    ask(page, office.url, CASES)
    other = page.context.new_page()
    ask(other, office.url, SPACES)
    marker(page, 1)
    marker(other, 1)
    for tab, asked in ((page, CASES), (other, SPACES)):
        expect(tab.locator("#lj-chat [data-testid=user]")).to_contain_text([asked])
        tab.reload()
        marker(tab, 1)
        expect(tab.locator("#lj-chat [data-testid=user]")).to_contain_text([asked])
        show_history(tab)
        expect(tab.locator("#lj-conversations .lj-name")).to_have_count(2)


def test_what_was_answered_outlives_the_server_and_the_article(page: "sync_api.Page", office: Office) -> None:
    """The last test here: it stops the server and takes a page of the samples away."""
    ask(page, office.url, CASES)
    marker(page, 1)
    page.locator("#lj-chat a[href^='#cite-1-']").first.click()
    quote = page.locator("#cite-1-1").inner_text()
    title = page.locator(".lj-current h4").first.inner_text()
    with closing(Catalog(office.home)) as catalog:
        file = next(article.file for article in catalog.articles() if article.title == title)
    office.process.kill()
    office.process.wait()
    page.goto("about:blank")  # Gradio's page would load itself anew, at a moment of its own
    office.linjian("index", "remove", file)
    with served([*APPLICATION, "serve"], office.port, office.home / "log2", office.home) as url:
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(url)
            marker(page, 1, 1).click()
            expect(page.locator("#cite-1-1")).to_have_text(quote)
            expect(page.locator("#cite-1-1")).to_be_in_viewport()
        ask(page, url, CASES)
        marker(page, 2)
        assert title not in page.locator("section[data-answer='2'] .lj-cards").first.inner_text()
