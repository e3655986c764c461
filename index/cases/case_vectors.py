"""What of a case is embedded, and the space in which a question lies near the cases that answer it.

An encoder puts a question near what is worded alike. Two linear maps, learned from questions with judged cases, turn the
vectors of questions and of cases so that what answers is near (docs/cases.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from index.embedding.fitted_weights import read_fitted
from index.text.normalize import simplified
from index.types import Case

BUNDLED = Path(__file__).with_name("case_space.safetensors")


def case_input(case: Case, title: str) -> str:
    """Return the text that is embedded for a case: its place and headline, then the sentences that tell it."""
    return simplified(f"{case.place} {title}\n{''.join(s.sentence.text for s in case.telling)}".strip())


class CaseSpace:
    """The maps for vectors of `encoder`; vectors have shape (n, dimension), what comes out are unit vectors."""

    def __init__(self, tensors: Mapping[str, np.ndarray], encoder: str) -> None:
        self.encoder, self._tensors = encoder, tensors

    @classmethod
    def load(cls, path: Path = BUNDLED) -> CaseSpace:
        """Read the weights; EncoderError names the file when it is missing or broken."""
        tensors, facts = read_fitted(path)
        return cls(tensors, facts["encoder"])

    def questions(self, vectors: np.ndarray) -> np.ndarray:
        return self._mapped(vectors, "question")

    def cases(self, vectors: np.ndarray) -> np.ndarray:
        return self._mapped(vectors, "case")

    def _mapped(self, vectors: np.ndarray, kind: str) -> np.ndarray:
        turned = (vectors - self._tensors[f"{kind}.middle"]) @ self._tensors[f"{kind}.weight"].T
        return turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12)
