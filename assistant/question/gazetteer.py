"""The places that the articles speak about, and which of them a question names: in full, by stem, or in pinyin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

import rjieba
from pypinyin import lazy_pinyin

from index.text.normalize import fold
from index.text.places import ADMINISTRATIVE, find_mentions, level_of, stem_of
from index.text.tokens import terms

_SUFFIX = re.compile(ADMINISTRATIVE)


class Gazetteer:
    """Knows the places of one index; `chains` are places as sentences carry them, each with those it lies in."""

    def __init__(self, chains: Iterable[tuple[str, ...]]) -> None:
        self._chains = sorted(set(chains))
        names = {name for chain in self._chains for name in chain}
        self._names = sorted(names, key=lambda name: (-len(name), name))
        self._stems = frozenset(map(stem_of, names))

    def find(self, text: str) -> list[tuple[str, ...]]:
        """Return the places named in `text` in its order: one tuple a mention, of all names that it can mean.

        和顺 may mean 和顺社区 or 和顺街道; 和顺社区 means itself, and 和顺镇 neither.
        English text is matched by pinyin (Huanghe).
        """
        groups: dict[int, list[str]] = {}
        folded = fold(text)
        rest = text
        for name in self._names:
            position = rest.find(name)
            if position >= 0:
                groups.setdefault(position, []).append(name)
                rest = rest.replace(name, "\0" * len(name))
        in_full = {name for names in groups.values() for name in names}
        edges = _edges(text)
        for name in self._names:
            position = rest.find(stem_of(name))
            end = position + len(stem_of(name))
            # 太阳村 is not meant by 太阳能, and 和顺社区 not by 和顺镇
            stands = position >= 0 and name not in in_full and {position, end} <= edges
            if stands and not _is_named_otherwise(rest, end, edges):
                groups.setdefault(position, []).append(name)
        if not groups and re.search(r"[a-z]{4}", folded):
            for name in self._names:
                found = re.search(rf"\b{pinyin_of(stem_of(name))}\b", folded)
                if found:
                    groups.setdefault(found.start(), []).append(name)
        return [tuple(names) for _, names in sorted(groups.items())]

    def shares_stem(self, name: str) -> bool:
        """Tell whether a place is known that is called like `name`, the suffix aside."""
        return stem_of(name) in self._stems

    def narrowest(self, mentions: list[tuple[str, ...]]) -> str:
        """Return the place of the lowest level among the mentions."""
        return max((names[0] for names in mentions), key=level_of)

    def apart(self, groups: list[tuple[str, ...]]) -> bool:
        """Tell whether two mentions are different places, none of them inside the other."""
        return any(
            not any(a in chain and b in chain for a in first for b in second for chain in self._chains)
            for i, first in enumerate(groups) for second in groups[i + 1:]
        )


def _is_named_otherwise(text: str, end: int, edges: set[int]) -> bool:
    """Tell whether the suffix of a place is the next word: with it, what ends at `end` is the name of that place alone."""
    suffix = _SUFFIX.match(text, end)
    return suffix is not None and suffix.end() in edges


def _edges(text: str) -> set[int]:
    """Return where the words of `text` begin and end, as a segmenter parts them, at its finest."""
    edges, offset = {0}, 0
    for word in rjieba.cut(text):
        offset += len(word)
        edges.add(offset)
    return edges


@lru_cache(maxsize=4096)
def pinyin_of(name: str) -> str:
    """Return the name's pinyin without tones or spaces, as English texts print it."""
    return "".join(lazy_pinyin(name))


def foreign_places(text: str, gazetteer: Gazetteer, is_printed: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the places named in a question without known places that are printed nowhere, not even by their stem.

    A stem that a known place has says nothing of another one: it must be printed in full.
    """
    named = [name for mention in find_mentions(text) for name in mention.parts]
    looked_for = [name if gazetteer.shares_stem(name) else stem_of(name) for name in named]
    return tuple(name for name, words in zip(named, looked_for, strict=True) if not all(map(is_printed, terms(words))))
