"""Claims about invented articles, read: what carries each, whether it is carried, and which of its characters are not.

A set `data/SET.jsonl` goes with the articles `SET-articles.jsonl` of eval/training/cases. A line is a group: sentences of
one article, claims that they carry ("true", by kind) and claims that differ in one point from such a one ("false", by
category). So where a false claim goes wrong is seen by comparing it with the true claim next to it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

HELD = 6
"""One set in so many is held out, by its name."""
ALIKE = 0.55
"""Share of characters in common from which two claims differ in one point."""


@dataclass(frozen=True, slots=True)
class ClaimArticle:
    """An invented article: its sentences, and the heading that a premise of it gets."""

    id: str
    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimPair:
    """A claim and the numbers of the sentences it was written to; `unsaid` are ranges of its characters, None if unknown."""

    article: ClaimArticle
    sentences: tuple[int, ...]
    claim: str
    carried: bool
    category: str
    unsaid: tuple[tuple[int, int], ...] | None


@dataclass(frozen=True, slots=True)
class ClaimGroup:
    """Claims about the same sentences."""

    set: str
    pairs: tuple[ClaimPair, ...]


def is_held(name: str) -> bool:
    """Tell whether the set of this name is never learned from."""
    return zlib.crc32(name.encode()) % HELD == 0


def read_claims(data: Path, articles: Path) -> list[ClaimGroup]:
    """Read the groups of all sets in `data`, in the order of their names."""
    return [group for path in sorted(data.glob("*.jsonl")) for group in _set(path, articles)]


def _set(path: Path, articles: Path) -> Iterator[ClaimGroup]:
    known = {one.id: one for one in map(_article, _rows(articles / f"{path.stem}-articles.jsonl"))}
    for row in _rows(path):
        article, sentences = known[row["article"]], tuple(row["sentences"])
        true = [claim for _, claim in row["true"]]
        yield ClaimGroup(path.stem, (
            *(ClaimPair(article, sentences, claim, True, kind, ()) for kind, claim in row["true"]),
            *(ClaimPair(article, sentences, claim, False, category, changed(claim, true))
              for category, claim in row["false"])))


def changed(claim: str, true: list[str]) -> tuple[tuple[int, int], ...] | None:
    """Return the ranges of characters in which a claim differs from the most alike of the true ones, None if none is alike.

    Where something was only left out, the characters beside the gap stand for it.
    """
    best = max((SequenceMatcher(None, one, claim, autojunk=False) for one in true), key=SequenceMatcher.ratio, default=None)
    if best is None or best.ratio() < ALIKE:
        return None
    ranges = [(a, b) if b > a else (max(a - 1, 0), min(a + 1, len(claim)))
              for tag, _, _, a, b in best.get_opcodes() if tag != "equal"]
    return tuple(ranges)


def _article(row: dict) -> ClaimArticle:
    places = list(dict.fromkeys(case["place"] for case in row["cases"]))[:1]
    heading = " ".join([*places, row["title"], row["date"]])
    return ClaimArticle(row["id"], heading, tuple(s for paragraph in row["paragraphs"] for s, *_ in paragraph))


def _rows(path: Path) -> Iterator[dict]:
    return map(json.loads, filter(str.strip, path.read_text(encoding="utf-8").splitlines()))
