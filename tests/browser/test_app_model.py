"""The application before a language model that takes its time or fails, in a real Chromium: what a visitor sees while
waiting.

The model is scripted and falls silent when it is told to; its server, the protocol and everything of ours are real.
Run: python -m pytest -q tests/browser/test_app_model.py
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from assistant.locales.loader import words
from prompts.prompt_loader import phrases
from tests.browser.browsing import (
    DESK_AND_SLOWLY_PHONE,
    PATIENCE,
    SPACES,
    Office,
    answers,
    ask,
    marker,
    opened_office,
    overhang,
    visitor,
)
from tests.fakes.openai_server import Script, ScriptedServer, serving, text

AT_ONCE = 2
"""The default of `answers_at_once`."""

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
expect = sync_api.expect
TEXT = words("zh").chat
QUESTION = "纺机家属院没有物业，是怎么自己管起来的？"
FEE, PIPES = "最后定下每户每月20元，低保家庭减半。", "争取到补助资金26万元，更换下水管道340米。"
SKELETON = "#lj-evidence .lj-skeleton"


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedServer]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def writing(model: ScriptedServer, examples_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The application with the model."""
    with opened_office(examples_home, tmp_path_factory.mktemp("writing"), LINJIAN_MODEL=model.url, LINJIAN_MODEL_NAME="scripted",
                       LINJIAN_MODEL_TIMEOUT=str(PATIENCE // 1000)) as office:
        yield office


@DESK_AND_SLOWLY_PHONE
def test_what_is_being_written_is_seen_and_can_be_stopped(page: "sync_api.Page", writing: Office, model: ScriptedServer) -> None:
    model.plays(Script((FEE, PIPES), held=0))
    ask(page, writing.url, QUESTION)
    expect(answers(page)).to_have_text([TEXT["searching"]])
    expect(page.locator(SKELETON)).to_have_text(TEXT["searching"])
    expect(page.locator("#lj-send")).to_be_hidden()
    assert overhang(page) <= 0
    page.locator("#lj-stop").click()
    expect(answers(page)).to_contain_text([TEXT["stopped"]])
    expect(page.locator(SKELETON)).to_have_count(0)

    model.plays(Script((FEE, PIPES), held=1))
    for number in range(1, AT_ONCE + 1):
        ask(page, writing.url, QUESTION)
        expect(answers(page).nth(number)).to_contain_text(FEE)
        page.locator("#lj-stop").click()
        expect(answers(page).nth(number)).to_contain_text(TEXT["stopped"])
    page.reload()
    expect(answers(page).last).to_contain_text(TEXT["stopped"])
    assert FEE in answers(page).last.inner_text()

    model.plays(text(FEE + PIPES))  # those that were stopped are silent still, and keep nobody waiting
    ask(page, writing.url, QUESTION)
    page.locator(f"#lj-chat a[href^='#cite-{AT_ONCE + 2}-']").first.wait_for()
    expect(answers(page).last).to_contain_text("更换下水管道340米")
    model.release()
    expect(answers(page).nth(1)).not_to_contain_text(PIPES)
    expect(page.locator("#lj-stop")).to_be_hidden()


@DESK_AND_SLOWLY_PHONE
def test_who_waits_is_told_how_many_are_ahead(page: "sync_api.Page", browser: "sync_api.Browser", writing: Office,
                                              model: ScriptedServer) -> None:
    model.plays(Script((FEE, PIPES), held=1))
    with ExitStack() as visitors:
        pages = [page, *(visitors.enter_context(visitor(browser, page.viewport_size["width"])).new_page() for _ in range(AT_ONCE + 1))]
        questions = [f"{QUESTION}（第{number}问）" for number in range(len(pages))]
        for number, (one, question) in enumerate(zip(pages, questions, strict=True)):
            ask(one, writing.url, question)
            ahead = number - AT_ONCE + 1
            expect(answers(one)).to_contain_text([TEXT["ahead"].format(count=ahead) if ahead > 0 else FEE])
        assert overhang(pages[-1]) <= 0
        model.release()
        for one, question in zip(pages, questions, strict=True):
            expect(answers(one)).to_contain_text(["更换下水管道340米"])
            expect(one.locator("#lj-chat [data-testid=user]")).to_have_text([question])


@DESK_AND_SLOWLY_PHONE
def test_what_goes_wrong_is_words(page: "sync_api.Page", writing: Office, model: ScriptedServer) -> None:
    model.plays(Script(status=500, error="out of memory"))
    ask(page, writing.url, QUESTION)
    marker(page, 1)
    expect(answers(page)).to_contain_text([phrases("zh").notice.format(reason=phrases("zh").reasons["broken"])])
    kept = writing.home / "conversations.sqlite"
    whole = kept.read_bytes()
    kept.write_bytes(b"?" * len(whole))  # a disk that fails
    try:
        ask(page, writing.url, SPACES)
        expect(page.get_by_text(TEXT["not_kept"]).first).to_be_visible()
        marker(page, 2)
        page.reload()
        expect(page.get_by_text(TEXT["no_store"]).first).to_be_visible()
        ask(page, writing.url, SPACES)
        marker(page, 1)
    finally:
        kept.write_bytes(whole)
    model.plays(text(FEE + PIPES))
    ask(page, writing.url, QUESTION)
    expect(answers(page).last).to_contain_text("更换下水管道340米")
    assert page.locator("#lj-chat .error").count() == 0  # Gradio's overlay would hide the conversation
