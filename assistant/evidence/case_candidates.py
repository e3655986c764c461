"""Cases as candidates for a question: what search, sentences and the reranker say of each, and the bar before its card.

Every case is weighed alone: whether others answer better says nothing of whether it answers. So a question that nothing
answers gets no card, in whatever words it is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.evidence.features import Evidence, Reading, score_sentences
from assistant.evidence.latency_budget import LatencyBudget
from assistant.evidence.rerank import ReadingPlan
from assistant.evidence.reranker import Reranker, Text
from assistant.question.coverage import shares_of
from assistant.question.understand import Question
from assistant.weights.logistic import LogisticModel
from index.errors import RerankerError
from index.text.normalize import fold
from index.types import Article, Case, RetrievedCase, SentenceRole

logger = logging.getLogger(__name__)
TOP = 2
"""Sentences of a case that are looked at together."""


@dataclass(frozen=True, slots=True)
class CaseFeatures:
    """What is seen of a case; what is not said otherwise is a share.

    `search` is the score of its best passage, `near` the cosine of question and case in the space of cases, `near_rank` the
    same in standard deviations from the mean of this question's candidates; `passage_cosine` and `sentence_cosine` are the
    highest of its passages and sentences; `sentence` the score of its best sentence, `both` the mean of its best two;
    `covered` how much of the question the case speaks of; `beside` the probability that the question is not about community
    work at all; `reading` the reranker's logit for the case, `reading_best` that of its best sentence (scaled and bounded; 0
    where the reranker was not asked).
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
    reading: float = 0.0
    reading_best: float = 0.0


@dataclass(frozen=True, slots=True)
class CaseCandidate:
    """A case with its sentences as evidence, in printed order with their roles, and the probability that it answers."""

    case: Case
    article: Article
    evidence: tuple[Evidence, ...]
    roles: tuple[SentenceRole, ...]
    features: CaseFeatures
    score: float = 0.0

    @property
    def was_read(self) -> bool:
        return any(e.reading for e in self.evidence)


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


def read_cases(question: Question, candidates: Sequence[CaseCandidate], reranker: Reranker, plan: ReadingPlan,
               budget: LatencyBudget) -> list[CaseCandidate]:
    """Return the candidates, given best first, with what the reranker says of as many as there is time for.

    What it has not read it counts as one that does not answer. As they were when there is no time or the reranker fails.
    """
    texts = [_text(c, plan.case_window) for c in candidates]
    lengths = np.cumsum([len(text.heading) + sum(map(len, text.sentences)) for _, text in texts])
    with budget.turn(min(plan.budget_for_cases, int(lengths[-1]) if len(lengths) else 0)) as grant:
        count = int(np.searchsorted(lengths, grant.characters, side="right"))
        if not count:
            return list(candidates)
        grant.read = int(lengths[count - 1])
        try:
            scores = reranker.read(question.text, [text for _, text in texts[:count]])
        except RerankerError as error:
            logger.warning("%s", error)
            return list(candidates)
    out = []
    for candidate, (kept, _), said in zip(candidates, texts[:count], scores, strict=False):
        logits = {at: plan.bounded(logit) for at, logit in zip(kept, said.evidence, strict=True)}
        whole, best = plan.bounded(said.answerable), max(logits.values())
        evidence = tuple(
            replace(e, reading=Reading(e.score, logits[i], whole, best) if i in logits else plan.unread(e.score))
            for i, e in enumerate(candidate.evidence))
        out.append(replace(candidate, evidence=evidence,
                           features=replace(candidate.features, reading=whole, reading_best=best)))
    unread = -plan.bound
    return out + [replace(
        c, evidence=tuple(replace(e, reading=plan.unread(e.score)) for e in c.evidence),
        features=replace(c.features, reading=unread, reading_best=unread)) for c in candidates[count:]]


def _text(candidate: CaseCandidate, window: int) -> tuple[list[int], Text]:
    """Return which sentences of a case are read, `window` characters of the likeliest in order, and the text of it."""
    kept: list[int] = []
    left = window
    for i in sorted(range(len(candidate.evidence)), key=lambda i: -candidate.evidence[i].score):
        size = len(candidate.evidence[i].sentence.text)
        if size <= left or not kept:
            kept.append(i)
            left -= size
    kept.sort()
    sentences = tuple(candidate.evidence[i].sentence.text for i in kept)
    return kept, Text(candidate.article.title, sentences, candidate.case.place)
