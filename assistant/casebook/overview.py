"""The cases at a glance: how many of each topic in which city or district, and how many were printed when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.casebook.casebook import Casebook

AREAS = 8
"""Columns of the table; the rarer areas are counted together."""
SHADES = 4
MOST_MONTHS = 36
"""Bars of months; a longer time is drawn by years."""


@dataclass(frozen=True, slots=True)
class HeatRow:
    """The cards of one topic: for each area how many, then those of other areas, then those of no known one."""

    topic: str
    areas: Sequence[int]
    others: int
    unplaced: int

    @property
    def total(self) -> int:
        return sum(self.areas) + self.others + self.unplaced


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Topics by areas, both the commonest first; `most` is the largest number in a cell."""

    areas: Sequence[str]
    rows: Sequence[HeatRow]
    most: int

    def shade(self, count: int) -> int:
        """Return how dark a cell is, from 0 for nothing to `SHADES` for the most."""
        return -(-SHADES * count // max(self.most, 1))


@dataclass(frozen=True, slots=True)
class TimeBar:
    """The cards of a month (YYYY-MM) or a year; `height` is a share of the highest bar."""

    name: str
    count: int
    height: float


def heat_table(book: Casebook, shown: np.ndarray) -> HeatTable:
    """Return the table of the cards that are shown."""
    topics, areas = book.topics.counts(shown), book.areas.counts(shown)
    cells = book.topics.crossed(book.areas, shown)
    named = [area for area in areas if area][:AREAS]
    rows = []
    for topic, count in topics.items():
        own, unplaced = [cells.get((topic, area), 0) for area in named], cells.get((topic, ""), 0)
        rows.append(HeatRow(topic, own, count - sum(own) - unplaced, unplaced))
    return HeatTable(named, rows, max((max(*row.areas, row.others, row.unplaced) for row in rows), default=0))


def timeline(counts: Mapping[str, int]) -> list[TimeBar]:
    """Return a bar for each month from the first to the last, or for each year; `counts` has both, by their names."""
    months = sorted(name for name in counts if len(name) == 7)
    if not months:
        return []
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (months[0], months[-1]))
    names = [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(first, last + 1)]
    if len(names) > MOST_MONTHS:
        names = [f"{year:04d}" for year in range(first // 12, last // 12 + 1)][-MOST_MONTHS:]
    most = max(counts.get(name, 0) for name in names)
    return [TimeBar(name, counts.get(name, 0), counts.get(name, 0) / max(most, 1)) for name in names]
