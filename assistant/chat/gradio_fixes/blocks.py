"""Gradio's Blocks without a waste, a loss and two holes: two outputs of fifty cost as much as two, whatever is named is
drawn, an event takes nothing but what its inputs declare, and a session is its owner's alone."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import BlockFunction
from gradio.state_holder import SessionState
from gradio.utils import get_upload_folder, is_prop_update

from assistant.auth.accounts.identity import caller_of
from assistant.chat.gradio_fixes.inputs import undeclared
from assistant.chat.gradio_fixes.page_sessions import MOST, NOT_YOURS, PageSessions


class Pages(gr.Blocks):
    """An application of several pages whose handlers return dicts of the components that change.

    `refusal` is what a page is told whose event holds anything that an input does not declare; `on_refused` is called with
    the request and the event's name.
    """

    def __init__(self, *, refusal: str = "", on_refused: Callable[[gr.Request, str], None] = lambda request, event: None,
                 **options: Any) -> None:
        super().__init__(**options)
        self._refusal, self._on_refused = refusal, on_refused
        self.has_launched = True  # mounted ones never are, and Gradio checks paths in launched ones only
        self.page_sessions = PageSessions(self.forget)
        self.state_session_capacity = MOST

    async def process_api(self, block_fn: BlockFunction | int, inputs: list[Any], state: SessionState | None = None,
                          request: gr.Request | list[gr.Request] | None = None, **options: Any) -> dict[str, Any]:
        """Run an event, unless its session is another caller's or one of its inputs is not what its component declares."""
        if isinstance(request, gr.Request) and not self._admits(request):
            raise gr.Error(NOT_YOURS, print_exception=False)
        event = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        uploads = Path(get_upload_folder())
        if any(undeclared(component, value, uploads) for component, value in zip(event.inputs, inputs, strict=False)):
            if isinstance(request, gr.Request):
                self._on_refused(request, str(event.api_name))
            raise gr.Error(self._refusal, print_exception=False)
        return await super().process_api(event, inputs, state, request, **options)

    def _admits(self, request: gr.Request) -> bool:
        session = request.session_hash
        return not session or self.page_sessions.admits(session, caller_of(request.request.scope).id)

    def session_of(self, event_id: str) -> str:
        """Return the session of an event; that of one which was sent without any has the event's number as its name."""
        event = self._queue.event_ids_to_events.get(event_id)
        if event is not None:
            return event.session_hash
        ended = self._queue.pending_event_ids_session.items()
        return next((session for session, events in ended if event_id in events), event_id)

    def forget(self, session: str) -> None:
        """Drop what Gradio keeps of a session, and what nobody has read of events that have ended."""
        self.state_holder.session_data.pop(session, None)
        self.state_holder.time_last_used.pop(session, None)
        if not self._queue.event_ids_to_events.keys() & self._queue.pending_event_ids_session.get(session, set()):
            self._queue.pending_event_ids_session.pop(session, None)
            self._queue.pending_messages_per_session.pop(session, None)

    async def postprocess_data(self, block_fn: BlockFunction, predictions: list[Any] | dict[Any, Any],
                               state: SessionState | None) -> list[Any]:
        """Return the new values of all outputs. Gradio would construct each component that was not named anew, to no end:
        half a millisecond for each, at every drawing of a growing answer."""
        if not isinstance(predictions, dict) or not all(isinstance(key, gr.blocks.Block) for key in predictions):
            return await super().postprocess_data(block_fn, predictions, state)
        named = {component._id for component in predictions}
        part = copy(block_fn)
        part.outputs = [output for output in block_fn.outputs if output._id in named]
        if len(part.outputs) < len(named):
            return await super().postprocess_data(block_fn, predictions, state)  # which tells what is wrong
        drawn = iter(await super().postprocess_data(part, predictions, state) if named else [])
        left = ((None if output.stateful else gr.skip(), output._id in named) for output in block_fn.outputs)
        return [next(drawn) if is_named else value for value, is_named in left]

    def handle_streaming_diffs(self, block_fn: BlockFunction, data: list[Any], session_hash: str | None, run: str | None,
                               final: bool, simple_format: bool = False) -> list[Any]:
        """Return what is sent of a drawing: updates whole, other values as their differences from the drawing before; and
        nothing at an event's end, but to programs.

        Gradio's page applies a difference to the drawing before in place, even while that one still waits to be drawn: what
        only the earlier of two updates had named was never drawn on a page that was slower than its events. At the end of an
        event Gradio sends its last drawing again, which undid what another event had drawn meanwhile.
        """
        whole = list(data)
        sent = super().handle_streaming_diffs(block_fn, data, session_hash, run, final, simple_format)
        if final and block_fn.api_visibility == "private":
            return [None if output.stateful else gr.skip() for output in block_fn.outputs]
        if final or simple_format:
            return sent
        return [[["replace", [], value]] if change and change is not value and is_prop_update(value) else change
                for value, change in zip(whole, sent, strict=True)]
