"""Questions with quoted evidence about newspaper pages: how they are read, and what counts as finding the evidence."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.types import Turn
from index.errors import ReadError
from index.types import Span


@dataclass(frozen=True, slots=True)
class Gold:
    """One piece of gold evidence: `quote` stands word for word in `file` and speaks about `community`."""

    file: str
    community: str
    quote: str


@dataclass(frozen=True, slots=True)
class Case:
    """One question of a suite, in the layout of examples/questions.jsonl."""

    id: str
    question: str
    type: str
    answerable: bool
    history: tuple[Turn, ...]
    answers: tuple[str, ...]
    evidence: tuple[Gold, ...]
    notes: str

    @property
    def off_topic(self) -> bool:
        return not self.answerable and self.notes.startswith("off-topic")


def read_cases(path: Path, *, all_off_topic: bool = False) -> list[Case]:
    """Read a JSON Lines suite; ReadError names file, line and field. `all_off_topic`: a list of foreign questions."""
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            cases.append(Case(
                id=str(row["id"]), question=row["question"], type=row.get("type", "unanswerable"),
                answerable=bool(row["answerable"]) and not all_off_topic,
                history=tuple(Turn(h["question"], h.get("answer_gist", "")) for h in row.get("history") or ()),
                answers=tuple(row.get("answers") or ()),
                evidence=tuple(Gold(g["file"], g["community"], g["quote"]) for g in row.get("evidence") or ()),
                notes="off-topic" if all_off_topic else row.get("notes", ""),
            ))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ReadError(f"{str(path)!r}, line {number}: {error!r}. See docs/evaluate.md for the layout.") from error
    return cases


def overlaps(gold: Gold, file: str, spans: Sequence[Span], text: str) -> bool:
    """Tell whether `spans` of `file` share 10 characters with the gold quote (or all of it, where it is shorter)."""
    if file != gold.file:
        return False
    need = min(10, len(gold.quote))
    places = [(m.start(), m.end()) for m in re.finditer(re.escape(gold.quote), text)]
    return any(min(b, end) - max(a, start) >= need for a, b in spans for start, end in places)
