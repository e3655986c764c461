"""The files of questions and of earlier turns that `linjian ask` takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.types import Turn
from index.errors import ReadError
from index.files.json_rows import Faults, Shape, Text


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a batch."""

    id: str | int
    question: str
    history: tuple[Turn, ...] = ()


class HistoryTurn(Shape):
    """An earlier turn."""

    question: Text
    answer_gist: str = ""


class HistoryRow(Shape):
    """The turns of a history, the oldest first."""

    history: list[HistoryTurn] | None = None

    def turns(self) -> tuple[Turn, ...]:
        return tuple(Turn(turn.question, turn.answer_gist) for turn in self.history or ())


class AskedRow(HistoryRow):
    """A question of a batch."""

    id: int | Text
    question: Text


def read_questions(path: Path) -> list[Asked]:
    """Return the questions of a JSON Lines file: `id`, `question`, perhaps `history`; the rest is ignored."""
    faults, asked = Faults(), dict[str | int, Asked]()
    for number, value in faults.rows(path):
        row = faults.parse(AskedRow, value, path, number)
        if row and row.id in asked:
            faults.add(path, number, "id", f"repeats {row.id!r}; each question needs its own")
        elif row:
            asked[row.id] = Asked(row.id, row.question, row.turns())
    faults.check()
    if not asked:
        raise ReadError(f"{path} holds no question.")
    return list(asked.values())


def read_history(path: Path) -> tuple[Turn, ...]:
    """Return the earlier turns in a JSON file: a list of {question, answer_gist}, oldest first."""
    faults = Faults()
    row = faults.parse(HistoryRow, {"history": faults.value(path)}, path, "the whole file")
    faults.check()
    return row.turns() if row else ()
