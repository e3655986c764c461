"""Ways to go on beneath the last answer: the cases it holds back, the question as it was written, questions to follow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import gradio as gr

from assistant.locales.loader import words
from assistant.web.desk import Desk, Drawn
from assistant.web.session import Session
from assistant.web.talk import Talk

SUGGESTED = 3


class Onward:
    """A row of buttons; they are made from the last entry of the session."""

    def __init__(self, desk: Desk, talk: Talk) -> None:
        self._desk, self._talk = desk, talk
        with gr.Row(elem_id="lj-onward", visible=False) as self._row:
            self._more = gr.Button("", size="sm", visible=False, elem_id="lj-more")
            self._retry = gr.Button("", size="sm", visible=False, elem_id="lj-retry")
            self._undo = gr.Button("", size="sm", visible=False, elem_id="lj-undo")
            self._suggested = [
                gr.Button("", size="sm", visible=False, elem_classes="lj-suggested") for _ in range(SUGGESTED)]

    def components(self) -> Sequence[Any]:
        return [self._row, self._more, self._retry, self._undo, *self._suggested]

    def draw(self, now: Session) -> Drawn:
        text, last = words(now.language).chat, now.entries[-1] if now.entries else None
        answer = last.evidence.answer if last and last.evidence and not now.busy else None
        more = answer.more_cases if answer else 0
        completed = bool(answer and not last.alone and answer.standalone_question.strip() not in ("", last.question))
        retry = bool(last and not last.evidence and not now.busy)
        suggested = now.suggested[:SUGGESTED] if answer else []
        return {
            self._row: gr.update(visible=bool(retry or more or completed or suggested)),
            self._more: gr.update(value=text["more_cases"].format(count=more), visible=bool(more)),
            self._retry: gr.update(value=text["ask_again"], visible=retry),
            self._undo: gr.update(value=text["as_written"], visible=completed),
            **{button: gr.update(value=suggested[n] if n < len(suggested) else "", visible=n < len(suggested))
               for n, button in enumerate(self._suggested)},
        }

    def wire(self) -> None:
        """Listen; every part of the page has been added."""
        self._talk.asks(self._more.click, self._all)
        self._talk.asks(self._retry.click, self._again)
        self._talk.asks(self._undo.click, self._alone)
        for button in self._suggested:
            self._talk.asks(button.click, self._talk.ask, [button])
        self._talk.afterwards(self._suggest)

    async def _all(self, now: Session) -> AsyncIterator[Drawn]:
        async for drawn in self._talk.again(now, all_cases=True):
            yield drawn

    async def _again(self, now: Session) -> AsyncIterator[Drawn]:
        async for drawn in self._talk.again(now):
            yield drawn

    async def _alone(self, now: Session) -> AsyncIterator[Drawn]:
        async for drawn in self._talk.again(now, alone=True):
            yield drawn

    def _suggest(self, now: Session) -> Drawn:
        """Look for questions to go on with; give up when somebody waits for an answer, or this visitor asks on."""
        run = now.runs
        if now.busy or not now.entries or not now.entries[-1].evidence:
            return {self._desk.session: now}
        entry = now.entries[-1]
        found = self._talk.answering.current().suggest(
            entry.evidence.answer, entry.filters, go_on=lambda: now.runs == run and not self._talk.answering.queue.waiting)
        if now.runs == run:
            now.suggested = found
        return {self._desk.session: now, **self.draw(now)}
