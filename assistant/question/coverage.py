"""What a sentence should speak of to answer a question, and how much of that a text speaks of.

A unit is a content word of the question, or a glossary topic, of which any wording will do. Rare words weigh more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass

from index.search.glossary import Match
from index.text.normalize import fold
from index.text.tokens import terms

CONTEXT_WEIGHT = 0.7
"""Weight of a word that a question takes over from the turn before it, or that it may mean by a typo."""
NEAR_TOPIC = 0.5
"""Weight of a topic that the question only comes near to."""
LEAST_TOPIC = 2.0
"""A topic weighs at least this, however common its standard term is."""
PARTLY = 0.7
"""Credit for a wording whose bigrams are all there, though not in one piece."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A thing to be spoken of: its weight, and the wordings that count (folded), each with its lexical terms; `parts`
    are all of both."""

    weight: float
    wordings: tuple[tuple[str, tuple[str, ...]], ...]
    parts: frozenset[str]

    def part_of(self, said: Set[str]) -> float:
        """Return how far a text speaks of it, from 0 to 1; `said` are the wordings and terms that stand in the text."""
        if self.parts.isdisjoint(said):
            return 0.0
        if any(wording in said for wording, _ in self.wordings):
            return 1.0
        return PARTLY * max((_share(pieces, said) for _, pieces in self.wordings), default=0.0)


def units_of(topics: Sequence[Match], near_topics: Sequence[Match], words: Sequence[str], context: Sequence[str],
             rarity: Callable[[str], float]) -> tuple[Unit, ...]:
    """Return the units of a question: its topics, those it comes near to, its words, and words that count less than its own.

    `rarity` is the inverse document frequency of a lexical term. Words that a topic's wording holds are counted with it.
    """
    units = []
    for match in topics:
        own = [match.wording] if not match.wording.isascii() else []
        units.append(_unit(max(_rarity(match.topic.zh[0], rarity), LEAST_TOPIC), [*match.topic.zh, *own]))
    for match in near_topics:
        weight = NEAR_TOPIC * max(_rarity(match.wording, rarity), LEAST_TOPIC)
        units.append(_unit(weight, [match.wording, *match.topic.zh]))
    held = "".join(match.wording for match in topics)
    units += [_unit(_rarity(word, rarity), [word]) for word in words if fold(word) not in held]
    return (*units, *(_unit(CONTEXT_WEIGHT * _rarity(word, rarity), [word]) for word in context))


def said_in(units: Sequence[Unit], *texts: str) -> list[frozenset[str]]:
    """Return for each folded text which of the units' wordings and terms stand in it."""
    looked_for = frozenset[str]().union(*(unit.parts for unit in units))
    return [frozenset(part for part in looked_for if part in text) for text in texts]


def coverage_of(units: Sequence[Unit], said: Set[str]) -> float:
    """Return the share of the units' weight that a text speaks of, from 0 to 1; `said` is what `said_in` gave for it."""
    total = sum(unit.weight for unit in units)
    return sum(unit.weight * unit.part_of(said) for unit in units) / total if total else 0.0


def shares_of(units: Sequence[Unit], *texts: str) -> list[float]:
    """Return for each folded text the share of the units' weight that it speaks of."""
    return [coverage_of(units, said) for said in said_in(units, *texts)]


def shares_beside(units: Sequence[Unit], sentences: Sequence[str], whole: str) -> tuple[list[float], list[float], float]:
    """Return the shares that folded sentences speak of alone and with their two neighbours, and that the whole speaks of."""
    *said, everything = said_in(units, *sentences, whole)
    with_neighbours = [frozenset().union(*said[max(0, i - 1):i + 2]) for i in range(len(said))]
    return ([coverage_of(units, one) for one in said], [coverage_of(units, three) for three in with_neighbours],
            coverage_of(units, everything))


def _unit(weight: float, wordings: Iterable[str]) -> Unit:
    found = tuple((fold(w), tuple(terms(w))) for w in wordings)
    return Unit(weight, found, frozenset(part for wording, pieces in found for part in (wording, *pieces)))


def _rarity(word: str, rarity: Callable[[str], float]) -> float:
    found = [rarity(term) for term in terms(word)]
    return sum(found) / len(found) if found else 0.0


def _share(pieces: Sequence[str], said: Set[str]) -> float:
    """Return the share of a wording's terms that were said: 0 for a lone term, which is the wording."""
    return sum(piece in said for piece in pieces) / len(pieces) if len(pieces) > 1 else 0.0
