"""Search: dense (passage and best sentence) and lexical scores, fused, over one published version.

Scores are fused, not ranks: each signal is scaled to [0, 1] over this question's candidates and weighted. The best
sentence of a passage counts beside the passage, because one sentence in ten often answers (see eval/LOG.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.catalog import Catalog
from index.encoder import Encoder
from index.errors import NotFound
from index.lexical import LexicalIndex
from index.terms import terms
from index.types import Article, Passage, Retrieved
from index.vectors import VectorIndex
from index.versions import check_encoder, current, manifest_of

CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares of the three signals in the fused score."""

    passage: float = 0.25
    sentence: float = 0.35
    lexical: float = 0.4


class SearchIndex:
    """One published version, opened for reading; safe to share between threads."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        manifest = manifest_of(folder)
        check_encoder(manifest, encoder)
        self.version = manifest.version
        self.encoder = encoder
        catalog = Catalog(folder)
        self._articles = {a.id: a for a in catalog.articles()}
        self._passages = catalog.passages()
        catalog.close()
        self._row_of = {p.id: row for row, p in enumerate(self._passages)}
        sizes = [len(p.sentences) for p in self._passages]
        self._first = np.concatenate([[0], np.cumsum(sizes)]).astype("int64")
        self._passage_of = np.repeat(np.arange(len(sizes)), sizes)
        self._dense = VectorIndex(folder / "passages.faiss")
        self._sentences = VectorIndex(folder / "sentences.faiss")
        self._lexical = LexicalIndex(folder / "lexical")

    @classmethod
    def open(cls, home: Path, encoder: Encoder) -> SearchIndex:
        """Open the current version in `home`; raises MissingIndex or StaleIndex."""
        return cls(current(home), encoder)

    def articles(self) -> list[Article]:
        return list(self._articles.values())

    def article(self, article_id: str) -> Article:
        if article_id not in self._articles:
            raise NotFound(f"No article {article_id!r} in index version {self.version}.")
        return self._articles[article_id]

    def passage(self, passage_id: str) -> Passage:
        if passage_id not in self._row_of:
            raise NotFound(f"No passage {passage_id!r} in index version {self.version}.")
        return self._passages[self._row_of[passage_id]]

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of a lexical term among the passages."""
        return self._lexical.rarity(term)

    def search(self, query: str, k: int = 10, *, also: Sequence[str] = (), words: Mapping[str, float] | None = None,
               weights: Weights | None = None) -> list[Retrieved]:
        """Return the best `k` passages for `query`, best first.

        `also` are other wordings of the query: a text's cosine is the mean over all of them. `words` are weighted
        lexical terms to search by instead of all the query's own; with none of them only meaning counts.
        """
        if not self._passages:
            return []
        weights = weights or Weights()
        vectors = self.encoder.encode_query([query, *also])
        lexical = self._lexical.search(dict.fromkeys(terms(query), 1.0) if words is None else words, CANDIDATES)
        rows = sorted(self._candidates(vectors) | set(lexical))
        dense = np.mean([self._dense.cosines(v, rows) for v in vectors], axis=0)
        by_sentence = [self._sentence_cosines(vectors, row) for row in rows]
        best = np.array([s.max() for s in by_sentence])
        bm25 = np.array([lexical.get(row, 0.0) for row in rows])
        fused = weights.passage * _scale(dense) + weights.sentence * _scale(best) + weights.lexical * _scale(bm25)
        order = np.argsort(-fused, kind="stable")[:k]
        return [
            Retrieved(
                passage=(passage := self._passages[rows[i]]), article=self._articles[passage.article_id],
                score=float(fused[i]), dense=float(dense[i]), lexical=float(bm25[i]),
                sentence_dense=tuple(map(float, by_sentence[i])),
            )
            for i in order
        ]

    def _candidates(self, vectors: np.ndarray) -> set[int]:
        found: set[int] = set()
        for vector in vectors:
            found.update(self._dense.search(vector, CANDIDATES))
            found.update(int(self._passage_of[row]) for row in self._sentences.search(vector, CANDIDATES))
        return found

    def _sentence_cosines(self, vectors: np.ndarray, row: int) -> np.ndarray:
        rows = list(range(self._first[row], self._first[row + 1]))
        return np.mean([self._sentences.cosines(v, rows) for v in vectors], axis=0)


def _scale(values: np.ndarray) -> np.ndarray:
    """Scale to [0, 1]; equal values become 0."""
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
