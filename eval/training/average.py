"""Average rerankers that were trained from the same start: linjian eval average OUT FILE FILE [FILE …]

The mean of their weights reads as fast as one of them (model soups, Wortsman et al. 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.evidence.reranker import facts_of, read_weights, write_weights
from index.errors import RerankerError


def average(files: Sequence[Path], out: Path) -> None:
    """Write the mean of packed weights to `out`, with the facts of the first; RerankerError when they do not fit
    together."""
    rerankers = [read_weights(file) for file in files]
    shapes = [{name: value.shape for name, value in reranker.items()} for reranker in rerankers]
    headings = [facts_of(file).get("headings") for file in files]
    for file, shape, heading in zip(files, shapes, headings, strict=True):
        if (shape, heading) != (shapes[0], headings[0]):
            raise RerankerError(f"{str(file)!r} is no reranker like {str(files[0])!r}: other tensors or headings. "
                              "Average what was trained by the same recipe.")
    mean = {name: np.mean([reranker[name] for reranker in rerankers], axis=0) for name in rerankers[0]}
    write_weights(out, mean, facts_of(files[0]) | {"averaged": str(len(files))})
