"""The conversation: the bubbles, the box to ask in, and the run of a question from Enter to the last drawing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component
from starlette.concurrency import run_in_threadpool

from assistant.chat.page import Drawn, Page
from assistant.chat.state.answer_tasks import AnswerTask, AnswerTasks
from assistant.chat.state.history_sync import HistorySync
from assistant.chat.state.session import Session
from assistant.locales.loader import words
from assistant.question.limits import LONGEST_QUESTION
from assistant.service.answering import Answering

OFFERS = 4
"""Examples that are offered at most."""
ASKING = {"concurrency_limit": None, "concurrency_id": "ask", "trigger_mode": "multiple"}
"""Questions wait in our own queue, which can say how many are ahead.

Not Gradio's `cancels` either: it waits for the run and then reports an error. A stopped run finds out from its session.
Hence also "multiple": the page may ask anew while such a run is still ending.
"""


class ConversationPane:
    """The left side of the page. `examples` are questions to begin with, by language."""

    def __init__(self, page: Page, answering: Answering, examples: Mapping[str, Sequence[str]], language: str,
                 history_sync: HistorySync) -> None:
        self._page, self.answering, self._examples = page, answering, examples
        self._history_sync, self._tasks = history_sync, AnswerTasks(answering, history_sync)
        self._events: list[Any] = []
        self._made: tuple[tuple[str, str], list[str]] = (("", ""), [])
        self._looking = asyncio.Lock()

    def add_bubbles(self, language: str) -> None:
        """Build the conversation and the examples."""
        text = words(language).chat
        self.chat = gr.Chatbot(
            elem_id="lj-chat", label=text["conversation"], show_label=False, container=False,
            sanitize_html=True, allow_tags=False, latex_delimiters=[], buttons=[], placeholder=text["welcome"],
            autoscroll=False,  # scroll.js does it
        )
        offered = self._examples.get(language, ())[:OFFERS]
        with gr.Column(elem_id="lj-examples", visible=bool(offered)) as self._starters:
            self._lead = gr.HTML(f'<p>{text["examples"]}</p>', apply_default_css=False)
            self._offers = [
                gr.Button(offered[n] if n < len(offered) else "", size="sm", visible=n < len(offered)) for n in range(OFFERS)
            ]

    def add_box(self, language: str) -> None:
        """Build the box to ask in, below whatever else stands in this column."""
        text = words(language).chat
        with gr.Row(elem_id="lj-ask"):
            self.box = gr.Textbox(
                elem_id="lj-box", label=text["question_label"], placeholder=text["question_hint"],
                show_label=False, container=False, lines=1, max_lines=6, scale=1, interactive=False,
            )
            self._send = gr.Button(text["send"], elem_id="lj-send", min_width=72, variant="primary")
            self._stop = gr.Button(text["stop"], elem_id="lj-stop", min_width=72, visible=False)
            self._clear = gr.Button(text["clear"], elem_id="lj-clear", min_width=88)

    def _offered(self, session: Session) -> Sequence[str]:
        return (self._examples.get(session.language) or session.offers)[:OFFERS]

    async def look_for_offers(self, session: Session) -> AsyncIterator[Drawn]:
        """Where no examples were given, make some from the index, once for each of its versions; draw the page with them."""
        if self._examples.get(session.language) or session.entries:
            return
        async with self._looking:
            assistant = self.answering.current()
            made_for = (assistant.index.version, session.language)
            if made_for != self._made[0]:
                self._made = (made_for, await run_in_threadpool(assistant.starters, session.language))
        session.offers = self._made[1]
        yield self._page.draw(session, full=True)

    def components(self) -> Sequence[Component]:
        return [self.chat, self._starters, self._lead, *self._offers, self.box, self._send, self._stop, self._clear]

    def draw(self, session: Session) -> Drawn:
        text = words(session.language).chat
        return self.grow(session) | {
            **self._draw_offers(session),
            self.box: gr.update(label=text["question_label"], placeholder=text["question_hint"], **session.awake()),
            self._send: gr.update(value=text["send"], visible=not session.busy),
            self._stop: gr.update(value=text["stop"], visible=session.busy),
            self._clear: text["clear"],
        }

    def _draw_offers(self, session: Session) -> Drawn:
        offered = self._offered(session)
        return {
            self._starters: gr.update(visible=bool(offered) and not session.entries),
            self._lead: f'<p>{words(session.language).chat["examples"]}</p>',
            **{button: gr.update(value=offered[n] if n < len(offered) else "", visible=n < len(offered))
               for n, button in enumerate(self._offers)},
        }

    def grow(self, session: Session) -> Drawn:
        """Return only what changes while an answer grows."""
        return {self._page.session: session, self.chat: session.messages()}

    def wire(self) -> None:
        """Listen to the buttons; every part of the page has been added."""
        self._events.append(self._page.listen([self.box.submit, self._send.click], self.ask, [self.box], **ASKING | {
            "api_visibility": "public", "api_name": "ask"}))
        for offer in self._offers:
            self.asks(offer.click, self.ask, [offer])
        self._page.listen([self._stop.click], self._halt)
        self._page.on([self._clear.click], lambda session: self._history_sync.open(session, None))

    def asks(self, trigger: Any, act: Callable[..., AsyncIterator[Drawn]], inputs: Sequence[Component] = ()) -> None:
        """Let a trigger ask: `act` is `ask`, or yields from `again`."""
        self._events.append(self._page.listen([trigger], act, inputs, **ASKING))

    def afterwards(self, act: Callable[[Session], Drawn]) -> None:
        """Call `act` when an answer is complete, whoever asked for it; every trigger has been named."""
        for event in self._events:
            self._page.then(event, act, concurrency_limit=1, concurrency_id="afterwards")

    async def ask(self, session: Session, question: str) -> AsyncIterator[Drawn]:
        """Ask and draw the answer as it grows; an empty question is none, and a second one waits for the first."""
        question, text = question.strip(), words(session.language).chat
        if not question or session.busy:
            yield {self._page.session: session}
            return
        if len(question) > LONGEST_QUESTION:
            gr.Warning(text["too_long"].format(limit=LONGEST_QUESTION, size=len(question)))
            yield {self._page.session: session}
            return
        await run_in_threadpool(self._history_sync.catch_up, session)
        run = session.begin(question, text["searching"])
        emptied = gr.update(value="")
        async for drawn in self._run(session, run):
            yield drawn if emptied is None else drawn | {self.box: emptied}
            emptied = None

    async def again(self, session: Session, *, alone: bool = False, all_cases: bool = False) -> AsyncIterator[Drawn]:
        """Ask the last question again: `alone`, as it was written, or for `all_cases`."""
        if session.busy or not session.entries:
            yield {self._page.session: session}
            return
        run = session.begin_again(words(session.language).chat["searching"], alone=alone, all_cases=all_cases)
        async for drawn in self._run(session, run):
            yield drawn

    async def _run(self, session: Session, number: int) -> AsyncIterator[Drawn]:
        """Store the last entry, let it be answered, and draw it as it grows."""
        if not await run_in_threadpool(self._history_sync.begin, session):
            session.drop()
            yield self._page.draw(session)
            return
        entry = session.entries[-1]
        yield (drawn := self._page.draw(session))
        run = self._tasks.start(entry, () if entry.alone else session.history(), len(session.entries), words(session.language).chat)
        try:
            async for grown in self._watch(session, number, run, drawn):
                yield grown
        finally:
            if entry.turn is None:  # nobody could come back to it
                self._tasks.stop(run, entry)

    async def follow(self, session: Session) -> AsyncIterator[Drawn]:
        """Draw the answer that is on its way in a conversation that has just been opened, if there is one."""
        if session.entries and (run := self._tasks.of(session.entries[-1])):
            number = session.resume()
            yield self._page.draw(session)
            async for grown in self._watch(session, number, run, {}):
                yield grown

    async def _watch(self, session: Session, number: int, run: AnswerTask, drawn: Drawn) -> AsyncIterator[Drawn]:
        """Draw the answer as it grows, and at the end what is not as the same event has `drawn` it on a page long filled:
        all of it where that is nothing.

        When nothing has come for a while, all is drawn once more: the drawing of an event that ended just before may have
        come after ours.
        """
        seen, silent = session.entries[-1], 0
        async for step in run.watch():
            if (going := session.write(number, step)) and step is seen:
                silent += 1
                if silent == 2:
                    yield self._page.draw(session)
                continue
            seen, silent = step, 0
            if going and not step.running:
                whole = self._page.draw(session, full=not drawn)
                yield {part: look for part, look in whole.items() if drawn.get(part) != look} | self.grow(session)
            else:
                yield self.grow(session)
            if not going:
                return

    async def _halt(self, session: Session) -> Drawn:
        """End the run that this page watches; what it has written so far stays."""
        if session.busy:
            session.stop(words(session.language).chat["stopped"])
            if run := self._tasks.of(session.entries[-1]):
                self._tasks.stop(run, session.entries[-1])
            await run_in_threadpool(self._history_sync.stop, session)
        return self._page.draw(session)
