"""One way to browse: the names that cards have, as arrays, so that any selection is counted without a look at the cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


class FacetCounts:
    """The names of cards, which are numbered as they are given; a card can have several names or none."""

    def __init__(self, names: Sequence[Iterable[str]]) -> None:
        numbers: dict[str, int] = {}
        pairs = [(card, numbers.setdefault(name, len(numbers)))
                 for card, own in enumerate(names) for name in dict.fromkeys(own)]
        self.names, self._size = tuple(numbers), len(names)
        self._numbers = numbers
        self._cards, self._values = np.array(pairs, dtype="int64").reshape(-1, 2).T

    def holding(self, name: str) -> np.ndarray:
        """Return which cards have a name, as booleans."""
        out = np.zeros(self._size, bool)
        out[self._cards[self._values == self._numbers.get(name, -1)]] = True
        return out

    def counts(self, shown: np.ndarray) -> dict[str, int]:
        """Return how many of the cards that are shown have each name, names that none has left out, the commonest first."""
        counted = np.bincount(self._values[shown[self._cards]], minlength=len(self.names))
        return {self.names[i]: int(counted[i]) for i in np.argsort(-counted, kind="stable") if counted[i]}

    def crossed(self, other: FacetCounts, shown: np.ndarray) -> dict[tuple[str, str], int]:
        """Return how many cards that are shown have a name here and one there; here each card has one name at most."""
        mine = np.full(self._size, -1)
        mine[self._cards] = self._values
        kept = shown[other._cards] & (mine[other._cards] >= 0)
        cells, counted = np.unique(
            np.stack([mine[other._cards[kept]], other._values[kept]], 1), axis=0, return_counts=True)
        return {(self.names[a], other.names[b]): int(n) for (a, b), n in zip(cells, counted, strict=True)}
