"""What the parts of the page share: the visitor's session, and how the parts are drawn from it.

    desk = Page(language)           inside gr.Blocks
    page.add(EvidencePanel(...))             each part builds its components where it is made
    page.on([button.click], act)    when all are there: an act changes the session; then the whole page is drawn from it

The session is the truth and components are never read back, except for what somebody types.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import gradio as gr
from gradio.components import Component

from assistant.chat.state.session import Session
from assistant.locales.loader import words

Drawn = dict[Any, Any]
"""New values or `gr.update`s of components."""
QUIET = {"show_progress": "hidden", "api_visibility": "private"}


class PagePart(Protocol):
    """One part of the page."""

    def components(self) -> Sequence[Component]:
        """Return everything that `draw` may change."""
        ...

    def draw(self, session: Session) -> Drawn:
        """Return how its components look now, in the session's language; it is called often and asks no index."""
        ...


_Part = TypeVar("_Part", bound=PagePart)


class Page:
    """The page as a whole: its session and its parts. Add every part before the first `on`."""

    def __init__(self, language: str) -> None:
        words(language)  # an unknown one is told now, not to the first visitor
        self.session = gr.State(Session(language=language))
        self._parts: list[PagePart] = []

    def add(self, part: _Part) -> _Part:
        """Let a part be drawn with the page; return it."""
        self._parts.append(part)
        return part

    def draw(self, session: Session, *, full: bool = False) -> Drawn:
        """Return the whole page as the session has it; `full` with what a part reads from the index (its `refresh`)."""
        drawn: Drawn = {self.session: session}
        for part in self._parts:
            drawn |= getattr(part, "refresh", part.draw)(session) if full else part.draw(session)
        return drawn

    def on(self, triggers: Sequence[Any], act: Callable[..., Drawn | None], inputs: Sequence[Component] = (), *,
           full: bool = False, **options: Any) -> None:
        """Call `act(session, *values of inputs)` at the triggers and draw the page (in `full`) from what it left.

        `act` returns None, or what is to change besides.
        """

        def acting(session: Session, *values: Any) -> Drawn:
            more = act(session, *values) or {}
            return self.draw(session, full=full) | more

        self.listen(triggers, acting, inputs, **options)

    def listen(self, triggers: Sequence[Any], act: Callable[..., Drawn | Iterator[Drawn] | AsyncIterator[Drawn]],
               inputs: Sequence[Component] = (), **options: Any) -> Any:
        """Call `act(session, *values)`, whose own dict (or each one it yields) says what changes; return Gradio's event."""
        return gr.on(triggers, act, [self.session, *inputs], self._outputs(), **{**QUIET, **options})

    def then(self, event: Any, act: Callable[[Session], Drawn], **options: Any) -> None:
        """Call `act(session)` when an event has come to its end."""
        event.then(act, [self.session], self._outputs(), **{**QUIET, **options})

    def _outputs(self) -> list[Any]:
        return [self.session, *(c for part in self._parts for c in part.components())]
