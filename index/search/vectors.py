"""Exact vector search with FAISS: inner product of unit vectors, which is their cosine.

The vectors lie in several files, a shard of the corpus each, which are mapped into memory: two versions of an index that
share a file share its memory too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np

from index.errors import DamagedIndex


def write_vectors(path: Path, vectors: np.ndarray) -> None:
    """Write float32 unit vectors of shape (n, dimension) as one flat FAISS index."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype="float32"))
    path.write_bytes(faiss.serialize_index(index))  # Python's own writing tells a full disk apart from a bug


def read_vectors(path: Path) -> np.ndarray:
    """Return the vectors of one file, shape (n, dimension); DamagedIndex when it is no such file."""
    index = _read(path)
    return index.reconstruct_n(0, index.ntotal)


def _read(path: Path, flags: int = 0) -> faiss.Index:
    try:
        return faiss.read_index(str(path), flags)
    except RuntimeError as error:  # FAISS's every error
        raise DamagedIndex(f"{str(path)!r} is missing or damaged. Mend the index: linjian index rebuild") from error


class VectorIndex:
    """Searches files that `write_vectors` made, as if they were one: rows are counted on from file to file.

    Raises DamagedIndex when one is no such file.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._parts = [_read(path, faiss.IO_FLAG_MMAP_IFC) for path in paths]
        self._bases = np.cumsum([0, *(part.ntotal for part in self._parts)])
        self._dimension = self._parts[0].d if self._parts else 0

    def __len__(self) -> int:
        return int(self._bases[-1])

    def search(self, query: np.ndarray, k: int) -> dict[int, float]:
        """Return the best `k` rows with their cosines to one query vector of shape (dimension,), best first."""
        if min(k, len(self)) == 0:
            return {}
        query = query.reshape(1, -1).astype("float32")
        found = [part.search(query, min(k, part.ntotal)) for part in self._parts]
        scores = np.concatenate([scores[0] for scores, _ in found])
        rows = np.concatenate([rows[0] + base for (_, rows), base in zip(found, self._bases[:-1], strict=True)])
        best = np.lexsort((rows, -scores))[:k]
        return {int(rows[i]): float(scores[i]) for i in best}

    def cosines(self, query: np.ndarray, rows: list[int]) -> np.ndarray:
        """Return the cosines of the given rows to one query vector, in their order."""
        return self.vectors(rows) @ query.astype("float32")

    def vectors(self, rows: Sequence[int]) -> np.ndarray:
        """Return the vectors of the given rows, shape (len(rows), dimension), in their order."""
        out = np.zeros((len(rows), self._dimension), dtype="float32")
        wanted = np.asarray(rows, dtype="int64")
        owners = np.searchsorted(self._bases, wanted, side="right") - 1
        for owner in set(owners.tolist()):
            own = owners == owner
            out[own] = self._parts[owner].reconstruct_batch(wanted[own] - self._bases[owner])
        return out
