"""The buttons for what can be done with an answer: take it away as a file, say whether it is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant.store.feedback import LONGEST_COMMENT
from assistant.store.types import Reason, Verdict
from assistant.web.marks import escape

if TYPE_CHECKING:
    from assistant.web.render import Evidence

KINDS = {"docx": "Word", "pdf": "PDF", "md": "Markdown"}
"""The files that a report comes as, by the ending of their names."""


def deeds(evidence: Evidence, text: Mapping[str, str]) -> str:
    """Return the row beneath an answer's heading: files to take away, two thumbs, the form for what is wrong."""
    row = f'<span class="lj-saves" role="group" aria-label="{escape(text["save"])}">{escape(text["save"])} {saves()}</span>'
    return f'<div class="lj-row lj-deeds">{row}{_thumbs(evidence, text) if evidence.kept else ""}</div>'


def _thumbs(evidence: Evidence, text: Mapping[str, str]) -> str:
    said = evidence.feedback
    thumbs = "".join(
        f'<button type="button" class="lj-quiet lj-thumb" data-deed="{verdict}" '
        f'aria-pressed="{str(bool(said and said.verdict is verdict)).lower()}" '
        f'>{escape(text[verdict])}</button>' for verdict in Verdict)
    checks = "".join(
        f'<label><input type="checkbox" name="reason" value="{reason}"'
        f'{" checked" if said and reason in said.reasons else ""}> {escape(text[f"reason_{reason}"])}</label>'
        for reason in Reason)
    open_form = said and said.verdict is Verdict.DOWN and not said.reasons and not said.comment
    form = (
        f'<form class="lj-feedback" data-deed="{Verdict.DOWN}"{"" if open_form else " hidden"}>'
        f'<fieldset><legend>{escape(text["whats_wrong"])}</legend>{checks}</fieldset>'
        f'<textarea name="comment" maxlength="{LONGEST_COMMENT}" rows="2" aria-label="{escape(text["comment"])}" '
        f'placeholder="{escape(text["comment"])}">{escape(said.comment if said else "")}</textarea>'
        f'<button type="submit">{escape(text["send_feedback"])}</button></form>')
    thanks = f'<span role="status" class="lj-thanks">{escape(text["thanks"])}</span>' if said else ""
    return f'<span class="lj-thumbs">{thumbs}{thanks}</span>{form}'


def saves() -> str:
    """Return a button for each kind of file."""
    return "".join(f'<button type="button" class="lj-quiet" data-deed="save" data-as="{kind}">{shown}</button>'
                   for kind, shown in KINDS.items())
