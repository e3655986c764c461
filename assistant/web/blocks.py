"""Gradio's Blocks without a waste and a loss: two outputs of fifty cost as much as two, and whatever is named is drawn."""

from __future__ import annotations

from copy import copy
from typing import Any

import gradio as gr
from gradio.blocks import BlockFunction
from gradio.state_holder import SessionState
from gradio.utils import is_prop_update


class Pages(gr.Blocks):
    """An application of several pages whose handlers return dicts of the components that change."""

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
