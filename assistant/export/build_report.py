"""From answers to a report: its articles numbered through, and nothing in the text that could act.

A list of cases becomes a table of places, what was done and what came of it; where a cell would be a page of its own it
stays a list, with the same words before each part.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from assistant.answer.case_table import CaseRow, case_rows
from assistant.answer.markdown import MARKER
from assistant.answer.reference import PRINTED, Style, reference, reprints
from assistant.export.types import Block, Reference, Report, ReportEntry, Table, TextRun
from assistant.locales.loader import Section, words
from assistant.types import Answer, Citation, Claim
from index.errors import LinjianError
from prompts.prompt_loader import phrases

LONGEST_CELL, LONGEST_PLACE = 400, 60
"""Characters of a cell: a row of a table has to fit a page."""
_MARKER = re.compile(r"(?<!\\)\[(\d{1,3})\]")
_PIECE = re.compile(rf"{_MARKER.pattern}|\*\*(.+?)\*\*")


def build_report(answers: Sequence[Answer], *, language: str, made: date, title: str = "") -> Report:
    """Return the report of one answer or of several; LinjianError when there is none."""
    text = words(language).export
    if not answers:
        raise LinjianError(text["nothing"])
    numbers: dict[str, int] = {}
    cited: dict[int, list[Citation]] = {}
    entries = []
    for answer in answers:
        left_out = sum(not claim.supported for claim in answer.claims)  # the text is without them
        by_number = {c.number: c for c in answer.citations}
        own: dict[int, int] = {}
        for match in _MARKER.finditer(answer.text):
            if (citation := by_number.get(int(match[1]))) is not None:
                own[citation.number] = numbers.setdefault(citation.article_id, len(numbers) + 1)
                cited.setdefault(own[citation.number], []).append(citation)
        understood = printable(answer.standalone_question)
        entries.append(ReportEntry(
            question=printable(answer.question),
            understood=understood if understood not in ("", printable(answer.question)) else "",
            blocks=tuple(_blocks(answer, own, text)),
            note=text["left_out"].format(count=left_out) if left_out else "",
        ))
    said = "\n".join(_told(block) for entry in entries for block in entry.blocks)
    return Report(language, printable(title) or text["title"], text["made"].format(date=made.isoformat()), tuple(entries),
                  tuple(_reference(number, cited[number], said, language) for number in sorted(cited)))


def printable(text: str) -> str:
    """Return `text` on one line, without control characters, signs of direction and what is no character."""
    return " ".join(_visible(text).split())


def _visible(text: str) -> str:
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs") and not _is_none(c))


def _is_none(char: str) -> bool:
    """Tell one of Unicode's noncharacters, which XML does not hold."""
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF


def _blocks(answer: Answer, own: Mapping[int, int], text: Section) -> Iterator[Block | Table]:
    """Yield the answer's lines; the items of a list of cases as what `_cases` makes of them, where nothing else cites."""
    lines, rows = answer.text.split("\n"), case_rows(answer)
    listed = [n for n, line in enumerate(lines) if line.startswith("- ")]
    if not rows or not listed or any(MARKER.search(line) for n, line in enumerate(lines) if n not in listed):
        yield from _lines(lines, own)
        return
    yield from _lines(lines[: listed[0]], own)
    yield from _cases(rows, own, text)
    yield from _lines(lines[listed[-1] + 1:], own)


def _lines(lines: Sequence[str], own: Mapping[int, int]) -> Iterator[Block]:
    for line in lines:
        item = line.startswith("- ")
        runs = tuple(_runs(line[2:] if item else line, own))
        if any(run.text.strip() or run.number for run in runs):
            yield Block(runs, item)


def _cases(rows: Sequence[CaseRow], own: Mapping[int, int], text: Section) -> Iterator[Block | Table]:
    """Yield one table of the cases, or where a cell is too long for one, each case as a place and its parts."""
    parts = [name for name in ("done", "outcome") if any(getattr(row, name) for row in rows)]
    cells = [[tuple(_words(row.place or text["no_place"], True)), *(_said(getattr(row, name), own) for name in parts)]
             for row in rows]
    if all(_length(place) <= LONGEST_PLACE and max(map(_length, told)) <= LONGEST_CELL for place, *told in cells):
        yield Table((text["column_place"], *(text[f"column_{name}"] for name in parts)), tuple(map(tuple, cells)))
        return
    colon = phrases(text["code"]).colon
    for place, *told in cells:
        yield Block(place)
        for name, runs in zip(parts, told, strict=True):
            if runs:
                yield Block((TextRun(f"{text[f'column_{name}']}{colon}"), *runs), item=True)


def _said(claims: Sequence[Claim], own: Mapping[int, int]) -> tuple[TextRun, ...]:
    """Return the statements of a cell, each with its references."""
    return tuple(run for claim in claims for run in (
        *_words(claim.text, False),
        *(TextRun("", number=n) for n in dict.fromkeys(own[c] for c in claim.citations if c in own))))


def _length(runs: Sequence[TextRun]) -> int:
    return sum(len(run.text) for run in runs)


def _runs(line: str, own: Mapping[int, int], *, bold: bool = False) -> Iterator[TextRun]:
    """Yield the runs of a line; a marker of no citation, and one of the article just named, is left out."""
    last, named = 0, 0
    for match in _PIECE.finditer(line):
        between = line[last : match.start()]
        yield from _words(between, bold)
        named = 0 if between.strip() else named
        if match[2] is not None:
            yield from _runs(match[2], own, bold=True)
            named = 0
        elif (number := own.get(int(match[1]), 0)) and number != named:
            yield TextRun("", bold, number)
            named = number
        last = match.end()
    yield from _words(line[last:], bold)


def _words(text: str, bold: bool) -> Iterator[TextRun]:
    text = re.sub(r"\s+", " ", _visible(re.sub(r"\\([\[\]])", r"\1", text)))
    if text:
        yield TextRun(text, bold)


def _told(block: Block | Table) -> str:
    """Return the words of a block, without its references."""
    cells = [block.runs] if isinstance(block, Block) else [runs for row in block.rows for runs in row]
    return "\n".join("".join(run.text for run in runs) for runs in cells)


def _reference(number: int, cited: Sequence[Citation], said: str, language: str) -> Reference:
    """Return the reference to the article of `cited`, with the quotes that are not in what is `said`."""
    text, first = words(language).export, cited[0]
    style = Style(PRINTED, text, printable)
    quotes = [quote for quote in dict.fromkeys(printable(c.quote) for c in cited) if quote not in said]
    return Reference(number, printable(first.title) or text["no_title"], reference(first, style), tuple(quotes),
                     reprints(max((c.also_in for c in cited), key=len), language, style))
