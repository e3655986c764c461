"""Gradio's Blocks without a waste: an event that names two of fifty outputs costs as much as two."""

from __future__ import annotations

from copy import copy
from typing import Any

import gradio as gr
from gradio.blocks import BlockFunction
from gradio.state_holder import SessionState


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
