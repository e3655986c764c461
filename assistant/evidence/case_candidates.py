"""Cases as candidates for a question: what search and sentences say of each, and how likely it answers.

Every case is weighed alone: whether others answer better says nothing of whether it answers. So a question that nothing
answers gets no card, in whatever words it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.evidence.features import Evidence, score_sentences
from assistant.question.coverage import shares_of
from assistant.question.understand import Question
from assistant.weights.logistic import LogisticModel
from index.text.normalize import fold
from index.types import Article, Case, RetrievedCase, SentenceRole

TOP = 2
"""Sentences of a case that are looked at together."""


@dataclass(frozen=True, slots=True)
class CaseFeatures:
    """What is seen of a case; what is not said otherwise is a share.

    `search` is the score of its best passage, `near` the cosine of question and case in the space of cases, `near_rank` the
    same in standard deviations from the mean of this question's candidates; `passage_cosine` and `sentence_cosine` are the
    highest of its passages and sentences; `sentence` the score of its best sentence, `both` the mean of its best two;
    `covered` how much of the question the case speaks of; `beside` the probability that the question is not about community
    work at all.
    """

    search: float
    near: float
    near_rank: float
    passage_cosine: float
    sentence_cosine: float
    sentence: float
    both: float
    covered: float
    beside: float


@dataclass(frozen=True, slots=True)
class CaseCandidate:
    """A case with its sentences as evidence, in printed order with their roles, and the probability that it answers."""

    case: Case
    article: Article
    evidence: tuple[Evidence, ...]
    roles: tuple[SentenceRole, ...]
    features: CaseFeatures
    score: float = 0.0


def candidates_of(question: Question, found: Sequence[RetrievedCase], sentences: LogisticModel) -> list[CaseCandidate]:
    """Return the cases found as candidates, in their order; `sentences` weighs their sentences."""
    if not found:
        return []
    passages = {r.passage.id: r for one in found for r in one.passages}
    scored = {(e.passage.id, e.sentence.start): e for e in score_sentences(question, list(passages.values()), sentences)}
    near = np.array([one.near for one in found])
    middle, spread = float(near.mean()), float(near.std()) or 1.0
    out = []
    for one in found:
        told = [(scored[key], s.role) for s in one.case.telling
                if (key := (s.passage_id, s.sentence.start)) in scored]
        if not told:
            continue
        best = sorted((e.score for e, _ in told), reverse=True)[:TOP]
        text = fold(f"{one.case.place} {one.article.title} " + "".join(e.sentence.text for e, _ in told))
        seen = CaseFeatures(
            search=one.score, near=one.near, near_rank=(one.near - middle) / spread,
            passage_cosine=max(r.dense for r in one.passages), sentence_cosine=max(e.features.raw_cosine for e, _ in told),
            sentence=best[0], both=sum(best) / len(best), covered=shares_of(question.units, text)[0],
            beside=question.beside)
        out.append(CaseCandidate(one.case, one.article, tuple(e for e, _ in told), tuple(role for _, role in told), seen))
    return out


def weighed(candidates: Sequence[CaseCandidate], model: LogisticModel) -> list[CaseCandidate]:
    """Return the candidates with their probabilities, best first."""
    scored = [replace(c, score=model.probability(c.features)) for c in candidates]
    return sorted(scored, key=lambda c: -c.score)


def card_key(case: Case) -> tuple[str, str]:
    """Return what cases that one card tells have in common: the article, and the place where one is known."""
    return case.article_id, case.place or case.id


def joined(candidates: Sequence[CaseCandidate]) -> list[CaseCandidate]:
    """Return the candidates, given best first, with those of one place in one article as one: one card tells them."""
    groups: dict[tuple[str, str], list[CaseCandidate]] = {}
    for c in candidates:
        groups.setdefault(card_key(c.case), []).append(c)
    return [_one_of(group) for group in groups.values()]


def _one_of(group: Sequence[CaseCandidate]) -> CaseCandidate:
    if len(group) == 1:
        return group[0]
    told = sorted(((e, role) for c in group for e, role in zip(c.evidence, c.roles, strict=True)),
                  key=lambda pair: pair[0].sentence.start)
    return replace(group[0], evidence=tuple(e for e, _ in told), roles=tuple(role for _, role in told))
