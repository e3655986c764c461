"""No half of a surrogate pair comes from a model. Run: python -m pytest -q tests/assistant/llm/test_characters.py"""

import pytest

from assistant.llm.characters import whole_characters
from assistant.llm.model import open_model
from prompts.prompt_loader import chat_prompt
from tests.fakes.openai_server import Script, serving


@pytest.mark.parametrize(("pieces", "text"), [
    (["每户\ud8005元"], "每户\ufffd5元"), (["每户\udc005元。", "好"], "每户\ufffd5元。好"), (["\ud83d", "\ude00", "好"], "😀好"),
    (["\ud83d\ude00"], "😀"), (["\ud83d", "", "\ude00"], "😀"), (["\ud83d", "5", "\ud83d"], "\ufffd5\ufffd"), (["\ud83d\ud83d", "\ude00"], "\ufffd😀"),
    (["\ufeff好", "😀"], "\ufeff好😀"), ([], ""),
], ids=ascii)
def test_pairs_are_joined_and_halves_replaced(pieces: list[str], text: str) -> None:
    assert "".join(whole_characters(pieces)) == text


def test_each_piece_comes_at_once() -> None:
    came = whole_characters(iter(["甲", "乙\ud83d", "\ude00"]))
    assert [next(came), next(came), next(came)] == ["甲", "乙", "😀"]


def test_a_server_that_writes_halves() -> None:
    with serving(Script(("每户\ud8005元", "\ud83d", "\ude00", "。\udfff"))) as server:
        model = open_model(server.url, name="scripted", key="none", timeout=20)
        assert "".join(model.stream(chat_prompt("answer", "zh"), {"passages": "", "question": "甲？"})) == "每户\ufffd5元😀。\ufffd"
