"""What a card tells of a case: the need, what was done about it, what came of it, each in the article's own sentence.

Two logistic models say of each sentence of a case how likely a reader wants to see it, and how likely it tells what came of
it. A card holds the likeliest ones, in the order need, measure, result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.extractive import AnswerCase
from assistant.evidence.case_candidates import CaseCandidate
from assistant.evidence.features import Evidence
from assistant.weights.logistic import LogisticModel
from index.text.places import TOWN, level_of
from index.types import SentenceRole

ORDER = (SentenceRole.PROBLEM, SentenceRole.MEASURE, SentenceRole.RESULT)
LONG = 150
"""Characters beyond which a sentence counts as no longer."""


@dataclass(frozen=True, slots=True)
class ToldFeatures:
    """What is seen of a sentence within its case; 1.0 for yes where it is not said otherwise.

    `score` is the logarithm of its score as evidence, `length` in fifties of characters, `position` from 0 for the first
    sentence of the case to 1 for the last; `first`, `problem`, `measure`, `result` by its role; `digits`, `plan`, `speech`
    as for any evidence.
    """

    score: float
    length: float
    position: float
    first: float
    problem: float
    measure: float
    result: float
    digits: float
    plan: float
    speech: float


@dataclass(frozen=True, slots=True)
class CardCut:
    """What cards may hold: characters of all cards together, of a single one at least and at most, sentences of one; the
    probability from which a sentence is told beyond the first, and from which one tells what came of it."""

    characters: int
    least: int
    most: int
    sentences: int
    told: float
    ended: float


@dataclass(frozen=True, slots=True)
class CardModels:
    """How likely a sentence is wanted on the card of its case, and how likely it tells what came of it."""

    told: LogisticModel
    ended: LogisticModel


def told_features(candidate: CaseCandidate) -> list[ToldFeatures]:
    """Return the features of a case's sentences, in their order."""
    last = max(len(candidate.evidence) - 1, 1)
    return [ToldFeatures(
        score=math.log(e.score + 0.01), length=min(len(e.sentence.text), LONG) / 50, position=i / last, first=float(i == 0),
        problem=float(role is SentenceRole.PROBLEM), measure=float(role is SentenceRole.MEASURE),
        result=float(role is SentenceRole.RESULT), digits=e.features.digits, plan=e.features.plan, speech=e.features.speech)
        for i, (e, role) in enumerate(zip(candidate.evidence, candidate.roles, strict=True))]


def cards_of(candidates: Sequence[CaseCandidate], first: int, models: CardModels, cut: CardCut) -> list[AnswerCase]:
    """Return the cards of the candidates, given best first: communities before towns, towns before cities.

    The first `first` come before all others and share the characters of an answer: a list that goes on begins the same.
    """
    room = max(cut.least, min(cut.most, cut.characters // max(min(len(candidates), first), 1)))
    shown = [one for part in (candidates[:first], candidates[first:])
             for one in sorted(part, key=lambda c: min(_level(c), TOWN), reverse=True)]
    return [_card(candidate, room, models, cut) for candidate in shown]


def _level(candidate: CaseCandidate) -> int:
    return level_of(candidate.case.chain[-1]) if candidate.case.chain else 0


def _card(candidate: CaseCandidate, room: int, models: CardModels, cut: CardCut) -> AnswerCase:
    seen = told_features(candidate)
    told, ended = ([model.probability(one) for one in seen] for model in (models.told, models.ended))
    best = sorted(range(len(seen)), key=lambda i: -told[i])
    result = max(range(len(seen)), key=lambda i: ended[i])
    kept: list[int] = []
    left = room
    for i in (best[0], *([result] if ended[result] >= cut.ended else []), *best[1:]):
        size = len(candidate.evidence[i].sentence.text)
        wanted = not kept or i == result or told[i] >= cut.told
        if i not in kept and wanted and len(kept) < cut.sentences and (size <= left or not kept):
            kept.append(i)
            left -= size
    kept.sort(key=lambda i: (ORDER.index(candidate.roles[i]), i))
    evidence: tuple[Evidence, ...] = tuple(candidate.evidence[i] for i in kept)
    return AnswerCase(candidate.case.place, evidence, tuple(candidate.roles[i] for i in kept))
