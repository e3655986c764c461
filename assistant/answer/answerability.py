"""Decide whether the articles answer a question at all, before anything is said.

Raw cosines are no threshold (e5 gives 0.86 to "weather forecast" against community news), so several features of the best
sentences are weighed by a logistic model into one probability. Weights: `assistant/weights/evidence.toml`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.evidence.features import Evidence
from assistant.question.coverage import shares_of
from assistant.question.forms import Form, Wanted
from assistant.question.understand import Question
from index.text.normalize import fold
from index.types import Retrieved

TINY = 1e-12
TOP = 3
"""Best sentences that are looked at together."""


@dataclass(frozen=True, slots=True)
class CosineScale:
    """What counts as 0 among an encoder's cosines, by language of the question, and the factor for what is above it."""

    sentence: Mapping[str, float]
    passage: Mapping[str, float]
    slope: float


@dataclass(frozen=True, slots=True)
class BestReading:
    """What the reranker says of the whole: its best sentence, its best window, the mean of its best three sentences."""

    logit: float
    window_logit: float
    top_logits: float


@dataclass(frozen=True, slots=True)
class AnswerabilityFeatures:
    """How good, how near and how complete the best evidence is; `reading` is None where nothing was reranked.

    `evidence` is the logit of the best sentence's score, `wanted_best` that of the best one that holds the kind of thing
    asked for and is about no other place; the cosines are the highest, on a `CosineScale`; `covered` is how much of the
    question the best three sentences speak of, `near` how much the nearest passages do; `topic_absent` is the share of its
    topics that no passage speaks of. The others are 1.0 for yes: one of the best sentences holds what is `wanted`, the
    question asks after `cases`, is in `english`, has `no_words` to look for.
    """

    evidence: float
    cosine: float
    passage_cosine: float
    covered: float
    near: float
    topic_absent: float
    wanted: float
    wanted_best: float
    cases: float
    english: float
    no_words: float
    reading: BestReading | None = None


def answerability_features(question: Question, evidence: Sequence[Evidence], retrieved: Sequence[Retrieved],
                           scale: CosineScale) -> AnswerabilityFeatures | None:
    """Return the features of a question whose evidence is given best first; None when there is no evidence."""
    if not evidence:
        return None
    best, language = evidence[:TOP], question.language
    covering = fold(" ".join(e.sentence.text + " " + e.sentence.place + " " + e.article.title for e in best))
    around = fold(" ".join(f"{r.passage.heading} {r.passage.text}" for r in retrieved[:5]))
    covered, near = shares_of(question.units, covering, around)
    everything = fold(" ".join(r.passage.text for r in retrieved))
    fitting = [e.score for e in evidence if e.features.wanted and e.features.place >= 0]
    cosine, passage_cosine = max(e.features.raw_cosine for e in evidence), max(r.dense for r in retrieved)
    return AnswerabilityFeatures(
        evidence=_logit(best[0].score),
        cosine=(cosine - scale.sentence[language]) * scale.slope,
        passage_cosine=(passage_cosine - scale.passage[language]) * scale.slope,
        covered=covered,
        near=near,
        topic_absent=sum(not any(fold(w) in everything for w in match.topic.zh) for match in question.topics)
        / max(len(question.topics), 1),
        wanted=float(any(e.features.wanted for e in best) or question.wanted is Wanted.ANY),
        wanted_best=_logit(max(fitting, default=0.0)),
        cases=float(question.form is Form.CASES),
        english=float(language == "en"),
        no_words=float(not question.units),
        reading=_best_reading(evidence),
    )


def combined_probability(reranked: float, plain: float, counts: float) -> float:
    """Return the mean of what is said with and without the reranker, in logits; the first counts `counts` times."""
    odds = (_odds(reranked) ** counts * _odds(plain)) ** (1 / (counts + 1))
    return odds / (1 + odds)


def _odds(probability: float) -> float:
    return probability / (1 - probability + TINY)


def _best_reading(evidence: Sequence[Evidence]) -> BestReading | None:
    read = [e.reading for e in evidence if e.reading]
    if not read:
        return None
    best = sorted((reading.logit for reading in read), reverse=True)[:TOP]
    return BestReading(best[0], max(reading.window_logit for reading in read), sum(best) / len(best))


def _logit(p: float) -> float:
    p = min(max(p, 0.002), 0.998)
    return math.log(p / (1 - p))
