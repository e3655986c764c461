"""How each part of the search would rank the candidates of them all: every signal alone, without one, other shares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.question.understand import Question
from index.search.engine import SearchIndex, Weights, bundled_weights, fuse
from index.text.tokens import terms
from index.types import Passage, Retrieved

ALL = 1_000_000
"""More passages than any search has candidates."""
SHARES = (0.1, 0.2, 0.3, 0.5, 0.6, 0.7)
"""Other shares of words in the fused score, the two kinds of vectors keeping their proportion."""
SATURATED = 2.2
"""The most that BM25 with k1 = 1.2 gives for one term, in its inverse document frequencies."""
RRF = 60
"""The constant of reciprocal rank fusion (Cormack et al. 2009)."""


def rankings(index: SearchIndex, question: Question) -> dict[str, list[tuple[str, Passage]]]:
    """Return (file, passage), best first, as each part of the search would rank the candidates of them all."""
    found = index.search(**question.query(), k=ALL)
    if not found:
        return {}
    dense, lexical = np.array([r.dense for r in found]), np.array([r.lexical for r in found])
    sentence = np.array([max(r.sentence_dense) for r in found])
    given = bundled_weights()

    def fused(**without: float) -> np.ndarray:
        return fuse(replace(given, **without), dense, sentence, lexical)

    def shared(words: float) -> np.ndarray:
        rest = (1 - words) / (given.passage + given.sentence)
        return fuse(Weights(given.passage * rest, given.sentence * rest, words), dense, sentence, lexical)

    scores = {f"words {share}": shared(share) for share in SHARES} | {
        "passage": dense, "sentence": sentence, "lexical": lexical,
        "vectors": fused(lexical=0.0), "no passage": fused(passage=0.0), "no sentence": fused(sentence=0.0),
        "reciprocal ranks": _reciprocal(dense) + _reciprocal(lexical) * (lexical > 0),
        "fused": np.array([r.score for r in found]),
    }
    return {part: [_named(found[i]) for i in np.argsort(-values, kind="stable")] for part, values in scores.items()}


def matched_words(index: SearchIndex, question: Question) -> float:
    """Return the best BM25 score of a question's own words as a share of the most it could be, from 0 to about 1."""
    words = {term: 1.0 for run in question.runs for term in terms(run)}
    most = sum(SATURATED * index.rarity(term) for term in words)
    found = index.search(question.text, 1, words=words, weights=Weights(0.0, 0.0, 1.0))
    return found[0].lexical / most if most and found else 0.0


def _reciprocal(scores: np.ndarray) -> np.ndarray:
    order = np.argsort(-scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    return 1 / (RRF + ranks)


def _named(r: Retrieved) -> tuple[str, Passage]:
    return r.article.file, r.passage
