"""From answers to a report: references numbered, and nothing in the text that could act.

One answer keeps the numbers that the reader has seen; a conversation is numbered through, and what two answers cite is
one reference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date

from assistant.answer.reference import WHERE, Style, reference, reprints
from assistant.export.types import Block, Reference, Report, ReportEntry, TextRun
from assistant.locales.loader import words
from assistant.types import Answer, Citation
from index.errors import LinjianError

_MARKER = re.compile(r"(?<!\\)\[(\d{1,3})\]")
_PIECE = re.compile(rf"{_MARKER.pattern}|\*\*(.+?)\*\*")


def build_report(answers: Sequence[Answer], *, language: str, made: date, title: str = "") -> Report:
    """Return the report of one answer or of several; LinjianError when there is none."""
    text = words(language).export
    if not answers:
        raise LinjianError(text["nothing"])
    numbers: dict[tuple[object, ...], int] = {}
    cited: dict[int, Citation] = {}
    entries = []
    for answer in answers:
        left_out = sum(not claim.supported for claim in answer.claims)  # the text is without them
        by_number = {c.number: c for c in answer.citations}
        own: dict[int, int] = {}
        for match in _MARKER.finditer(answer.text):
            if (citation := by_number.get(int(match[1]))) is not None:
                key = (citation.article_id, citation.spans, citation.quote)
                if key not in numbers:
                    numbers[key] = citation.number if len(answers) == 1 else len(numbers) + 1
                own[citation.number] = numbers[key]
                cited.setdefault(numbers[key], citation)
        understood = printable(answer.standalone_question)
        entries.append(ReportEntry(
            question=printable(answer.question),
            understood=understood if understood not in ("", printable(answer.question)) else "",
            blocks=tuple(_blocks(answer.text, own)),
            note=text["left_out"].format(count=left_out) if left_out else "",
        ))
    return Report(language, printable(title) or text["title"], text["made"].format(date=made.isoformat()), tuple(entries),
                  tuple(_reference(number, cited[number], language) for number in sorted(cited)))


def printable(text: str) -> str:
    """Return `text` on one line, without control characters, signs of direction and what is no character."""
    return " ".join(_visible(text).split())


def _visible(text: str) -> str:
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs") and not _is_none(c))


def _is_none(char: str) -> bool:
    """Tell one of Unicode's noncharacters, which XML does not hold."""
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF


def _blocks(text: str, own: dict[int, int]) -> Iterator[Block]:
    for line in text.split("\n"):
        item = line.startswith("- ")
        runs = tuple(_runs(line[2:] if item else line, own))
        if any(run.text.strip() or run.number for run in runs):
            yield Block(runs, item)


def _runs(line: str, own: dict[int, int], *, bold: bool = False) -> Iterator[TextRun]:
    """Yield the runs of a line; a marker of no citation is left out."""
    last = 0
    for match in _PIECE.finditer(line):
        yield from _words(line[last : match.start()], bold)
        if match[2] is not None:
            yield from _runs(match[2], own, bold=True)
        elif int(match[1]) in own:
            yield TextRun("", bold, own[int(match[1])])
        last = match.end()
    yield from _words(line[last:], bold)


def _words(text: str, bold: bool) -> Iterator[TextRun]:
    text = re.sub(r"\s+", " ", _visible(re.sub(r"\\([\[\]])", r"\1", text)))
    if text:
        yield TextRun(text, bold)


def _reference(number: int, citation: Citation, language: str) -> Reference:
    text = words(language).export
    style = Style(WHERE, text, printable)
    return Reference(number, printable(citation.title) or text["no_title"], reference(citation, style),
                     printable(citation.quote), reprints(citation.also_in, language, style))
