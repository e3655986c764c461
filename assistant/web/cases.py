"""The bubble of an answer: its Markdown, or for a list of cases and a comparison the same statements as cards and a table.

What is printed here is an HTML block inside Markdown: one line, all text escaped. Gradio's sanitizer leaves no data- or
aria- attribute of it, so chat.js adds what those say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assistant.cases import CaseRow, case_rows
from assistant.markdown import MARKER, answer_markdown, harmless
from assistant.question import Form
from assistant.types import Answer, Citation, Claim
from assistant.web.marks import escape

Words = Mapping[str, str]


def reply_markdown(answer: Answer, key: int, text: Words) -> str:
    """Return the answer as it is shown; a text that cites outside of its list of cases is shown as it is."""
    rows = case_rows(answer)
    lines = answer.text.split("\n")
    listed = [n for n, line in enumerate(lines) if line.startswith("- ")]
    if not rows or not listed or any(MARKER.search(line) for n, line in enumerate(lines) if n not in listed):
        return answer_markdown(answer, key)
    before, after = (harmless("\n".join(part)).strip() for part in (lines[: listed[0]], lines[listed[-1] + 1:]))
    cases = _columns(rows, key, text) if answer.form == Form.COMPARE else _cards_and_table(rows, key, text)
    return "\n\n".join(part for part in (before, cases, after) if part)


def _columns(rows: Sequence[CaseRow], key: int, text: Words) -> str:
    return f'<div class="lj-cases lj-compare">{"".join(_card(row, key, text) for row in rows)}</div>'


def _cards_and_table(rows: Sequence[CaseRow], key: int, text: Words) -> str:
    switch = "".join(f'<button type="button" class="lj-view-{view}">{escape(text[f"view_{view}"])}</button>'
                     for view in ("cards", "table"))
    heads = "".join(f'<th><button type="button" class="lj-sort">{escape(text[word])}</button></th>'
                    for word in ("column_place", "column_done", "column_outcome", "column_printed"))
    body = "".join(_table_row(row, key, text) for row in rows)
    return (f'<div class="lj-cases"><div class="lj-views">{switch}</div>'
            f'<div class="lj-as-cards">{"".join(_card(row, key, text) for row in rows)}</div>'
            f'<div class="lj-as-table"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></div>')


def _card(row: CaseRow, key: int, text: Words) -> str:
    facts = [("column_done", _said(row.done, key)), ("column_outcome", _said(row.outcome, key)),
             ("column_sources", _sources(row.sources, text))]
    listed = "".join(f"<dt>{escape(text[word])}</dt><dd>{said}</dd>" for word, said in facts if said)
    return f'<section class="lj-case"><h4>{escape(row.place or text["no_place"])}</h4><dl>{listed}</dl></section>'


def _table_row(row: CaseRow, key: int, text: Words) -> str:
    dates = sorted({c.date or text["no_date"] for c in row.sources})
    papers = list(dict.fromkeys(c.source or text["no_source"] for c in row.sources))
    cells = (_said(row.done, key), _said(row.outcome, key), escape(" · ".join((*dates, *papers))))
    return f'<tr><th>{escape(row.place or text["no_place"])}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _said(claims: Iterable[Claim], key: int) -> str:
    return "".join(
        escape(" ".join(claim.text.split())) + "".join(f'<a href="#cite-{key}-{n}">[{n}]</a>' for n in claim.citations)
        for claim in claims)


def _sources(citations: Iterable[Citation], text: Words) -> str:
    named = dict.fromkeys(" · ".join((c.title or text["no_title"], c.source or text["no_source"], c.date or text["no_date"]))
                          for c in citations)
    return "<br>".join(escape(" ".join(name.split())) for name in named)
