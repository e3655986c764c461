"""Texts of like length in small batches: little is spent on padding, and small ones are faster (eval/LOG.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], length: Callable[[T], int], most: int) -> list[list[T]]:
    """Group items, shortest first, so that a batch padded to its longest has at most `most`; a longer item stands alone."""
    out: list[list[T]] = []
    for item in sorted(items, key=length):
        if not out or (len(out[-1]) + 1) * length(item) > most:
            out.append([])
        out[-1].append(item)
    return out
