"""The nouns of a report: what every format prints, so that all of them say the same.

All text is plain: no Markdown, no control characters, nothing that turns the direction of writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextRun:
    """A stretch of text; with `number` it is a reference, printed as [number]."""

    text: str
    bold: bool = False
    number: int = 0


def text_of(runs: Sequence[TextRun]) -> str:
    """Return runs as one text."""
    return "".join(f"[{run.number}]" if run.number else run.text for run in runs)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or an item of a list."""

    runs: tuple[TextRun, ...]
    item: bool = False

    @property
    def text(self) -> str:
        return text_of(self.runs)

    def texts(self) -> Iterator[str]:
        yield self.text


@dataclass(frozen=True, slots=True)
class Table:
    """Cases by place: the names of the columns, and a row of cells for each."""

    head: tuple[str, ...]
    rows: tuple[tuple[tuple[TextRun, ...], ...], ...]

    def texts(self) -> Iterator[str]:
        yield from self.head
        for row in self.rows:
            yield from filter(None, map(text_of, row))


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """A question with its answer; `understood` is what was searched for, "" where that is the question itself.

    `note` says that something was left out, "" when nothing was.
    """

    question: str
    understood: str
    blocks: tuple[Block | Table, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """What [number] stands for, an article: headline, where it was printed (newspaper, day, place), other printings.

    `quotes` are the cited sentences that the answers do not hold word for word.
    """

    number: int
    title: str
    printed: str
    quotes: tuple[str, ...] = ()
    also: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Answers with the references of all of them; `made` says when and from what, in words."""

    language: str
    title: str
    made: str
    entries: tuple[ReportEntry, ...]
    references: tuple[Reference, ...]

    def texts(self) -> Iterator[str]:
        """Yield all that the report says, in its order."""
        yield from (self.title, self.made)
        for entry in self.entries:
            yield from filter(None, (entry.question, entry.understood))
            for block in entry.blocks:
                yield from block.texts()
            yield from filter(None, (entry.note,))
        for reference in self.references:
            yield from filter(None, (reference.title, reference.printed, *reference.quotes, reference.also))
