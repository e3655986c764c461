"""An event draws what it names, as Gradio would, and nothing else is made anew."""

import asyncio
from copy import deepcopy
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from assistant.web.blocks import Pages


def build(kind: type[gr.Blocks]) -> tuple[gr.Blocks, list[Any]]:
    with kind(analytics_enabled=False) as blocks:
        parts = [gr.State(1), gr.Button("a"), gr.HTML("b"), gr.Chatbot(), gr.Dropdown(["x"])]
        parts[1].click(dict, None, parts)
    return blocks, parts


def drawn(kind: type[gr.Blocks], said: dict[int, Any]) -> tuple[list[Any], list[bool]]:
    """Return the outputs of an event that says `said` by the number of the component, and which components were made anew."""

    async def scene() -> tuple[list[Any], list[bool]]:
        blocks, parts = build(kind)
        state = SessionState(blocks)
        outputs = await blocks.postprocess_data(
            blocks.fns[0], {parts[number]: deepcopy(value) for number, value in said.items()}, state)
        outputs = [getattr(value, "root", value) for value in outputs]
        return [*outputs[1:], state[parts[0]._id]], [state[part._id] is not part for part in parts[1:]]

    return asyncio.run(scene())


@pytest.mark.parametrize("said", [
    pytest.param({}, id="nothing"),
    pytest.param({0: 7}, id="state"),
    pytest.param({2: "<b>c</b>"}, id="one value"),
    pytest.param({0: 3, 1: gr.update(value="d", visible=False), 3: [{"role": "user", "content": "问"}]}, id="some"),
    pytest.param({0: 3, 1: "e", 2: "f", 3: [], 4: gr.update(choices=["y"], value="y")}, id="all"),
])
def test_what_is_named_is_drawn_as_gradio_draws_it_and_nothing_else_is_made(said: dict[int, Any]) -> None:
    ours, made = drawn(Pages, said)
    assert made == [isinstance(said.get(number), dict) for number in range(1, 5)]
    if not said:
        assert ours == [gr.skip()] * 4 + [1]
        return
    theirs, _ = drawn(gr.Blocks, said)
    assert [ours[number - 1] for number in said] == [theirs[number - 1] for number in said]
    assert all(value == gr.skip() for number, value in enumerate(ours[:4], start=1) if number not in said)


def test_a_component_that_is_no_output_is_told() -> None:
    async def scene() -> None:
        blocks, _ = build(Pages)
        _, others = build(Pages)
        await blocks.postprocess_data(blocks.fns[0], {others[-1]: "x"}, SessionState(blocks))

    with pytest.raises(ValueError, match="not specified as output"):
        asyncio.run(scene())
