"""Answers on their way: quick ones when many wait, and none that nobody wants any more."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from assistant.slots import CROWD
from assistant.types import Answer
from assistant.web.line import Line
from assistant.web.memory import Memory
from assistant.web.runs import Runs
from assistant.web.session import Entry
from assistant.web.text import words
from tests.fakes_web import FakeAssistant


class Told(FakeAssistant):
    def __init__(self) -> None:
        super().__init__()
        self.quick: list[bool] = []

    def stream(self, *args: Any, quick: bool = False, **options: Any) -> Iterator[str | Answer]:
        self.quick.append(quick)
        return super().stream(*args, quick=quick, **options)


@pytest.mark.parametrize("askers", [1, CROWD, CROWD + 1, CROWD + 3])
def test_a_crowd_is_answered_quickly(askers: int) -> None:
    assistant = Told()

    async def scene() -> None:
        runs = Runs(assistant, Line(1), Memory(None))
        begun = [runs.start(Entry("老旧小区怎么办？", "", running=True), (), 1, words("zh")) for _ in range(askers)]
        for run in begun:
            async for _ in run.watch():
                pass

    asyncio.run(scene())
    # the first finds nobody there; whenever another's turn comes, those after it wait
    assert assistant.quick == [False, *(left >= CROWD for left in range(askers - 2, -1, -1))]


def test_an_answer_that_is_stopped_before_its_first_word_lets_the_next_one_in() -> None:
    async def scene() -> list[Entry]:
        runs = Runs(FakeAssistant(), Line(1), Memory(None))
        endless, next_one = (runs.start(Entry(question, "", running=True), (), 1, words("zh")) for question in ("想想", "老旧小区怎么办？"))
        seen = []
        async for entry in next_one.watch():
            seen.append(entry)
            if entry.reply and not endless.over:  # it has been told that one is ahead
                endless.show(replace(endless.entry, running=False), over=True)
        return seen

    *_, last = asyncio.run(scene())
    assert last.evidence
