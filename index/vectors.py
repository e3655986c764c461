"""Exact vector search with FAISS: inner product of unit vectors, which is their cosine."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np


def write_vectors(path: Path, vectors: np.ndarray) -> None:
    """Write float32 unit vectors of shape (n, dimension) as one flat FAISS index."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype="float32"))
    faiss.write_index(index, str(path))


class VectorIndex:
    """Searches a file that `write_vectors` made."""

    def __init__(self, path: Path) -> None:
        self._index = faiss.read_index(str(path))

    def __len__(self) -> int:
        return self._index.ntotal

    def search(self, query: np.ndarray, k: int) -> dict[int, float]:
        """Return the best `k` rows with their cosines to one query vector of shape (dimension,)."""
        k = min(k, len(self))
        if k == 0:
            return {}
        scores, rows = self._index.search(query.reshape(1, -1).astype("float32"), k)
        return {int(row): float(score) for row, score in zip(rows[0], scores[0], strict=True)}

    def cosines(self, query: np.ndarray, rows: list[int]) -> np.ndarray:
        """Return the cosines of the given rows to one query vector, in their order."""
        if not rows:
            return np.zeros(0, dtype="float32")
        return self._index.reconstruct_batch(np.asarray(rows, dtype="int64")) @ query.astype("float32")
