"""Lexical search with Tantivy (BM25). Terms come from `index.terms`; Tantivy only splits them at spaces again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import tantivy

from index.terms import terms

_HEAP = 50_000_000


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("row", stored=True, indexed=False)
    for name in ("body", "heading"):
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _with_tokenizer(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def write_lexical(folder: Path, rows: Iterable[tuple[str, str]]) -> None:
    """Write a new index of (body, heading) texts into `folder`; row numbers count from 0."""
    folder.mkdir(parents=True)
    index = _with_tokenizer(tantivy.Index(_schema(), path=str(folder)))
    writer = index.writer(_HEAP, 1)
    for row, (body, heading) in enumerate(rows):
        writer.add_document(tantivy.Document(row=row, body=" ".join(terms(body)), heading=" ".join(terms(heading))))
    writer.commit()
    writer.wait_merging_threads()


class LexicalIndex:
    """Searches a folder that `write_lexical` made."""

    HEADING_WEIGHT = 0.4

    def __init__(self, folder: Path) -> None:
        self._index = _with_tokenizer(tantivy.Index.open(str(folder)))
        self._searcher = self._index.searcher()
        self._schema = self._index.schema

    def __len__(self) -> int:
        return self._searcher.num_docs

    def search(self, weights: Mapping[str, float], k: int) -> dict[int, float]:
        """Return the best `k` rows with their BM25 scores; `weights` maps each query term to its weight (> 0)."""
        if not weights or not len(self):
            return {}
        clauses = []
        for term, weight in weights.items():
            for name, factor in (("body", 1.0), ("heading", self.HEADING_WEIGHT)):
                query = tantivy.Query.term_query(self._schema, name, term)
                clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, weight * factor)))
        hits = self._searcher.search(tantivy.Query.boolean_query(clauses), limit=k).hits
        return {self._searcher.doc(address)["row"][0]: score for score, address in hits}

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of `term`: ln(1 + (N - n + 0.5) / (n + 0.5))."""
        n = self._searcher.doc_freq("body", term)
        return math.log(1 + (len(self) - n + 0.5) / (n + 0.5))
