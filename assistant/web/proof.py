"""The evidence beside the conversation: what each answer stands on, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
from gradio.components import Component

from assistant.locales.loader import words
from assistant.web.desk import Drawn
from assistant.web.render import panel
from assistant.web.session import Session


class Proof:
    """The right side of the desk."""

    def __init__(self, language: str) -> None:
        self._panel = gr.HTML(panel([], words(language).chat), elem_id="lj-evidence", apply_default_css=False)

    def components(self) -> Sequence[Component]:
        return [self._panel]

    def draw(self, now: Session) -> Drawn:
        return {self._panel: panel(now.evidence(), words(now.language).chat, now.sections, waiting=now.busy)}
