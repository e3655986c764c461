"""The chat page: questions and answers on the left, the evidence of each answer on the right.

`build_chat` wires an assistant to the page. What was said, and the evidence it stands on, is kept in the
visitor's `Session`; the two visible components are drawn from it and never read back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

import gradio as gr

from assistant.web.render import panel
from assistant.web.session import Assistant, Session, converse
from assistant.web.text import words

LONGEST_QUESTION = 1000

_FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]


def launch_options() -> dict[str, Any]:
    """Return what the page needs from `Blocks.launch()` or `gr.mount_gradio_app()`; both take these names."""
    here = files("assistant.web")
    return {
        "css": here.joinpath("chat.css").read_text("utf-8"),
        "js": here.joinpath("chat.js").read_text("utf-8"),
        "theme": _theme(),
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
    }


def _theme() -> gr.themes.Base:
    """Return Gradio's plainest theme on paper colours, with fonts every machine has (none is fetched)."""
    base = gr.themes.Base(primary_hue="red", neutral_hue="stone", font=_FONTS, font_mono=["monospace"])
    return base.set(
        body_background_fill="#faf8f3", body_background_fill_dark="#171614",
        block_background_fill="#ffffff", block_background_fill_dark="#211f1c",
        button_primary_background_fill="#8f2d20", button_primary_background_fill_dark="#8f2d20",
        button_primary_background_fill_hover="#752317", button_primary_background_fill_hover_dark="#a5382a",
        button_primary_text_color="#ffffff", button_primary_text_color_dark="#ffffff",
        button_large_text_weight="500",
        input_background_fill="#ffffff", input_background_fill_dark="#211f1c",
        input_border_color="#938a7b", input_border_color_dark="#7b7366",
        input_placeholder_color="#6b6459", input_placeholder_color_dark="#b0a89b",
    )


def build_chat(assistant: Assistant, *, examples: Sequence[str], language: str = "zh") -> gr.Blocks:
    """Return the page; pass `**launch_options()` to its `launch()` or to `gr.mount_gradio_app()`."""
    text = words(language)
    with gr.Blocks(title=text["title"], analytics_enabled=False, fill_width=True) as blocks:
        session = gr.State(Session())
        top = f'<h1 lang="{text["lang"]}">{text["title"]}</h1><p>{text["tagline"]}</p>'
        gr.HTML(top, elem_id="lj-top", apply_default_css=False)
        with gr.Row(elem_id="lj-desk"):
            with gr.Column(elem_id="lj-talk", min_width=300):
                chat = gr.Chatbot(
                    elem_id="lj-chat", label=text["conversation"], show_label=False, container=False,
                    sanitize_html=True, allow_tags=False, latex_delimiters=[], buttons=[],
                    placeholder=text["welcome"],
                )
                with gr.Column(elem_id="lj-examples", visible=bool(examples)) as starters:
                    gr.HTML(f'<p>{text["examples"]}</p>', apply_default_css=False)
                    offers = [gr.Button(example, size="sm") for example in examples]
                with gr.Row(elem_id="lj-ask"):
                    box = gr.Textbox(
                        elem_id="lj-box", label=text["question_label"], placeholder=text["question_hint"],
                        show_label=False, container=False, lines=1, max_lines=6, scale=1, autofocus=True,
                    )
                    send = gr.Button(text["send"], elem_id="lj-send", min_width=72, variant="primary")
                    stop = gr.Button(text["stop"], elem_id="lj-stop", min_width=72, visible=False)
                    clear = gr.Button(text["clear"], elem_id="lj-clear", min_width=88)
            proof = gr.HTML(panel([], text), elem_id="lj-evidence", apply_default_css=False)

        def show(now: Session) -> dict[Any, Any]:
            return {
                session: now, chat: now.messages(), send: gr.update(visible=not now.busy),
                stop: gr.update(visible=now.busy),
                starters: gr.update(visible=bool(examples) and not now.entries),
            }

        def redraw(now: Session) -> dict[Any, Any]:
            """Draw everything, the evidence too."""
            return {**show(now), proof: panel(now.evidence(), text)}

        def ask(question: str, now: Session) -> Iterator[dict[Any, Any]]:
            question = question.strip()
            if not question or now.busy:
                yield {session: now}
                return
            if len(question) > LONGEST_QUESTION:
                gr.Warning(text["too_long"].format(limit=LONGEST_QUESTION, size=len(question)))
                yield {session: now}
                return
            history, key = now.history(), len(now.entries) + 1
            run = now.begin(question, text["searching"])
            yield {**show(now), box: ""}
            for entry in converse(assistant, now.entries[-1], history, key, text):
                going = now.write(run, entry)
                yield redraw(now) if going and not entry.running else show(now)
                if not going:
                    return

        def halt(now: Session) -> dict[Any, Any]:
            now.stop(text["stopped"])
            return redraw(now)

        def forget(now: Session) -> dict[Any, Any]:
            now.clear()
            return redraw(now)

        drawn = [session, chat, proof, box, send, stop, starters]
        quiet = {"outputs": drawn, "show_progress": "hidden"}
        # Not Gradio's `cancels`: it waits for the run and then reports an error. A stopped run finds out from
        # its session. Hence also "multiple": the page may ask anew while such a run is still ending.
        asking = {**quiet, "concurrency_limit": 2, "concurrency_id": "ask", "trigger_mode": "multiple"}
        gr.on([box.submit, send.click], ask, [box, session], api_name="ask", **asking)
        for offer in offers:
            offer.click(ask, [offer, session], api_visibility="private", **asking)
        stop.click(halt, session, api_visibility="private", **quiet)
        clear.click(forget, session, api_visibility="private", **quiet)
    return blocks
