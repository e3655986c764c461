"""An event draws what it names, as Gradio would, and nothing else is made anew."""

import asyncio
import json
from copy import copy, deepcopy
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from assistant.chat.gradio_fixes.blocks import Pages


def build(kind: type[gr.Blocks]) -> tuple[gr.Blocks, list[Any]]:
    with kind(analytics_enabled=False) as blocks:
        parts = [gr.State(1), gr.Button("a"), gr.HTML("b"), gr.Chatbot(), gr.Dropdown(["x"])]
        parts[1].click(dict, None, parts)
    return blocks, parts


def drawn(kind: type[gr.Blocks], said: dict[int, Any]) -> tuple[list[Any], list[bool]]:
    """Return the outputs of an event that says `said` by the number of the component, and which components were made
    anew."""

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


def changed(value: Any, edits: list[Any]) -> Any:
    """Return a value after its edits, done as Gradio's page does them: in place."""
    for action, path, new in edits:
        if not path:
            value = new
            continue
        inner = value
        for key in path[:-1]:
            inner = inner[key]
        if action == "delete":
            del inner[path[-1]]
        elif isinstance(inner, list) and action == "add":
            inner.insert(path[-1], new)
        else:
            inner[path[-1]] = inner[path[-1]] + new if action == "append" else new
    return value


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_the_end_of_an_event_draws_nothing_again_and_gives_programs_the_last_drawing(visibility: str) -> None:
    async def scene() -> list[Any]:
        blocks, parts = build(Pages)
        event = copy(blocks.fns[0])
        event.outputs, event.api_visibility = parts[:3], visibility
        blocks.handle_streaming_diffs(event, [None, gr.update(value="d"), "e"], "page", "run", final=False)
        return blocks.handle_streaming_diffs(event, [None] * 3, "page", "run", final=True)

    last = [gr.skip(), gr.skip()] if visibility == "private" else [gr.update(value="d"), "e"]
    assert asyncio.run(scene()) == [None, *last]


def test_a_drawing_that_waits_on_the_page_keeps_what_the_next_one_does_not_name() -> None:
    said = [
        {0: gr.update(value="d", visible=False), 2: [{"role": "user", "content": "问"}]},
        {2: [{"role": "user", "content": "问"}, {"role": "assistant", "content": "答"}]},
        {0: gr.update(visible=True), 1: "e"},
    ]
    drawings = [[drawn.get(n, gr.skip()) for n in range(4)] for drawn in said]
    waiting: list[list[Any]] = []

    async def scene() -> list[Any]:
        blocks, parts = build(Pages)
        event = copy(blocks.fns[0])
        event.outputs = parts[1:]
        for drawing in deepcopy(drawings):
            sent = json.loads(json.dumps(blocks.handle_streaming_diffs(event, drawing, "page", "run", final=False)))
            waiting.append([changed(old, new) for old, new in zip(waiting[-1], sent, strict=True)] if waiting else sent)
        return blocks.handle_streaming_diffs(event, [None] * 4, "page", "run", final=True)

    assert asyncio.run(scene()) == drawings[-1] == waiting[-1]
    assert [[row[n] for n in (0, 1, 3)] for row in waiting] == [[row[n] for n in (0, 1, 3)] for row in drawings]
    assert waiting[-2][2] == drawings[-2][2]
