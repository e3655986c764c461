"""Answers on their way: as many at a time as the setting says, quick ones when many wait, none that nobody wants any
more."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant.chat.state.answer_tasks import AnswerTask, AnswerTasks
from assistant.chat.state.history_sync import HistorySync
from assistant.chat.state.session import Entry
from assistant.locales.loader import words
from assistant.service.events import Answered
from assistant.service.queue import CROWD
from assistant.types import Answer, Ask, Draft
from tests.fakes.chat_assistant import FakeAssistant, answering

QUESTION = "老旧小区怎么办？"


class Listening(FakeAssistant):
    """Remembers which answers were to be quick, and how many were written at a time; each begins with `at_once - 1`
    others."""

    def __init__(self, at_once: int = 1) -> None:
        super().__init__()
        self.quick: list[bool] = []
        self.now, self.most = 0, 0
        self._count, self._together = threading.Lock(), threading.Barrier(at_once, timeout=60)

    def stream(self, input: Ask) -> Iterator[Draft | Answer]:
        with self._count:
            self.quick.append(input.skip_reranking)
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            self._together.wait()
            yield from super().stream(input)
        finally:
            with self._count:
                self.now -= 1


def entry(question: str = QUESTION) -> Entry:
    return Entry(question, "", running=True)


async def seen(run: AnswerTask) -> list[Entry]:
    return [shown async for shown in run.watch()]


@pytest.mark.parametrize("at_once", [1, 3, 5])
def test_the_chat_answers_as_many_at_once_as_the_setting_says(at_once: int) -> None:
    """It answered two, whatever the setting said."""
    assistant = Listening(at_once)

    async def scene() -> None:
        runs = AnswerTasks(answering(assistant, at_once=at_once), HistorySync(None))
        begun = [runs.start(entry(), (), 1, words("zh").chat) for _ in range(2 * at_once)]
        await asyncio.gather(*map(seen, begun))

    asyncio.run(scene())
    assert assistant.most == at_once


@pytest.mark.parametrize("askers", [1, CROWD, CROWD + 1, CROWD + 3])
def test_a_crowd_is_answered_quickly(askers: int) -> None:
    assistant, told = Listening(), []

    async def scene() -> None:
        runs = AnswerTasks(answering(assistant, told.append, at_once=1), HistorySync(None))
        begun = [runs.start(entry(), (), 1, words("zh").chat) for _ in range(askers)]
        await asyncio.gather(*map(seen, begun))

    asyncio.run(scene())
    # the first finds nobody there; whenever another's turn comes, those after it wait
    assert assistant.quick == [False, *(left >= CROWD for left in range(askers - 2, -1, -1))]
    assert told == [Answered(Ask(QUESTION), event.answer) for event in told]
    assert len(told) == askers


def test_an_answer_that_is_stopped_before_its_first_word_lets_the_next_one_in() -> None:
    async def scene() -> list[Entry]:
        runs = AnswerTasks(answering(FakeAssistant(), at_once=1), HistorySync(None))
        endless, next_one = (runs.start(entry(question), (), 1, words("zh").chat) for question in ("想想", QUESTION))
        shown = []
        async for one in next_one.watch():
            shown.append(one)
            if one.reply and not endless.over:  # it has been told that one is ahead
                runs.stop(endless, replace(endless.entry, running=False))
        return shown

    first, *_, last = asyncio.run(scene())
    assert "1" in first.reply or not first.reply
    assert last.evidence


def test_a_question_that_is_stopped_while_it_waits_leaves_the_queue_at_once() -> None:
    async def scene() -> None:
        asked = answering(FakeAssistant(), at_once=1)
        runs = AnswerTasks(asked, HistorySync(None))
        endless, waits = (runs.start(entry(question), (), 1, words("zh").chat) for question in ("没完", QUESTION))
        while not asked.queue.waiting:
            await asyncio.sleep(0.01)
        runs.stop(waits, replace(waits.entry, running=False))
        await asyncio.sleep(0.01)
        assert (asked.queue.waiting, asked.queue.served) == (0, 1)
        runs.stop(endless, replace(endless.entry, running=False))
        while asked.queue.served:
            await asyncio.sleep(0.01)

    asyncio.run(scene())
