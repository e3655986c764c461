"""What a card tells of a case: the need, what was done about it, what came of it, each in the article's own sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.extractive import AnswerCase
from assistant.evidence.case_candidates import CaseCandidate
from assistant.evidence.features import Evidence
from index.text.places import TOWN, level_of
from index.types import SentenceRole

ORDER = (SentenceRole.PROBLEM, SentenceRole.MEASURE, SentenceRole.RESULT)


@dataclass(frozen=True, slots=True)
class CardCut:
    """What a card may hold: characters of all cards together, and of a single one; how many measures and results; and what
    share of the best measure's score a further one needs."""

    characters: int
    card: int
    measures: int
    results: int
    share: float


def cards_of(candidates: Sequence[CaseCandidate], most: int | None, cut: CardCut) -> list[AnswerCase]:
    """Return the cards of the candidates (best first), at most `most`: communities before towns, towns before cities.

    Every card tells a measure and, where the case has one, a result; needs and further measures while there is room.
    """
    shown = [c for c in candidates[:most] if c.evidence]
    shown.sort(key=lambda c: min(_level(c), TOWN), reverse=True)
    room = min(cut.card, cut.characters // max(len(shown), 1))
    return [_card(candidate, room, cut) for candidate in shown]


def _level(candidate: CaseCandidate) -> int:
    return level_of(candidate.case.chain[-1]) if candidate.case.chain else 0


def _card(candidate: CaseCandidate, room: int, cut: CardCut) -> AnswerCase:
    by_role = {role: sorted((e for e, r in zip(candidate.evidence, candidate.roles, strict=True) if r is role),
                            key=lambda e: -e.score) for role in ORDER}
    measures, results, problems = by_role[SentenceRole.MEASURE], by_role[SentenceRole.RESULT], by_role[SentenceRole.PROBLEM]
    kept = measures[:1] + results[:1] or problems[:1]
    left = room - sum(len(e.sentence.text) for e in kept)
    more = [e for e in measures[1:cut.measures] if e.score >= cut.share * measures[0].score]
    for e in (*problems[:1], *more, *results[1:cut.results]):
        if e not in kept and len(e.sentence.text) <= left:
            kept.append(e)
            left -= len(e.sentence.text)
    roles = dict(zip(map(_key, candidate.evidence), candidate.roles, strict=True))
    told = sorted(kept, key=lambda e: (ORDER.index(roles[_key(e)]), e.sentence.start))
    return AnswerCase(candidate.case.place, tuple(told), tuple(roles[_key(e)] for e in told))


def _key(evidence: Evidence) -> tuple[str, int]:
    return evidence.passage.id, evidence.sentence.start
