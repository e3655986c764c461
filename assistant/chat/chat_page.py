"""The chat page: questions and answers on the left, the evidence of each answer on the right.

`build_chat` puts the parts on one page (page.py): the head (header.py), the conversation (conversation.py) with ways to go
on (follow_ups.py) and the filters (filters_panel.py), the evidence (evidence_panel.py) with what can be done with an answer
(page_actions.py), and the history (history_panel.py), which the session is filled from (history_sync.py). It is the first
page of the application; others are added to what it returns: `with blocks.route("Name", "path"):`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.chat.conversation import ConversationPane
from assistant.chat.evidence_panel import EvidencePanel
from assistant.chat.filters_panel import FiltersPanel
from assistant.chat.follow_ups import FollowUps
from assistant.chat.gradio_fixes.blocks import Pages
from assistant.chat.header import Header
from assistant.chat.history_panel import TOLD, History
from assistant.chat.page import Page
from assistant.chat.page_actions import PageActions
from assistant.chat.state.history_sync import HistorySync
from assistant.chat.theme import theme
from assistant.locales.loader import words
from assistant.service.answering import Answering

SHEETS = ("chat.css", "history.css", "phone.css", "print.css")
SCRIPTS = ("chat.js", "scroll.js", "history.js", "address.js", "typing.js")


def launch_options() -> dict[str, Any]:
    """Return what the page needs from `Blocks.launch()` or `gr.mount_gradio_app()`; both take these names."""
    def read(name: str) -> str:
        return files("assistant.chat").joinpath("static", name).read_text("utf-8")

    scripts = " ".join(f"({read(name)})();" for name in SCRIPTS)
    return {
        "css": "\n".join(map(read, SHEETS)),
        "js": f"() => {{ {scripts} }}",
        "theme": theme(),
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
    }


def build_chat(answering: Answering, *, examples: Mapping[str, Sequence[str]], language: str = "zh",
               links: Callable[[], None] = lambda: None, home: Path | None = None,
               on_refused: Callable[[gr.Request, str], None] = lambda request, event: None) -> Pages:
    """Return the page; pass `**launch_options()` to its `launch()` or to `gr.mount_gradio_app()`.

    `examples` are questions to begin with, by language; `links` builds links to other pages into the head.
    Conversations are kept in `home`, else not at all. `on_refused` is called with the request and the name of an event that
    held something its inputs do not declare.
    """
    text, history_sync = words(language).chat, HistorySync(home)
    with Pages(refusal=text["undeclared"], on_refused=on_refused, title=text["name"], analytics_enabled=False,
               fill_width=True) as blocks:
        page = Page(language)
        header = page.add(Header(page, language, links))
        with gr.Row(elem_id="lj-page"):
            conversation = ConversationPane(page, answering, examples, language, history_sync)
            history = History(page, history_sync, conversation, language)
            with gr.Column(elem_id="lj-conversation", min_width=300):
                page.add(conversation).add_bubbles(language)
                follow_ups = page.add(FollowUps(page, conversation))
                filters_panel = page.add(FiltersPanel(page, lambda: answering.current().index, language))
                conversation.add_box(language)
            page.add(EvidencePanel(language))
        page_actions = page.add(PageActions(page, history_sync))
        with header.row:
            history.add_toggle(language)
        page.add(history)
        for part in (header, conversation, follow_ups, filters_panel, page_actions, history):
            part.wire()
        page.listen([blocks.load], history.opened, [header.kept, history.told], js=TOLD, concurrency_limit=None)
    return blocks
