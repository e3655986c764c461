"""Compare two files of answers to the character: a change of the code alone must not change what is answered."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets.validation import SuiteFaults
from index.files.json_rows import Id, Shape

IGNORED = frozenset({"timings_ms", "index_version", "passage_id", "article_id", "id"})
"""Fields that differ between two indexes of the same pages: times, versions and ids, at any depth."""
AROUND = 30
"""Characters shown on either side of where two texts part."""


class _Row(Shape):
    id: Id


@dataclass(frozen=True, slots=True)
class AnswerDifference:
    """What differs in the answer to one question; `expected` when it was announced."""

    question: str
    what: tuple[str, ...]
    expected: bool


def differences(
    before: Path,
    after: Path,
    *,
    renamed: Mapping[str, str] | None = None,
    ignored: Collection[str] = (),
    expected: Collection[str] = (),
) -> tuple[int, list[AnswerDifference]]:
    """Return how many questions the two files hold, and those whose answers differ.

    `renamed` maps field names of `before` to those of `after`; fields in `ignored` or IGNORED are not compared. A question
    in `expected` that does not differ is a difference too. SuiteError names the file and line of a row without an id.
    """
    leave_out = {*IGNORED, *ignored}
    olds = {i: _bare(row, renamed or {}, leave_out) for i, row in _answers(before).items()}
    news = {i: _bare(row, {}, leave_out) for i, row in _answers(after).items()}
    found = []
    for question in dict.fromkeys([*olds, *news, *expected]):
        lacking = [str(path) for path, rows in ((before, olds), (after, news)) if question not in rows]
        if lacking:
            found.append(AnswerDifference(question, (f"is not in {' nor in '.join(lacking)}",), expected=False))
            continue
        what = tuple(_parts(olds[question], news[question], ""))
        if what:
            found.append(AnswerDifference(question, what, question in expected))
        elif question in expected:
            found.append(AnswerDifference(question, ("was expected to differ and does not",), expected=False))
    return len(olds.keys() | news.keys()), found


def _answers(path: Path) -> dict[str, dict[str, Any]]:
    faults, rows = SuiteFaults(), {}
    for number, value in faults.rows(path):
        row = faults.parse(_Row, value, path, number)
        if row and row.id in rows:
            faults.add(path, number, "id", f"repeats {row.id!r}")
        elif row:
            rows[row.id] = value
    faults.check()
    return rows


def _bare(value: Any, renamed: Mapping[str, str], ignored: Collection[str]) -> Any:
    """Return a JSON value with its fields renamed and without those that are ignored."""
    if isinstance(value, dict):
        named = ((renamed.get(key, key), inner) for key, inner in value.items())
        return {key: _bare(inner, renamed, ignored) for key, inner in named if key not in ignored}
    return [_bare(inner, renamed, ignored) for inner in value] if isinstance(value, list) else value


def _parts(old: Any, new: Any, path: str) -> Iterator[str]:
    """Yield each place where two values differ, with what stands there before and after."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            at = f"{path}.{key}" if path else key
            if key not in new:
                yield f"{at}: is gone (was {_shown(old[key])})"
            elif key not in old:
                yield f"{at}: is new ({_shown(new[key])})"
            else:
                yield from _parts(old[key], new[key], at)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for n, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _parts(a, b, f"{path}[{n}]")
    elif type(old) is not type(new) or old != new:
        start = 0
        if isinstance(old, str) and isinstance(new, str):
            first = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
            start = max(0, first - AROUND)
        yield f"{path}: {_shown(old, start)} → {_shown(new, start)}"


def _shown(value: Any, start: int = 0) -> str:
    """Return a value as JSON, cut to what stands around `start`."""
    if isinstance(value, str):
        cut = value[start : start + 2 * AROUND]
        return json.dumps("…" * (start > 0) + cut + "…" * (len(value) > start + len(cut)), ensure_ascii=False)
    whole = json.dumps(value, ensure_ascii=False)
    return whole if len(whole) <= 2 * AROUND else f"{whole[: 2 * AROUND]}…"
