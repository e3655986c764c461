"""The evidence beside the conversation: what each answer stands on, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
from gradio.components import Component

from assistant.chat.page import Drawn
from assistant.chat.state.session import Session
from assistant.chat.views.evidence_view import panel
from assistant.locales.loader import words


class EvidencePanel:
    """The right side of the page."""

    def __init__(self, language: str) -> None:
        self._panel = gr.HTML(panel([], words(language).chat), elem_id="lj-evidence", apply_default_css=False)

    def components(self) -> Sequence[Component]:
        return [self._panel]

    def draw(self, session: Session) -> Drawn:
        return {self._panel: panel(session.evidence(), words(session.language).chat, session.sections, waiting=session.busy,
                                   shown=session.jump, linked=session.linked)}
