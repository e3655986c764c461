"""What can be selected: the places, newspapers and months of the searched articles, each with its number of articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from index.types import Article, Passage


@dataclass(frozen=True, slots=True)
class PlaceNode:
    """A place, how many articles speak of it or of one inside it, and the places inside it by name."""

    name: str
    count: int
    inside: tuple[PlaceNode, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, PlaceNode]]:
        """Yield this place and all inside it, each with its depth, in the order of a tree that is read aloud."""
        yield depth, self
        for place in self.inside:
            yield from place.walk(depth + 1)


@dataclass(frozen=True, slots=True)
class Facets:
    """`sources` are newspapers with counts, the largest first; `months` (YYYY-MM) with counts, the oldest first.

    `undated` articles are in no month and pass no bound of time; one without a newspaper passes no bound of newspapers.
    """

    articles: int
    places: tuple[PlaceNode, ...]
    sources: tuple[tuple[str, int], ...]
    months: tuple[tuple[str, int], ...]
    undated: int


def facets_of(articles: Mapping[str, Article], passages: Iterable[Passage]) -> Facets:
    """Count the articles that the passages belong to; a reprint that is not searched counts for nothing."""
    speaking: dict[tuple[str, ...], set[str]] = {}
    searched: set[str] = set()
    for passage in passages:
        searched.add(passage.article_id)
        for chain in {s.chain for s in passage.sentences}:
            for depth in range(1, len(chain) + 1):
                speaking.setdefault(chain[:depth], set()).add(passage.article_id)
    found = [articles[i] for i in searched]
    sources = Counter(a.source for a in found if a.source)
    months = Counter(a.date[:7] for a in found if a.date)
    return Facets(
        articles=len(found), places=_tree(speaking),
        sources=tuple(sorted(sources.items(), key=lambda row: (-row[1], row[0]))),
        months=tuple(sorted(months.items())), undated=sum(not a.date for a in found),
    )


def _tree(speaking: Mapping[tuple[str, ...], set[str]]) -> tuple[PlaceNode, ...]:
    inside: dict[tuple[str, ...], list[PlaceNode]] = {}
    for chain in sorted(speaking, key=len, reverse=True):
        below = tuple(sorted(inside.pop(chain, ()), key=lambda place: (-place.count, place.name)))
        inside.setdefault(chain[:-1], []).append(PlaceNode(chain[-1], len(speaking[chain]), below))
    return tuple(sorted(inside.get((), ()), key=lambda place: (-place.count, place.name)))
