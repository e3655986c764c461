"""Read passages with the question in mind: which sentences answer, what the short answer is, whether anything answers.

The network (network.py) was trained by `make train-reranker`; its weights, without the word embeddings, which are the
bundled e5-small's, lie beside this file as int8 (docs/reranker.md). Without them, or switched off, answers are made as if no
reranker existed.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index.embedding.batches import batches
from index.embedding.e5 import restore_e5
from index.embedding.encoder import BUNDLED as E5
from index.errors import EncoderError

if TYPE_CHECKING:
    from index.embedding.precision import Precision

BUNDLED = Path(__file__).parents[1] / "weights" / "reranker.safetensors"
FAMILY = "linjian-reranker"
"""All networks that `make train-reranker` makes: their logits are alike."""
WINDOW_TOKENS = 128
"""Tokens of sentences that are read at once: as long as the windows it was trained on."""
BATCH_TOKENS = 512
PLACED = "place and headline"
"""The fact "headings" of weights that were trained to see the place; others see the headline alone."""
LONGEST_ANSWER = 40
"""Tokens of the longest short answer."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is read: sentences under a heading, about a place ("" when unknown)."""

    heading: str
    sentences: tuple[str, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class TextScores:
    """What the reader makes of one `Text`, as logits: above 0 is more likely than not.

    `answerable` of its best window; `evidence` one a sentence, how far it is evidence; `spans` one a sentence, the best
    short answer inside it as (logit, first character, end), or empty from a reranker that sees none.
    """

    answerable: float
    evidence: tuple[float, ...]
    spans: tuple[tuple[float, int, int], ...]


def headed_by(place: str, title: str) -> str:
    """Return the heading of a text about `place` under the headline `title`."""
    return f"{place} {title}".strip()


class Reranker(Protocol):
    """Reads texts with a question in mind; `name` identifies its weights.

    `family` is what weights that were fitted to its logits name: with such weights it also has a say in what is refused.
    """

    @property
    def family(self) -> str: ...

    @property
    def name(self) -> str: ...

    def read(self, question: str, texts: Sequence[Text]) -> list[TextScores]: ...


def open_reranker(models: Path) -> Reranker | None:
    """Return the bundled reranker over the embedding model in the cache `models`; None when its weights are not
    installed."""
    return NetworkReranker(restore_e5(models / E5)) if BUNDLED.is_file() else None


class NetworkReranker:
    """The bundled reranker; may be called from several threads, one at a time reads."""

    family = FAMILY

    def __init__(self, embeddings: Path, weights: Path = BUNDLED, *, precision: Precision | None = None) -> None:
        """Load the weights; EncoderError when they are missing or broken. `precision` is what the layers compute in
        (None: what this processor is fastest at)."""
        import torch
        from safetensors import SafetensorError

        from assistant.evidence.network import RerankerNetwork, Vocabulary
        from index.embedding.precision import fastest

        try:
            tensors = read_weights(weights)
            self._placed = facts_of(weights).get("headings") == PLACED
            self.name = f"reranker-{hashlib.sha256(weights.read_bytes()).hexdigest()[:8]}"
            self._vocabulary = Vocabulary.load(embeddings)
            network = RerankerNetwork.from_embedding_model(embeddings)
            network.load_state_dict({name: torch.from_numpy(value) for name, value in tensors.items()}, strict=False)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise EncoderError(f"the reranker {str(weights)!r} cannot be loaded: {error}. Set LINJIAN_RERANKER=off, or "
                               "install Linjian again") from error
        self._network = network.eval()
        match precision or fastest():
            case "int8":
                network.quantize()
            case "bfloat16":
                network.halve()
        self._lock = threading.Lock()

    def read(self, question: str, texts: Sequence[Text]) -> list[TextScores]:
        """Return one reading a text, in their order."""
        with self._lock:  # a fast tokenizer fails when two threads use it at once
            windows = [window for row, text in enumerate(texts) for window in self._windows(question, row, text)]
            scored: list[list[_Scored]] = [[] for _ in texts]
            for batch in batches(windows, lambda w: len(w.inputs.ids), BATCH_TOKENS):
                for window, scores in zip(batch, self._score(batch), strict=True):
                    scored[window.text].append(scores)
        return [_merge(len(text.sentences), found) for text, found in zip(texts, scored, strict=True)]

    def _windows(self, question: str, row: int, text: Text) -> list[_Window]:
        """Cut a text into windows of whole sentences; the last sentence of one begins the next when it is short."""
        asked = self._vocabulary.question(question)
        heading = self._vocabulary.heading(headed_by(text.place, text.heading) if self._placed else text.heading)
        tokens = [self._vocabulary.sentence(sentence) for sentence in text.sentences]
        out, start = [], 0
        while start < len(tokens):
            end, used = start + 1, len(tokens[start].ids)
            while end < len(tokens) and used + len(tokens[end].ids) <= WINDOW_TOKENS:
                used += len(tokens[end].ids)
                end += 1
            inputs = self._vocabulary.sequence(asked, heading, tokens[start:end])
            out.append(_Window(row, start, inputs, tuple(t.offsets for t in tokens[start:end])))
            if end == len(tokens):
                break
            start = end - 1 if end - start > 1 and len(tokens[end - 1].ids) < WINDOW_TOKENS // 3 else end
        return out

    def _score(self, batch: Sequence[_Window]) -> list[_Scored]:
        import torch

        with torch.inference_mode():
            scores = self._network([w.inputs for w in batch])
        start, end = scores.start.numpy(), scores.end.numpy()
        out = []
        for row, window in enumerate(batch):
            spans = tuple(_best_span(start[row, a:b], end[row, a:b], offsets)
                          for (a, b), offsets in zip(window.inputs.sentences, window.offsets, strict=True))
            evidence = tuple(map(float, scores.evidence[row][: len(window.inputs.sentences)]))
            out.append(_Scored(window.first, float(scores.answerable[row]), evidence, spans))
        return out


@dataclass(frozen=True, slots=True)
class _Window:
    """Sentences of text number `text` from its sentence `first` on, ready to be read."""

    text: int
    first: int
    inputs: object
    offsets: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True, slots=True)
class _Scored:
    first: int
    answerable: float
    evidence: tuple[float, ...]
    spans: tuple[tuple[float, int, int], ...]


def _merge(count: int, windows: Sequence[_Scored]) -> TextScores:
    """Join the windows of one text; a sentence that two windows hold takes the better of its scores."""
    evidence, spans = [-20.0] * count, [(-20.0, 0, 0)] * count
    for window in windows:
        for i, (logit, span) in enumerate(zip(window.evidence, window.spans, strict=True), start=window.first):
            evidence[i] = max(evidence[i], logit)
            spans[i] = max(spans[i], span)
    return TextScores(max((w.answerable for w in windows), default=-20.0), tuple(evidence), tuple(spans))


def _best_span(start: np.ndarray, end: np.ndarray, offsets: Sequence[tuple[int, int]]) -> tuple[float, int, int]:
    """Return logit, first character and end of the best short answer inside one sentence."""
    if not len(start):
        return (-20.0, 0, 0)
    sums = start[:, None] + end[None, :]
    allowed = np.tril(np.triu(np.ones_like(sums)), LONGEST_ANSWER - 1) > 0
    first, last = divmod(int(np.where(allowed, sums, -np.inf).argmax()), len(end))
    return (float(sums[first, last]), offsets[first][0], offsets[last][1])


def write_weights(path: Path, tensors: dict[str, np.ndarray], facts: dict[str, str]) -> None:
    """Store matrices as int8 with a scale a row, vectors as float32; `facts` say where they come from."""
    from safetensors.numpy import save_file

    out = {}
    for name, value in tensors.items():
        if value.ndim == 2 and value.shape[0] > 1:
            scale = np.maximum(np.abs(value).max(1, keepdims=True), 1e-12) / 127
            out[name] = np.round(value / scale).astype(np.int8)
            out[name + "#scale"] = scale.astype(np.float32)
        else:
            out[name] = value.astype(np.float32)
    save_file(out, path, metadata={"facts": json.dumps(facts)})


def facts_of(path: Path) -> dict[str, str]:
    """Return what `write_weights` was told of where the weights come from."""
    from safetensors import safe_open

    with safe_open(path, "np") as file:
        return json.loads((file.metadata() or {}).get("facts", "{}"))


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Return the tensors that `write_weights` stored, as float32."""
    from safetensors.numpy import load_file

    stored = load_file(path)
    return {name: value * stored[name + "#scale"] if value.dtype == np.int8 else value
            for name, value in stored.items() if not name.endswith("#scale")}
