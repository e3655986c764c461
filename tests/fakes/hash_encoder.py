"""Hand-written stand-ins, small enough to read."""

import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np


class HashEncoder:
    """An Encoder without a model: counts character bigrams by hash, so shared wording means similar."""

    name = "hash-64"
    dimension = 64

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode_document(texts)

    def encode_document(
        self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None, rough: bool = False
    ) -> np.ndarray:
        counts = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            padded = f"\n{text}\n"  # gives even the empty text one bigram, hence a length
            for left, right in pairwise(padded):
                counts[row, zlib.crc32((left + right).encode("utf-8", "replace")) % self.dimension] += 1
        if progress and texts:
            progress(len(texts), len(texts))
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def context(home: Path, load_encoder: Callable[[], Any] = HashEncoder) -> Any:
    """Return what a command of `linjian index` is given: where the index is, and what loads the encoder."""
    return SimpleNamespace(obj=SimpleNamespace(home=home, load_encoder=load_encoder))
