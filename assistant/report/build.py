"""From answers to a report: supported text only, references numbered, nothing in the text that could act.

One answer keeps the numbers that the reader has seen; a conversation is numbered through, and what two answers cite is
one reference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date

from assistant.report.text import WORDS
from assistant.report.types import Block, Entry, Reference, Report, Run
from assistant.types import Answer, Citation
from index.errors import LinjianError

_MARKER = re.compile(r"(?<!\\)\[(\d{1,3})\]")
_PIECE = re.compile(rf"{_MARKER.pattern}|\*\*(.+?)\*\*")
_UNSEEN = re.compile(rf"{_MARKER.pattern}|[\s*\\]")
_ENDS_SENTENCE = re.compile(rf"(?:{_MARKER.pattern}|[\u3002\uff0c\uff1b\uff01\uff1f\u201d.,;!?\s*])*")


def build_report(answers: Sequence[Answer], *, language: str, made: date, title: str = "") -> Report:
    """Return the report of one answer or of several; LinjianError when there is none."""
    words = WORDS[language]
    if not answers:
        raise LinjianError(words["nothing"])
    numbers: dict[tuple[object, ...], int] = {}
    cited: dict[int, Citation] = {}
    entries = []
    for answer in answers:
        text, removed = supported_text(answer)
        by_number = {c.number: c for c in answer.citations}
        own: dict[int, int] = {}
        for match in _MARKER.finditer(text):
            if (citation := by_number.get(int(match[1]))) is not None:
                key = (citation.article_id, citation.spans, citation.quote)
                if key not in numbers:
                    numbers[key] = citation.number if len(answers) == 1 else len(numbers) + 1
                own[citation.number] = numbers[key]
                cited.setdefault(numbers[key], citation)
        understood = printable(answer.standalone_question)
        entries.append(Entry(
            question=printable(answer.question),
            understood=understood if understood not in ("", printable(answer.question)) else "",
            blocks=tuple(_blocks(text, own)),
            note=words["left_out"].format(count=removed) if removed else "",
        ))
    return Report(language, printable(title) or words["title"], words["made"].format(date=made.isoformat()), tuple(entries),
                  tuple(_reference(number, cited[number], language) for number in sorted(cited)))


def printable(text: str) -> str:
    """Return `text` on one line, without control characters, signs of direction and what is no character."""
    return " ".join(_visible(text).split())


def _visible(text: str) -> str:
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs") and not _is_none(c))


def _is_none(char: str) -> bool:
    """Tell one of Unicode's noncharacters, which XML does not hold."""
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF


def supported_text(answer: Answer) -> tuple[str, int]:
    """Return the answer's text without its unsupported claims, and how many those are."""
    weak = [claim.text for claim in answer.claims if not claim.supported]
    seen, places = _seen(answer.text)
    strong = [span for claim in answer.claims if claim.supported for span in _found(claim.text, seen)]
    doomed = []
    for text in weak:
        for start, end in _found(text, seen):
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b in strong):  # not part of a carried one
                last = places[end - 1] + 1
                doomed.append((places[start], _ENDS_SENTENCE.match(answer.text, last).end()))
    return _without(answer.text, doomed), len(weak)


def _seen(text: str) -> tuple[str, list[int]]:
    """Return the characters of `text` without markers, emphasis and spaces, and where each stands."""
    unseen = {at for match in _UNSEEN.finditer(text) for at in range(*match.span())}
    places = [at for at in range(len(text)) if at not in unseen]
    return "".join(text[at] for at in places), places


def _found(claim: str, seen: str) -> list[tuple[int, int]]:
    wanted = _seen(claim)[0]
    return [m.span() for m in re.finditer(re.escape(wanted), seen)] if wanted else []


def _without(text: str, doomed: Sequence[tuple[int, int]]) -> str:
    """Return `text` without the stretches; a line that loses all that it says goes as a whole."""
    lines, at = [], 0
    for line in text.split("\n"):
        gone = {n - at for start, end in doomed for n in range(max(start, at), min(end, at + len(line)))}
        kept = "".join(char for n, char in enumerate(line) if n not in gone)
        says = re.sub(r"^\W*\*\*.*?\*\*", "", _MARKER.sub("", kept)) if gone else kept
        if not gone or re.search(r"\w", says):
            lines.append(kept)
        at += len(line) + 1
    return "\n".join(lines)


def _blocks(text: str, own: dict[int, int]) -> Iterator[Block]:
    for line in text.split("\n"):
        item = line.startswith("- ")
        runs = tuple(_runs(line[2:] if item else line, own))
        if any(run.text.strip() or run.number for run in runs):
            yield Block(runs, item)


def _runs(line: str, own: dict[int, int], *, bold: bool = False) -> Iterator[Run]:
    """Yield the runs of a line; a marker of no citation is left out."""
    last = 0
    for match in _PIECE.finditer(line):
        yield from _words(line[last : match.start()], bold)
        if match[2] is not None:
            yield from _runs(match[2], own, bold=True)
        elif int(match[1]) in own:
            yield Run("", bold, own[int(match[1])])
        last = match.end()
    yield from _words(line[last:], bold)


def _words(text: str, bold: bool) -> Iterator[Run]:
    text = re.sub(r"\s+", " ", _visible(re.sub(r"\\([\[\]])", r"\1", text)))
    if text:
        yield Run(text, bold)


def _reference(number: int, citation: Citation, language: str) -> Reference:
    words = WORDS[language]

    def printed(source: str, day: str, *rest: str) -> str:
        parts = (source or words["no_source"], day or words["no_date"], *rest)
        return " \u00b7 ".join(filter(None, map(printable, parts)))

    others = "; ".join(printed(p.source, p.date, p.file) for p in citation.also_in)
    return Reference(number, printable(citation.title) or words["no_title"],
                     printed(citation.source, citation.date, citation.place, citation.file),
                     printable(citation.quote), words["also_printed"] + others if others else "")
