"""txtai: its hybrid index (vectors and BM25, equal weights). Needs txtai."""

from __future__ import annotations

from collections.abc import Sequence


class TxtaiBaseline:
    packages = ("txtai",)

    def __init__(self, passages: Sequence[tuple[str, str]], model: str, k: int) -> None:
        from txtai import Embeddings

        self._k = k
        self._embeddings = Embeddings(
            path=model,
            method="sentence-transformers",
            hybrid=True,
            instructions={"query": "query: ", "data": "passage: "},
        )
        self._embeddings.index([(name, text, None) for name, text in passages])

    def search(self, question: str) -> list[str]:
        return [name for name, _ in self._embeddings.search(question, self._k)]
