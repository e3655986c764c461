"""The bubble of an answer: its Markdown, or for a list of cases and a comparison the same statements as cards and a table.

What is printed here is an HTML block inside Markdown: one line, all text escaped. Gradio's sanitizer leaves no data- or
aria- attribute of it, so chat.js adds what those say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.answer.case_table import CaseRow, case_rows
from assistant.answer.markdown import MARKER, answer_markdown, harmless
from assistant.answer.reference import BRIEF, reference
from assistant.locales.loader import Section
from assistant.question.forms import Form
from assistant.templates.environment import render
from assistant.types import Answer


def reply_markdown(answer: Answer, key: int, text: Section) -> str:
    """Return the answer as it is shown; a text that cites outside of its list of cases is shown as it is."""
    rows = case_rows(answer)
    lines = answer.text.split("\n")
    listed = [n for n, line in enumerate(lines) if line.startswith("- ")]
    if not rows or not listed or any(MARKER.search(line) for n, line in enumerate(lines) if n not in listed):
        return answer_markdown(answer, key)
    before, after = (harmless("\n".join(part)).strip() for part in (lines[: listed[0]], lines[listed[-1] + 1:]))
    cases = _block(rows, key, text, compared=answer.form == Form.COMPARE)
    return "\n\n".join(part for part in (before, cases, after) if part)


def _block(rows: Sequence[CaseRow], key: int, text: Section, *, compared: bool) -> str:
    """Return the rows as cards, and as a table too unless they are compared."""
    style = replace(BRIEF, missing=text)
    drawn = [(row, _printed(row, text), tuple(dict.fromkeys(reference(c, style) for c in row.sources))) for row in rows]
    headlines = [tuple(dict.fromkeys(c.title or text["no_title"] for c in row.sources)) for row in rows]
    return render("chat/cases.html", text=text, key=key, compared=compared, rows=drawn, headlines=headlines,
                  told=any(row.outcome for row in rows))


def _printed(row: CaseRow, text: Section) -> str:
    """Return the days, then the newspapers of a row."""
    dates = sorted({c.date or text["no_date"] for c in row.sources})
    return " · ".join((*dates, *dict.fromkeys(c.source or text["no_source"] for c in row.sources)))
