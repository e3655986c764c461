"""Other people's cross-encoders in the reranker's place: a sentence-transformers `CrossEncoder`, or a server that reranks.

Both score pairs of a question and a sentence (under its heading), so they say how far a sentence is evidence but name no
short answer. Our weights were not fitted to them: they order what is said, and the other signals decide whether anything is.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.evidence.endpoints import PASSWORD_IN_ADDRESS, hidden, is_local, masked, read_key, secrets_in
from assistant.evidence.reranker import Reranker, Text, TextScores, headed_by, open_reranker
from index.errors import EncoderError, RerankerError

if TYPE_CHECKING:  # takes seconds to import
    from sentence_transformers import CrossEncoder

NOT_READ = -20.0
"""The logit of what cannot be evidence: an empty text."""
SURE = 9.0
"""Scores between 0 and 1 are cut at this logit."""
MOST_BYTES = 4_000_000
"""Of a server's reply."""


def choose_reranker(reranker: str, models: Path, *, name: str = "default", key: str = "none", seconds: float = 2.0,
                  threads: int = 0) -> Reranker | None:
    """Return the reranker that the settings name, None for "off" or when the bundled one is not installed.

    `reranker` is "on", "off", the URL of a rerank route, or a CrossEncoder as a folder or the name of a downloaded model.
    `models` is the folder of the embedding model; a server is given `seconds` for one answer. EncoderError says why a
    model cannot be opened, ModelError why a key cannot be read; the server is not asked yet.
    """
    if reranker == "off":
        return None
    if reranker == "on":
        return open_reranker(models)
    if reranker.startswith(("http://", "https://")):
        return PairReranker(RerankServer(reranker, name=name, key=read_key(key, "reranker_key"), seconds=seconds))
    return PairReranker(LocalCrossEncoder(reranker, threads=threads))


class Pairs(Protocol):
    """Scores texts for a question, as logits: above 0 is more likely than not."""

    @property
    def name(self) -> str: ...

    def scores(self, question: str, texts: Sequence[str]) -> list[float]: ...


class PairReranker:
    """A `Reranker` that has each sentence scored by itself, under its heading."""

    def __init__(self, pairs: Pairs) -> None:
        self.name, self.family, self._pairs = pairs.name, pairs.name, pairs

    def read(self, question: str, texts: Sequence[Text]) -> list[TextScores]:
        """Return one reading a text, without short answers; each different sentence is scored once."""
        pairs = [[_under_heading(text, s) for s in text.sentences] for text in texts]
        wanted = dict.fromkeys(pair for row in pairs for pair in row if pair)
        scored = dict(zip(wanted, self._pairs.scores(question, list(wanted)) if wanted else (), strict=True))
        rows = [tuple(scored.get(pair, NOT_READ) for pair in row) for row in pairs]
        return [TextScores(answerable=max(row, default=NOT_READ), evidence=row, spans=()) for row in rows]


def _under_heading(text: Text, sentence: str) -> str:
    return f"{headed_by(text.place, text.heading)}\n{sentence}".strip() if sentence.strip() else ""


class LocalCrossEncoder:
    """A CrossEncoder on this machine; nothing is downloaded. May be called from several threads, one at a time scores."""

    def __init__(self, model: str, *, threads: int = 0) -> None:
        """Open a folder, or a model that was downloaded before; EncoderError when it is none that scores pairs."""
        import torch
        from sentence_transformers import CrossEncoder

        if threads:
            torch.set_num_threads(threads)
        try:
            opened: CrossEncoder = CrossEncoder(model, device="cpu", local_files_only=True)
        except Exception as error:  # each library below raises its own kind for a folder that is no model
            said = " ".join(str(error).split())[:200]
            raise EncoderError(f"reranker {model!r} is no CrossEncoder of sentence-transformers on this machine: {said}. Name "
                               "its folder, or set LINJIAN_RERANKER=on") from error
        if opened.num_labels != 1:
            raise EncoderError(f"reranker {model!r} gives {opened.num_labels} scores a pair, and one is needed. Set "
                               "LINJIAN_RERANKER=on")
        self.name, self._model, self._lock = f"cross-encoder {Path(model).name}", opened, threading.Lock()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        import torch

        with self._lock:  # a fast tokenizer fails when two threads use it at once
            found = self._model.predict([(question, text) for text in texts], batch_size=16, show_progress_bar=False,
                                        activation_fn=torch.nn.Identity())
        return [float(score) for score in found]


class RerankServer:
    """A server with the rerank route that Jina, Cohere, vLLM and TEI share but for one word: `documents` or `texts`.

    Which one is told by the first reply: a server that refuses `documents` is asked with `texts` from then on.
    """

    def __init__(self, url: str, *, name: str, key: str = "none", seconds: float = 2.0) -> None:
        import httpx

        # One connection a question: a kept one would be left open when the reranker goes, and saves a millisecond.
        headers = {"Connection": "close"} | ({} if key == "none" else {"Authorization": f"Bearer {key}"})
        self.name, self._url, self._model, self._word = f"rerank {name}", url, name, "documents"
        self._shown, self._secrets = repr(masked(url)), {key, *secrets_in(url)}
        # A redirect would carry key and articles to an address that nobody configured.
        self._client = httpx.Client(timeout=seconds, headers=headers, trust_env=not is_local(url), follow_redirects=False)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a logit a text; RerankerError when the server is down or slow, or does not give one score a text."""
        reply = self._post(question, texts)
        if reply.status_code in (400, 422) and self._word == "documents":
            self._word = "texts"
            reply = self._post(question, texts)
        if reply.status_code != 200:
            self._word = "documents"
            raise RerankerError(f"The rerank server {self._shown} answered {reply.status_code}. Set LINJIAN_RERANKER to its "
                              "whole address (…/rerank), and LINJIAN_RERANKER_KEY if it wants a key.")
        try:
            found = _scores_in(reply.json(), len(texts))
        except (ValueError, KeyError, TypeError) as error:
            raise RerankerError(f"The rerank server {self._shown} did not give one score a text: "
                                f"{self._told(error)}.") from None
        return found if any(s < 0 or s > 1 for s in found) else [_logit(s) for s in found]

    def _post(self, question: str, texts: Sequence[str]) -> Any:
        import httpx

        body = {"model": self._model, "query": question, self._word: list(texts)}
        body |= {"truncate": True} if self._word == "texts" else {"top_n": len(texts), "return_documents": False}
        try:
            with self._client.stream("POST", self._url, json=body) as reply:
                content = b""
                for piece in reply.iter_bytes():
                    content += piece
                    if len(content) > MOST_BYTES:
                        raise RerankerError(f"The rerank server {self._shown} sends more than {MOST_BYTES} bytes.")
            return httpx.Response(reply.status_code, content=content)
        except httpx.HTTPError as error:
            raise RerankerError(f"The rerank server {self._shown} cannot be asked: {self._told(error)}. Is it started, and is "
                              "LINJIAN_RERANKER right?") from None
        except httpx.InvalidURL:  # what it says of the address may be a part of the password
            raise RerankerError(f"The rerank server {self._shown} has no address that can be asked. {PASSWORD_IN_ADDRESS}") from None

    def _told(self, error: Exception) -> str:
        """Return an error without the secrets that the server may have repeated."""
        return hidden(repr(error), self._secrets)


def _scores_in(body: Any, count: int) -> list[float]:
    """Return the scores of `[{"index", "score"}]` or `{"results": [{"index", "relevance_score"}]}` in the texts' order."""
    rows = body["results"] if isinstance(body, dict) else body
    found = {int(row["index"]): float(row["relevance_score"] if "relevance_score" in row else row["score"]) for row in rows}
    if sorted(found) != list(range(count)) or not all(map(math.isfinite, found.values())):
        raise ValueError(f"{len(found)} scores for {count} texts")
    return [found[i] for i in range(count)]


def _logit(p: float) -> float:
    return max(-SURE, min(SURE, math.log(max(p, 1e-9) / max(1 - p, 1e-9))))
