"""What the page's buttons send (history.js): a deed comes in through a hidden box, a file goes out through another.

A deed's meaning is looked up in the visitor's own session: nothing in it can name another's conversation.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import gradio as gr

from assistant.chat.page import Drawn, Page
from assistant.chat.state.answer_stream import in_words
from assistant.chat.state.history_sync import HistorySync
from assistant.chat.state.session import Session
from assistant.export.build_report import build_report
from assistant.export.report_formats import REPORT_FORMATS
from assistant.locales.loader import words
from assistant.storage.types import Feedback, Reason, Verdict
from assistant.templates.environment import escape
from assistant.types import Answer
from index.errors import LinjianError

_SAVE = """(packed) => {
  if (!packed) return;
  const file = JSON.parse(packed);
  const bytes = Uint8Array.from(atob(file.data), (c) => c.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: file.type }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}"""
"""Saves a file in the browser: it has no address, and none stays on the server."""


class PageActions:
    """The two hidden boxes."""

    def __init__(self, page: Page, history_sync: HistorySync) -> None:
        self._page, self._history_sync = page, history_sync
        self._box = gr.Textbox(elem_id="lj-deed", visible="hidden", label="deed")
        self._file = gr.Textbox(elem_id="lj-file", visible="hidden", label="file")

    def components(self) -> Sequence[Any]:
        return [self._box, self._file]

    def draw(self, session: Session) -> Drawn:
        return {}

    def wire(self) -> None:
        """Listen; every part of the page has been added."""
        # Gradio tells of an `input` only when a key is pressed: not of a script's, a paste or an input method's.
        event = self._page.listen([self._box.change], self._do, [self._box], trigger_mode="multiple")
        event.then(None, [self._file], None, js=_SAVE)

    def _do(self, session: Session, deed: str) -> Drawn:
        """Do what the page asks for; what is no deed does nothing."""
        text, nothing = words(session.language).chat, {self._page.session: session, self._file: ""}
        try:
            asked = json.loads(deed)
            what, key = str(asked["deed"]), int(asked["key"])
            if what == "save":
                answers = [e.answer for e in session.evidence() if key in (0, e.key)]
                return nothing | {self._file: packed(answers, str(asked["as"]), session)}
            feedback = None if asked.get("back") else Feedback(
                Verdict(what), tuple(map(Reason, asked.get("reasons", ()))), str(asked.get("comment", "")))
        except (ValueError, KeyError, TypeError):
            return nothing
        except LinjianError as error:
            gr.Warning(escape(in_words(error, text)))
            return nothing
        try:
            self._history_sync.said(session, key, feedback)
        except LinjianError:
            gr.Warning(text["not_kept"])
        return self._page.draw(session) | nothing


def packed(answers: Sequence[Answer], kind: str, session: Session) -> str:
    """Return a file as the browser saves it: JSON of name, type and base64. KeyError for an unknown kind."""
    format = REPORT_FORMATS[kind]
    title = next((c.title for c in session.listed if c.id == session.conversation), "") if len(answers) > 1 else ""
    report = build_report(answers, language=session.language, made=date.today(), title=title)
    name = "".join(c if c.isalnum() else " " for c in (title or answers[0].question))[:40].strip() or kind
    return json.dumps({"name": f"{name}.{kind}", "type": format.media_type,
                       "data": base64.b64encode(format.write(report)).decode()})
