"""The chat page: questions and answers on the left, the evidence of each answer on the right.

`build_chat` puts the parts on one desk (desk.py): the head (top.py), the conversation (talk.py) with ways to go on
(onward.py) and the filters (bounds.py), the evidence (proof.py) with what can be done with an answer (errands.py), and the
history (history.py), which the session is filled from (memory.py). It is the first page of the application; others are
added to what it returns: `with blocks.route("Name", "path"):`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.locales.loader import words
from assistant.service.answering import Answering
from assistant.web.blocks import Pages
from assistant.web.bounds import Bounds
from assistant.web.desk import Desk
from assistant.web.errands import Errands
from assistant.web.history import TOLD, History
from assistant.web.memory import Memory
from assistant.web.onward import Onward
from assistant.web.proof import Proof
from assistant.web.talk import Talk
from assistant.web.theme import theme
from assistant.web.top import Top


def launch_options() -> dict[str, Any]:
    """Return what the page needs from `Blocks.launch()` or `gr.mount_gradio_app()`; both take these names."""
    def read(name: str) -> str:
        return files("assistant.web").joinpath(name).read_text("utf-8")

    return {
        "css": read("chat.css") + read("history.css"),
        "js": f"() => {{ ({read('chat.js')})(); ({read('history.js')})(); }}",
        "theme": theme(),
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
    }


def build_chat(answering: Answering, *, examples: Mapping[str, Sequence[str]], language: str = "zh",
               links: Callable[[], None] = lambda: None, home: Path | None = None,
               on_refused: Callable[[gr.Request, str], None] = lambda request, event: None) -> gr.Blocks:
    """Return the page; pass `**launch_options()` to its `launch()` or to `gr.mount_gradio_app()`.

    `examples` are questions to begin with, by language; `links` builds links to other pages into the head.
    Conversations are kept in `home`, else not at all. `on_refused` is called with the request and the name of an event that
    held something its inputs do not declare.
    """
    text, memory = words(language).chat, Memory(home)
    with Pages(refusal=text["undeclared"], on_refused=on_refused, title=text["name"], analytics_enabled=False,
               fill_width=True) as blocks:
        desk = Desk(language)
        top = desk.add(Top(desk, language, links))
        with gr.Row(elem_id="lj-desk"):
            talk = Talk(desk, answering, examples, language, memory)
            history = History(desk, memory, talk, language)
            with gr.Column(elem_id="lj-talk", min_width=300):
                desk.add(talk).add_bubbles(language)
                onward = desk.add(Onward(desk, talk))
                bounds = desk.add(Bounds(desk, lambda: answering.current().index, language))
                talk.add_box(language)
            desk.add(Proof(language))
        errands = desk.add(Errands(desk, memory))
        with top.row:
            history.add_toggle(language)
        desk.add(history)
        for part in (top, talk, onward, bounds, errands, history):
            part.wire()
        desk.listen([blocks.load], history.opened, [top.kept, history.told], js=TOLD, concurrency_limit=None)
    return blocks
