"""Search: dense (passage and best sentence) and lexical scores, fused, over one published version.

Scores are fused, not ranks: each signal is scaled to [0, 1] over this question's candidates and weighted. The best
sentence of a passage counts beside the passage, because one sentence in ten often answers (see eval/LOG.md).
"""

from __future__ import annotations

import os
import tomllib
import weakref
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from index.catalog.catalog import CATALOG, Catalog
from index.embedding.encoder import Encoder
from index.errors import MissingIndex, NotFound
from index.search.case_index import CaseIndex
from index.search.facets import Facets, facets_of
from index.search.filters import Filters
from index.search.lexical import LexicalIndex
from index.search.shards import LEXICAL
from index.search.vectors import VectorIndex
from index.search.versions import check_encoder, check_sizes, current, lease, manifest_of
from index.sqlite import damage_named
from index.text.tokens import terms
from index.types import Article, Passage, Retrieved, RetrievedCase

CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares of the three signals in the fused score."""

    passage: float
    sentence: float
    lexical: float


@cache
def bundled_weights() -> Weights:
    """Return the shares of `fusion.toml`."""
    return Weights(**tomllib.loads(Path(__file__).with_name("fusion.toml").read_text(encoding="utf-8"))["shares"])


class SearchIndex:
    """One published version, opened for reading; safe to share between threads."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        weakref.finalize(self, os.close, lease(folder))
        manifest = manifest_of(folder)
        check_encoder(manifest, encoder)
        check_sizes(folder, manifest)
        self.version = manifest.version
        self.encoder = encoder
        with damage_named(folder / CATALOG), closing(Catalog(folder)) as catalog:
            self._articles = {a.id: a for a in catalog.articles()}
            self._passages = catalog.passages(self._articles)
        self._row_of = {p.id: row for row, p in enumerate(self._passages)}
        sizes = [len(p.sentences) for p in self._passages]
        self._first = np.concatenate([[0], np.cumsum(sizes)]).astype("int64")
        self._passage_of = np.repeat(np.arange(len(sizes)), sizes)
        self._dense = VectorIndex([shard.passages_file(folder) for shard in manifest.shards])
        self._sentences = VectorIndex([shard.sentences_file(folder) for shard in manifest.shards])
        self._lexical = LexicalIndex(folder / LEXICAL)
        self.cases = CaseIndex(folder, manifest.shards, {p.id: p for p in self._passages}, encoder.name)

    @classmethod
    def open(cls, home: Path, encoder: Encoder) -> SearchIndex:
        """Open the current version in `home`; raises MissingIndex, StaleIndex or DamagedIndex."""
        folder = current(home)
        try:
            return cls(folder, encoder)
        except MissingIndex:
            if current(home) == folder:
                raise
            return cls.open(home, encoder)  # replaced and cleaned up since its name was read

    def articles(self) -> list[Article]:
        return list(self._articles.values())

    def article(self, article_id: str) -> Article:
        if article_id not in self._articles:
            raise NotFound(f"No article {article_id!r} in index version {self.version}.")
        return self._articles[article_id]

    def passages(self) -> list[Passage]:
        return list(self._passages)

    def passage(self, passage_id: str) -> Passage:
        if passage_id not in self._row_of:
            raise NotFound(f"No passage {passage_id!r} in index version {self.version}.")
        return self._passages[self._row_of[passage_id]]

    @cached_property
    def facets(self) -> Facets:
        """What can be selected among the articles of this version, with counts."""
        return facets_of(self._articles, self._passages)

    def selected(self, filters: Filters) -> int:
        """Return how many articles hold something that passes the filters."""
        return len({self._passages[row].article_id for row in self._allowed(filters)})

    def sentence_vectors(self, passage_id: str) -> np.ndarray:
        """Return the unit vectors of a passage's sentences, shape (sentences, dimension); NotFound when it is not held."""
        row = self._row_of[self.passage(passage_id).id]
        return self._sentences.vectors(list(range(self._first[row], self._first[row + 1])))

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of a lexical term among the passages."""
        return self._lexical.rarity(term)

    def is_printed(self, term: str) -> bool:
        """Tell whether any passage holds a lexical term."""
        return self._lexical.holds(term)

    def search(self, query: str, k: int = 10, *, also: Sequence[str] = (), words: Mapping[str, float] | None = None,
               weights: Weights | None = None, filters: Filters | None = None) -> list[Retrieved]:
        """Return the best `k` passages for `query` that pass the filters, best first.

        `also` are other wordings of the query: a text's cosine is the mean over all of them. `words` are weighted
        lexical terms to search by instead of all the query's own; with none of them only meaning counts.
        """
        allowed = self._allowed(filters) if filters else None
        if not self._passages or allowed == []:
            return []
        vectors = self.encoder.encode_query([query, *also])
        lexical, rows = self._found(query, vectors, words, allowed)
        return self._scored(vectors, lexical, rows, weights or bundled_weights())[:k]

    def search_cases(self, query: str, k: int = 50, *, also: Sequence[str] = (), words: Mapping[str, float] | None = None,
                     filters: Filters | None = None) -> list[RetrievedCase]:
        """Return the `k` cases that look likeliest to answer, best first, each with all passages that tell it.

        A case is found by its own vector, and by its passages as `search` finds them; the arguments are those of `search`.
        """
        allowed = self._allowed(filters) if filters else None
        if not len(self.cases) or allowed == []:
            return []
        vectors = self.encoder.encode_query([query, *also])
        lexical, rows = self._found(query, vectors, words, allowed)
        may = {self._passages[row].id for row in allowed} if allowed is not None else None
        near = self.cases.nearest(vectors, CANDIDATES, None if may is None else (
            lambda case: not may.isdisjoint(s.passage_id for s in case.telling)))
        found = list(dict.fromkeys([*near, *self.cases.told_in(self._passages[row].id for row in rows)]))
        cases = [self.cases.case(row) for row in found]
        told = {i for case in cases for s in case.telling if (i := s.passage_id) and (may is None or i in may)}
        by_id = {r.passage.id: r for r in self._scored(
            vectors, lexical, sorted({*rows, *(self._row_of[i] for i in told)}), bundled_weights())}
        out = []
        for case, cosine in zip(cases, self.cases.cosines(vectors, found), strict=True):
            passages = tuple(by_id[i] for i in dict.fromkeys(s.passage_id for s in case.telling) if i in told)
            if passages:
                out.append(RetrievedCase(case, self._articles[case.article_id], passages,
                                         max(r.score for r in passages), float(cosine)))
        order = fuse_cases([r.score for r in out], [r.near for r in out])
        return [out[i] for i in order[:k]]

    def _found(self, query: str, vectors: np.ndarray, words: Mapping[str, float] | None,
               allowed: list[int] | None) -> tuple[dict[int, float], list[int]]:
        """Return the lexical scores by row, and the rows of the candidates."""
        words = dict.fromkeys(terms(query), 1.0) if words is None else words
        if allowed is None:
            lexical = self._lexical.search(words, CANDIDATES)
            return lexical, sorted(self._candidates(vectors) | set(lexical))
        lexical = self._lexical.search(words, len(self._passages))
        return lexical, self._nearest(vectors, allowed, lexical)

    def _scored(self, vectors: np.ndarray, lexical: Mapping[int, float], rows: list[int],
                weights: Weights) -> list[Retrieved]:
        """Return the passages of the rows with their scores, best first."""
        dense = np.mean([self._dense.cosines(v, rows) for v in vectors], axis=0)
        by_sentence = [self._sentence_cosines(vectors, row) for row in rows]
        best = np.array([s.max() for s in by_sentence])
        bm25 = np.array([lexical.get(row, 0.0) for row in rows])
        fused = fuse(weights, dense, best, bm25)
        return [
            Retrieved(
                passage=(passage := self._passages[rows[i]]), article=self._articles[passage.article_id],
                score=float(fused[i]), dense=float(dense[i]), lexical=float(bm25[i]),
                sentence_dense=tuple(map(float, by_sentence[i])),
            )
            for i in np.argsort(-fused, kind="stable")
        ]

    def _candidates(self, vectors: np.ndarray) -> set[int]:
        found: set[int] = set()
        for vector in vectors:
            found.update(self._dense.search(vector, CANDIDATES))
            found.update(int(self._passage_of[row]) for row in self._sentences.search(vector, CANDIDATES))
        return found

    def _allowed(self, filters: Filters) -> list[int]:
        return [row for row, p in enumerate(self._passages) if filters.allow(self._articles[p.article_id], p)]

    def _nearest(self, vectors: np.ndarray, allowed: list[int], lexical: Mapping[int, float]) -> list[int]:
        """Return the candidates among the rows allowed: the nearest in meaning, and those with the best lexical scores."""
        cosines = np.mean([self._dense.cosines(v, allowed) for v in vectors], axis=0)
        near = [allowed[i] for i in np.argsort(-cosines, kind="stable")[:CANDIDATES]]
        worded = sorted(set(lexical).intersection(allowed), key=lambda row: -lexical[row])[:CANDIDATES]
        return sorted({*near, *worded})

    def _sentence_cosines(self, vectors: np.ndarray, row: int) -> np.ndarray:
        rows = list(range(self._first[row], self._first[row + 1]))
        return np.mean([self._sentences.cosines(v, rows) for v in vectors], axis=0)


def fuse(weights: Weights, passage: np.ndarray, sentence: np.ndarray, lexical: np.ndarray) -> np.ndarray:
    """Return one score a candidate: its three signals, each scaled to [0, 1] over the candidates, and weighted."""
    return weights.passage * _scale(passage) + weights.sentence * _scale(sentence) + weights.lexical * _scale(lexical)


def _scale(values: np.ndarray) -> np.ndarray:
    """Scale to [0, 1]; equal values become 0."""
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def fuse_cases(passages: Sequence[float], near: Sequence[float]) -> list[int]:
    """Return the order of cases, best first, by the score of their best passage and their own nearness, scaled alike."""
    total = _scale(np.array(passages)) + _scale(np.array(near)) if passages else np.zeros(0)
    return [int(i) for i in np.argsort(-total, kind="stable")]
