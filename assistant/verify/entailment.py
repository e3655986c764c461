"""Read a claim beside the sentences that are to carry it: is it carried, and which of its words are not?

The network (entailment_network.py) was trained by `linjian eval train-entailment` on claims about invented articles that
differ from a true one in a single point; its weights, without the word embeddings, which are the bundled e5-small's, lie in
`weights/entailment.safetensors` as int8 (docs/verification.md). Without them, or with another encoder, claims are checked by
what `verify.py` compares alone.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assistant.evidence.reranker import read_weights
from assistant.weights.weights import WEIGHTS
from index.embedding.batches import batches
from index.embedding.e5 import restore_e5
from index.embedding.encoder import BUNDLED as E5
from index.errors import EncoderError

if TYPE_CHECKING:
    from assistant.evidence.network import Vocabulary
    from assistant.verify.entailment_network import EntailmentNetwork
    from index.embedding.precision import Precision

BUNDLED = WEIGHTS / "entailment.safetensors"
BATCH_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A claim, and what it is held against: sentences under a heading (place, headline, date)."""

    claim: str
    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entailment:
    """What the network makes of a claim, as logits: above 0 is more likely than not.

    `carried`: the premise carries it. `unsaid`: of each token its first character, its end, and that it is not said there.
    """

    carried: float
    unsaid: tuple[tuple[int, int, float], ...]

    @property
    def worst(self) -> float:
        """The highest logit of "not said"."""
        return max((logit for *_, logit in self.unsaid), default=0.0)


class EntailmentReader(Protocol):
    """Reads claims beside their premises."""

    def read(self, hypotheses: Sequence[Hypothesis]) -> list[Entailment]: ...


def open_entailment(models: Path, encoder: str) -> EntailmentReader | None:
    """Return the bundled network over the embedding model in the cache `models`; None with another encoder, or when its
    weights are not installed."""
    return NetworkEntailment(models / E5) if encoder == E5 and BUNDLED.is_file() else None


class NetworkEntailment:
    """The bundled network, loaded when it is first asked; may be called from several threads, one at a time reads."""

    def __init__(self, embeddings: Path, weights: Path = BUNDLED, *, precision: Precision | None = None) -> None:
        """`embeddings` is where the bundled embedding model is, or is restored to; `precision` what the layers compute in
        (None: what this processor is fastest at)."""
        self._embeddings, self._weights, self._precision = embeddings, weights, precision
        self._lock = threading.Lock()

    def read(self, hypotheses: Sequence[Hypothesis]) -> list[Entailment]:
        """Return what is made of each, in their order; EncoderError when the weights are missing or broken."""
        import torch

        from assistant.verify.entailment_network import claim_input

        out: list[Entailment | None] = [None] * len(hypotheses)
        with self._lock:  # a fast tokenizer fails when two threads use it at once
            vocabulary, network = self._loaded
            inputs = [claim_input(vocabulary, h.claim, h.heading, h.sentences) for h in hypotheses]
            for rows in batches(range(len(inputs)), lambda i: len(inputs[i].ids), BATCH_TOKENS):
                with torch.inference_mode():
                    found = network([inputs[i] for i in rows])
                for row, i in enumerate(rows):
                    logits = map(float, found.unsaid[row])
                    unsaid = tuple((a, b, logit) for (a, b), logit in zip(inputs[i].offsets, logits, strict=False))
                    out[i] = Entailment(float(found.carried[row]), unsaid)
        return [one for one in out if one]

    @cached_property
    def _loaded(self) -> tuple[Vocabulary, EntailmentNetwork]:
        import torch
        from safetensors import SafetensorError

        from assistant.evidence.network import Vocabulary
        from assistant.verify.entailment_network import EntailmentNetwork
        from index.embedding.precision import fastest

        try:
            tensors = {name: torch.from_numpy(value) for name, value in read_weights(self._weights).items()}
            embeddings = restore_e5(self._embeddings)
            vocabulary, network = Vocabulary.load(embeddings), EntailmentNetwork(embeddings)
            network.load_state_dict(tensors, strict=False)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise EncoderError(f"the verifier's weights {str(self._weights)!r} cannot be loaded: {error}. Install Linjian "
                               "again") from error
        network.eval()
        if (self._precision or fastest()) == "int8":
            network.quantize()
        return vocabulary, network
