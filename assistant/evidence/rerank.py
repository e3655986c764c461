"""Read the best sentences again with the reranker, which sees question and sentence together, and weigh them anew.

A cascade: the features of `features.py` choose what is worth reading, windows around those sentences are read until a budget
is used up, and a second logistic model weighs the features and what the reranker says. A sentence that was not read counts
as one that the reranker is sure against.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.evidence.features import Evidence, Reading
from assistant.evidence.latency_budget import LatencyBudget
from assistant.evidence.reranker import Reranker, Text, TextScores
from assistant.weights.logistic import LogisticModel
from index.errors import RerankerError
from index.types import Passage, Retrieved

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What the reranker is given, and how what it says is taken.

    `budget` is the characters read for one question, headlines counted: about as many tokens, as each window holds the
    question too. `window` is the characters of a window, where its sentences allow. Logits are divided by `scale`, to lie
    near [-1, 1] as the other features do; `bound` is the most that they may be, and its negative what an unread sentence
    has. `shares` are those of search, best sentence and best window in the order of the passages; what the answerability
    model with the reranker says counts `counts` times.
    """

    budget: int
    window: int
    scale: float
    bound: float
    shares: Mapping[str, float]
    counts: float

    def bounded(self, logit: float) -> float:
        """Return a logit on the scale of the features."""
        return max(min(logit / self.scale, self.bound), -self.bound)

    def unread(self, first_score: float) -> Reading:
        """Return the reading of a sentence that was not read."""
        return Reading(first_score, -self.bound, -self.bound, -self.bound)


def rerank(question: str, evidence: Sequence[Evidence], reranker: Reranker, model: LogisticModel, plan: ReadingPlan,
           budget: int) -> list[Evidence]:
    """Return `evidence`, given best first, scored anew after reading `budget` characters of it: best first again."""
    windows = choose_windows(evidence, budget, plan.window)
    texts = [Text(w.title, tuple(s.text for s in w.passage.sentences[w.first:w.end]), w.place) for w in windows]
    seen: dict[tuple[str, int], Reading] = {}
    for window, scores in zip(windows, reranker.read(question, texts), strict=True):
        for at, reading in enumerate(_readings(scores, plan), start=window.first):
            key = (window.passage.id, window.passage.sentences[at].start)
            if key not in seen or reading.logit > seen[key].logit:
                seen[key] = reading
    best = max((reading.logit for reading in seen.values()), default=-plan.bound)
    out = []
    for e in evidence:
        reading = seen.get((e.passage.id, e.sentence.start)) or plan.unread(e.score)
        reading = replace(reading, first_score=e.score, logit_behind=reading.logit - best)
        out.append(replace(e, score=model.probability(e.features, reading), reading=reading))
    return sorted(out, key=lambda e: -e.score)


def rerank_all(rounds: Sequence[tuple[str, list[Evidence]]], reranker: Reranker, model: LogisticModel, plan: ReadingPlan,
               latency_budget: LatencyBudget, budget: int) -> list[list[Evidence]]:
    """Return each question's evidence read again, in one turn; as it was when there is no time or the reranker fails.

    `budget` is what each question may read, in characters.
    """
    found, before = sum(bool(evidence) for _, evidence in rounds), [evidence for _, evidence in rounds]
    if not found:
        return before
    with latency_budget.turn(budget * found) as grant:
        if not grant.characters:
            return before
        grant.read = grant.characters
        try:
            return [rerank(question, evidence, reranker, model, plan, grant.characters // found) if evidence else evidence
                    for question, evidence in rounds]
        except RerankerError as error:
            logger.warning("%s", error)
            return before


def ranked(retrieved: Sequence[Retrieved], evidence: Sequence[Evidence], plan: ReadingPlan) -> list[Retrieved]:
    """Return the passages in the order that search, their best sentence and their best window together give them."""
    sentence: dict[str, float] = {}
    window: dict[str, float] = {}
    for e in evidence:
        sentence[e.passage.id] = max(e.score, sentence.get(e.passage.id, 0.0))
        logit = e.reading.window_logit if e.reading else -plan.bound
        window[e.passage.id] = max(1 / (1 + math.exp(-plan.scale * logit)), window.get(e.passage.id, 0.0))
    shares = plan.shares
    again = [replace(r, score=shares["search"] * r.score + shares["sentence"] * sentence.get(i, 0.0)
                     + shares["window"] * window.get(i, 0.0)) for r in retrieved for i in [r.passage.id]]
    return sorted(again, key=lambda r: -r.score)


def was_reranked(evidence: Sequence[Evidence]) -> bool:
    """Tell whether the reranker had a say in any of it."""
    return any(e.reading for e in evidence)


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences `first` to `end` (exclusive) of a passage, under their place and headline."""

    passage: Passage
    title: str
    place: str
    first: int
    end: int


def as_before(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return what was read with the scores it had before, best first."""
    return sorted((replace(e, score=e.first_score) for e in evidence), key=lambda e: -e.score)


def choose_windows(evidence: Sequence[Evidence], budget: int, window: int) -> list[Window]:
    """Return what to read: the sentences around each of the best, until the budget is used up."""
    windows: list[Window] = []
    covered: set[tuple[str, int]] = set()
    left = budget
    for e in evidence:
        if (e.passage.id, e.sentence.start) in covered:
            continue
        first, end = _around(e, window)
        place = e.sentence.place or e.article.place
        left -= len(e.article.title) + sum(len(s.text) for s in e.passage.sentences[first:end])
        if left < 0 and windows:
            break
        windows.append(Window(e.passage, e.article.title, place, first, end))
        covered |= {(e.passage.id, s.start) for s in e.passage.sentences[first:end]}
    return windows


def _around(e: Evidence, window: int) -> tuple[int, int]:
    """Return the range of sentences around one, up to `window` characters: what follows first, then what stands before."""
    sentences = e.passage.sentences
    first = next(i for i, s in enumerate(sentences) if s.start == e.sentence.start)
    end, used = first + 1, len(e.sentence.text)
    while end < len(sentences) and used + len(sentences[end].text) <= window:
        used += len(sentences[end].text)
        end += 1
    while first > 0 and used + len(sentences[first - 1].text) <= window:
        first -= 1
        used += len(sentences[first].text)
    return first, end


def _readings(scores: TextScores, plan: ReadingPlan) -> list[Reading]:
    """Return one reading a sentence of a window; what depends on the others is not filled in yet."""
    window, best = plan.bounded(scores.answerable), plan.bounded(max(scores.evidence))
    spans = scores.spans or (None,) * len(scores.evidence)
    return [Reading(0.0, plan.bounded(logit), window, best, span=span)
            for logit, span in zip(scores.evidence, spans, strict=True)]
