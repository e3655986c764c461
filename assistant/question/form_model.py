"""What form of answer a question asks for, and what kind of thing: a linear model over its vector and its characters.

The vector, which search needs anyway, tells what is meant however it is worded; runs of characters tell small words
apart that it blurs (几户, 哪儿, 有没有). Trained on invented questions in many voices (docs/cases.md); the weights name
their encoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from assistant.weights.weights import WEIGHTS
from index.embedding.fitted_weights import read_fitted
from index.text.normalize import fold

BUNDLED = WEIGHTS / "forms.safetensors"
BUCKETS = 4096
"""Into how many columns the runs of characters are hashed."""
RUNS = (1, 2, 3)
"""How many characters a run has."""


@dataclass(frozen=True, slots=True)
class FormReading:
    """Probabilities of what a question is after (`forms`) and, were it one fact, of which kind (`wanted`)."""

    forms: Mapping[str, float]
    wanted: Mapping[str, float]


class FormModel:
    """Reads questions whose vectors come from `encoder`."""

    def __init__(self, tensors: Mapping[str, np.ndarray], facts: Mapping[str, str]) -> None:
        self.encoder, self._tensors = facts["encoder"], tensors
        self._names = {head: tuple(facts[head].split()) for head in ("forms", "wanted")}

    @classmethod
    def load(cls, path: Path = BUNDLED) -> FormModel:
        """Read the weights; EncoderError names the file when it is missing or broken."""
        return cls(*read_fitted(path))

    def read(self, text: str, vector: np.ndarray) -> FormReading:
        """Return what is made of a question; `vector` has shape (dimension,)."""
        columns = np.concatenate([vector - self._tensors["middle"], characters(text)])
        return FormReading(*(self._probabilities(head, columns) for head in ("forms", "wanted")))

    def _probabilities(self, head: str, columns: np.ndarray) -> dict[str, float]:
        logits = self._tensors[f"{head}.weight"] @ columns + self._tensors[f"{head}.bias"]
        odds = np.exp(logits - logits.max())
        return dict(zip(self._names[head], map(float, odds / odds.sum()), strict=True))


def characters(text: str) -> np.ndarray:
    """Return the runs of characters of a text, shape (BUCKETS,): a unit vector."""
    counts = np.zeros(BUCKETS, np.float32)
    framed = f"^{fold(text).strip()}$"
    for size in RUNS:
        for i in range(len(framed) - size + 1):
            counts[crc32(framed[i:i + size].encode("utf-8", "replace")) % BUCKETS] += 1
    counts = np.log1p(counts)
    return counts / max(float(np.linalg.norm(counts)), 1e-9)
