"""Which role each sentence of an article plays in telling a case, and where the next case begins.

A small recurrent network reads the sentences in order: each one's vector, which the index has anyway, and a few facts of
its shape. It was trained on invented articles (docs/cases.md); its weights are safetensors, computed with numpy alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embedding.fitted_weights import read_fitted
from index.text.normalize import matching_form
from index.text.numbers import states_number
from index.types import TELLING, Sentence, SentenceRole

BUNDLED = Path(__file__).with_name("roles.safetensors")
ROLES = tuple(SentenceRole)
"""The columns of the probabilities."""
_OPENING, _CLOSING = ("“", '"', "「"), ("”", '"', "」")
_ENDS = ("。", "!", "?", "！", "？", "…")
TELLS_MORE = 1.5
"""Added to the logits of the roles that tell a case: of real reports it is less sure than of the invented ones it learned
from, and a sentence too many is weighed by the question afterwards (eval/LOG.md)."""
SHAPES = 12
"""Facts of a sentence's shape."""


@dataclass(frozen=True, slots=True)
class RoleReading:
    """`roles` are probabilities of shape (sentences, roles), `begins` of each sentence that another case begins with it."""

    roles: np.ndarray
    begins: np.ndarray


class RoleModel:
    """Reads articles whose sentences were embedded with `encoder`; `lean` is added to the logits of the telling roles."""

    def __init__(self, tensors: Mapping[str, np.ndarray], encoder: str, lean: float = TELLS_MORE) -> None:
        self.encoder, self._t, self._lean = encoder, tensors, lean * np.isin(ROLES, TELLING)

    @classmethod
    def load(cls, path: Path = BUNDLED) -> RoleModel:
        """Read the weights; EncoderError names the file when it is missing or broken."""
        tensors, facts = read_fitted(path)
        return cls(tensors, facts["encoder"])

    def read(self, sentences: Sequence[Sentence], vectors: np.ndarray) -> RoleReading:
        """Return what an article's sentences are, in their order; `vectors` has shape (sentences, dimension)."""
        t, facts = self._t, shapes(sentences)
        seen = np.concatenate([np.tanh(vectors @ t["p.weight"].T + t["p.bias"]), facts], 1)
        forward = _gru(seen, t, "l0")
        backward = _gru(seen[::-1], t, "l0_reverse")[::-1]
        hidden = np.concatenate([forward, backward, seen], 1)
        logits = hidden @ t["roles.weight"].T + t["roles.bias"] + self._lean
        odds = np.exp(logits - logits.max(1, keepdims=True))
        begins = _sigmoid(hidden @ t["begins.weight"].T + t["begins.bias"])[:, 0]
        return RoleReading(odds / odds.sum(1, keepdims=True), begins)


def shapes(sentences: Sequence[Sentence]) -> np.ndarray:
    """Return facts of shape (sentences, SHAPES): where each stands, how long it is, what it begins and ends with."""
    last, rows = max(len(sentences) - 1, 1), []
    for i, sentence in enumerate(sentences):
        text, before = sentence.text.strip(), sentences[i - 1].place if i else sentence.place
        bare = text.rstrip("”\"」）)")
        rows.append((i / last, i == 0, i == len(sentences) - 1, min(len(text), 200) / 100, len(text) < 20,
                     states_number(matching_form(text)), text.startswith(_OPENING), text.endswith(_CLOSING), "“" in text,
                     len(sentences) / 20, sentence.place != before, not bare.endswith(_ENDS)))
    return np.array(rows, np.float32).reshape(-1, SHAPES)


def _gru(inputs: np.ndarray, t: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Run one direction of a gated recurrent unit (Cho et al., 2014), as torch lays its weights out."""
    inside = inputs @ t[f"g.weight_ih_{name}"].T + t[f"g.bias_ih_{name}"]
    weight, bias = t[f"g.weight_hh_{name}"].T, t[f"g.bias_hh_{name}"]
    size = weight.shape[0]
    state, out = np.zeros(size, np.float32), []
    for row in inside:
        own = state @ weight + bias
        reset, update = _sigmoid(row[:size] + own[:size]), _sigmoid(row[size:2 * size] + own[size:2 * size])
        new = np.tanh(row[2 * size:] + reset * own[2 * size:])
        state = (1 - update) * new + update * state
        out.append(state)
    return np.array(out, np.float32).reshape(-1, size)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))
