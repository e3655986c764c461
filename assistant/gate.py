"""Decide whether the articles answer a question at all, before anything is said.

Raw cosines are no threshold (e5 gives 0.86 to "weather forecast" against community news), so several signals about the best
sentences are weighed by a logistic model into one probability. Weights: `assistant/calibration.toml`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from assistant.coverage import coverage_of, question_units, said_in
from assistant.evidence import Evidence
from assistant.question import Form, Question, Wanted
from index.text.normalize import fold
from index.types import Retrieved

TINY = 1e-12
TOP = 3
"""Best sentences that are looked at together."""


def gate_signals(question: Question, evidence: Sequence[Evidence], retrieved: Sequence[Retrieved],
                 rarity: Callable[[str], float]) -> dict[str, float]:
    """Return the signals of the gate: how good, how near and how complete the best evidence is."""
    if not evidence:
        return {}
    best = evidence[:TOP]
    units = question_units(question, rarity)
    covering = fold(" ".join(e.sentence.text + " " + e.sentence.place + " " + e.article.title for e in best))
    around = fold(" ".join(f"{r.passage.heading} {r.passage.text}" for r in retrieved[:5]))
    covered, near = (coverage_of(units, said) for said in said_in(units, covering, around))
    everything = fold(" ".join(r.passage.text for r in retrieved))
    fitting = [e.score for e in evidence if e.signals["wanted"] and e.signals["place"] >= 0]
    english = question.language == "en"
    read = [e.signals for e in evidence if "read" in e.signals]
    return _reader_signals(read) | {
        "evidence": _logit(best[0].score),
        "cosine": (max(e.signals["raw_cosine"] for e in evidence) - (0.83 if english else 0.87)) * 30,
        "passage_cosine": (max(r.dense for r in retrieved) - (0.82 if english else 0.86)) * 30,
        "covered": covered,
        "near": near,
        "topic_absent": sum(not any(fold(w) in everything for w in match.topic.zh) for match in question.topics)
        / max(len(question.topics), 1),
        "wanted_best": _logit(max(fitting, default=0.0)),
        "wanted": 1.0 if any(e.signals["wanted"] for e in best) or question.wanted is Wanted.ANY else 0.0,
        "cases": 1.0 if question.form is Form.CASES else 0.0,
        "english": 1.0 if english else 0.0,
        "no_words": 1.0 if not units else 0.0,
    }


def of_both_gates(reader: float, plain: float) -> float:
    """Return the mean of what the gate says with the reader and without it, taken in logits, the reader's counting twice."""
    odds = (_odds(reader) ** 2 * _odds(plain)) ** (1 / 3)
    return odds / (1 + odds)


def _odds(probability: float) -> float:
    return probability / (1 - probability + TINY)


def _reader_signals(read: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return what the reader says of the whole: its best sentence, window and three sentences; empty without a reader."""
    if not read:
        return {}
    best = sorted((row["read"] for row in read), reverse=True)[:TOP]
    return {"read": best[0], "read_window": max(row["read_window"] for row in read), "read_top": sum(best) / len(best)}


def _logit(p: float) -> float:
    p = min(max(p, 0.002), 0.998)
    return math.log(p / (1 - p))
