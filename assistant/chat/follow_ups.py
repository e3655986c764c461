"""Ways to go on beneath the last answer: the cases it holds back, the question as it was written, questions to follow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import gradio as gr

from assistant.chat.conversation import ConversationPane
from assistant.chat.page import Drawn, Page
from assistant.chat.state.session import Session
from assistant.locales.loader import words

SUGGESTED = 3


class FollowUps:
    """A row of buttons; they are made from the last entry of the session."""

    def __init__(self, page: Page, conversation: ConversationPane) -> None:
        self._page, self._conversation = page, conversation
        with gr.Row(elem_id="lj-follow-ups", visible=False) as self._row:
            self._more = gr.Button("", size="sm", visible=False, elem_id="lj-more")
            self._retry = gr.Button("", size="sm", visible=False, elem_id="lj-retry")
            self._undo = gr.Button("", size="sm", visible=False, elem_id="lj-undo")
            self._suggested = [
                gr.Button("", size="sm", visible=False, elem_classes="lj-suggested") for _ in range(SUGGESTED)]

    def components(self) -> Sequence[Any]:
        return [self._row, self._more, self._retry, self._undo, *self._suggested]

    def draw(self, session: Session) -> Drawn:
        text, last = words(session.language).chat, session.entries[-1] if session.entries else None
        answer = last.evidence.answer if last and last.evidence and not session.busy else None
        more = answer.more_cases if answer else 0
        completed = bool(answer and not last.alone and answer.standalone_question.strip() not in ("", last.question))
        retry = bool(last and not session.busy)
        suggested = session.suggested[:SUGGESTED] if answer else []
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
        self._conversation.asks(self._more.click, self._all)
        self._conversation.asks(self._retry.click, self._again)
        self._conversation.asks(self._undo.click, self._alone)
        for button in self._suggested:
            self._conversation.asks(button.click, self._conversation.ask, [button])
        self._conversation.afterwards(self._suggest)

    async def _all(self, session: Session) -> AsyncIterator[Drawn]:
        async for drawn in self._conversation.again(session, all_cases=True):
            yield drawn

    async def _again(self, session: Session) -> AsyncIterator[Drawn]:
        async for drawn in self._conversation.again(session):
            yield drawn

    async def _alone(self, session: Session) -> AsyncIterator[Drawn]:
        async for drawn in self._conversation.again(session, alone=True):
            yield drawn

    def _suggest(self, session: Session) -> Drawn:
        """Look for questions to go on with; give up when somebody waits for an answer, or this visitor asks on."""
        run = session.runs
        if session.busy or not session.entries or not session.entries[-1].evidence:
            return {self._page.session: session}
        entry = session.entries[-1]
        found = self._conversation.answering.current().suggest(
            entry.evidence.answer, entry.filters, go_on=lambda: session.runs == run and not self._conversation.answering.queue.waiting)
        if session.runs == run:
            session.suggested = found
        return {self._page.session: session, **self.draw(session)}
