"""What is drawn by an event that draws several times. Run: python -m pytest -q tests/assistant/chat/test_chat_page.py

The page may be slower than its events: only the last drawing is sure to be seen, so nothing may stand in earlier ones alone.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.auth.accounts.identity import STATE, Caller, Role
from assistant.chat.chat_page import build_chat
from assistant.chat.state.session import Session
from tests.fakes.chat_assistant import FakeAssistant
from tests.fakes.chat_assistant import answering as answering_with

ASKED = "老旧小区没有物业怎么办？"


def filled(drawings: Sequence[dict[Any, Any]], session: Session) -> dict[int, Any]:
    """Return how each component looks after the drawings, by its number; the session is no part of the look."""
    page: dict[int, Any] = {}
    for drawing in drawings:
        for part, look in drawing.items():
            if look is not session:
                page[part._id] = page.get(part._id, {}) | look if isinstance(look, dict) else look
    return page


@pytest.mark.parametrize("examples", [{"zh": [ASKED]}, {}], ids=["with examples", "with offers"])
@pytest.mark.parametrize("answering", [False, True], ids=["alone", "during an answer"])
def test_the_last_drawing_of_a_page_that_is_loaded_draws_all_of_it(
        tmp_path: Path, examples: dict[str, list[str]], answering: bool) -> None:
    owner = Caller("user", "ann", Role.READER)
    request = SimpleNamespace(request=SimpleNamespace(scope={"state": {STATE: owner}}, headers={}))

    async def scene() -> tuple[list[dict[Any, Any]], Session]:
        blocks = build_chat(answering_with(FakeAssistant()), examples=examples, home=tmp_path)
        events = {event.name: event.fn for event in blocks.fns.values()}
        session, asking, told = Session(), Session(), "{}"
        if answering:
            asking.owner = owner.id
            begun = events["ask"](asking, ASKED)
            await anext(begun)
            await anext(begun)
            told = f'{{"conversation": "{asking.conversation}"}}'
        drawings = [drawing async for drawing in events["opened"](session, "zh", told, request)]
        assert len(session.entries) == answering
        return drawings, session

    drawings, session = asyncio.run(scene())
    assert filled(drawings[-1:], session) == filled(drawings, session)
    assert any(isinstance(look, dict) and look.get("interactive") for look in drawings[-1].values())
