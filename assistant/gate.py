"""Decide whether the articles answer a question at all, before anything is said.

Raw cosines are no threshold (e5 gives 0.86 to "weather forecast" against community news), so several signals about the best
sentences are weighed by a logistic model into one probability. Weights: `assistant/calibration.toml`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from assistant.evidence import Evidence, coverage_of, question_units
from assistant.question import Form, Question, Wanted
from index.terms import fold
from index.types import Retrieved

TOP = 3
"""Best sentences that are looked at together."""


def gate_signals(question: Question, evidence: Sequence[Evidence], retrieved: Sequence[Retrieved],
                 rarity: Callable[[str], float]) -> dict[str, float]:
    """Return the signals of the gate: how good, how near and how complete the best evidence is."""
    if not evidence:
        return {}
    best = evidence[:TOP]
    units = question_units(question, rarity)
    said = fold(" ".join(e.sentence.text + " " + e.sentence.place + " " + e.article.title for e in best))
    around = fold(" ".join(f"{r.passage.heading} {r.passage.text}" for r in retrieved[:5]))
    heaviest = max((weight for weight, _ in units), default=0.0)
    rare = [(weight, wordings) for weight, wordings in units if weight >= 0.75 * heaviest]
    english = question.language == "en"
    return {
        "evidence": math.log(max(best[0].score, 1e-6) / (1 - min(best[0].score, 1 - 1e-6))),
        "cosine": (max(e.signals["raw_cosine"] for e in evidence) - (0.83 if english else 0.87)) * 30,
        "passage_cosine": (max(r.dense for r in retrieved) - (0.82 if english else 0.86)) * 30,
        "covered": coverage_of(units, said),
        "near": coverage_of(units, around),
        "rare_near": coverage_of(rare, around),
        "topic": 1.0 if question.topics else 0.0,
        "place": 1.0 if question.places else 0.0,
        "wanted": 1.0 if any(e.signals["wanted"] for e in best) or question.wanted is Wanted.ANY else 0.0,
        "cases": 1.0 if question.form is Form.CASES else 0.0,
        "english": 1.0 if english else 0.0,
        "no_words": 1.0 if not units else 0.0,
    }
