"""The evidence beside the conversation: what each answer stands on, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
from gradio.components import Component

from assistant.web.desk import Drawn
from assistant.web.marks import escape
from assistant.web.render import panel
from assistant.web.session import Session
from assistant.web.text import words

SKELETON = '<div class="lj-skeleton" role="status"><span>{}</span>' + "<i></i>" * 6 + "</div>"
"""Drawn above the evidence while an answer is looked for."""


class Proof:
    """The right side of the desk."""

    def __init__(self, language: str) -> None:
        self._panel = gr.HTML(panel([], words(language)), elem_id="lj-evidence", apply_default_css=False)

    def components(self) -> Sequence[Component]:
        return [self._panel]

    def draw(self, now: Session) -> Drawn:
        text = words(now.language)
        waiting = SKELETON.format(escape(text["searching"])) if now.busy else ""
        shown = now.evidence()
        return {self._panel: waiting + (panel(shown, text, now.sections) if shown or not waiting else "")}
