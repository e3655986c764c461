"""Whether the server can answer, and with what: index, embedding model, reranker, language model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from assistant.evidence.endpoints import masked


class SearchedIndex(Protocol):
    """What is asked of the index."""

    version: str

    def articles(self) -> list: ...


@dataclass(frozen=True, slots=True)
class Readiness:
    """What answers now. A server is ready as soon as it listens: it opens index and models before."""

    index_version: str
    articles: int
    encoder: str
    reranker: str
    model: str


def readiness_of(index: Callable[[], SearchedIndex], *, encoder: str, reranker: str, model: str) -> Callable[[], Readiness]:
    """Return what tells, each time, which version `index` returns; the models stay as long as the process.

    `model` and `reranker` may be addresses with a password in them: of the one only the kind is told.
    """
    shown = masked(reranker)
    kind = "extractive" if model == "extractive" else "gguf" if model.lower().endswith(".gguf") else "server"

    def now() -> Readiness:
        searched = index()
        return Readiness(searched.version, len(searched.articles()), encoder, shown, kind)

    return now
