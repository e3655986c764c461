"""The reranker for a LangChain chain: `ContextualCompressionRetriever` and its like take it."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from pydantic import ConfigDict, Field, SkipValidation

from assistant.evidence.reranker import Reranker, Text
from index.text.sentences import sentence_bounds

SCORE = "relevance_score"
"""Metadata of a document: the logit that it answers; above 0 is more likely than not."""


class RerankerCompressor(BaseDocumentCompressor):
    """Keeps the `top_n` documents that answer a question best, best first; title and place are read with the text."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    reranker: SkipValidation[Reranker]
    top_n: int = Field(default=3, ge=1)

    def compress_documents(self, documents: Sequence[Document], query: str,
                           callbacks: Callbacks | None = None) -> list[Document]:
        readings = self.reranker.read(query, [_text(document) for document in documents])
        scored = [
            document.model_copy(update={"metadata": {**document.metadata, SCORE: reading.answerable}})
            for document, reading in zip(documents, readings, strict=True)
        ]
        return sorted(scored, key=lambda document: -document.metadata[SCORE])[: self.top_n]


def _text(document: Document) -> Text:
    sentences = tuple(document.page_content[a:b] for a, b in sentence_bounds(document.page_content))
    known = document.metadata
    return Text(str(known.get("title", "")), sentences or (document.page_content,), str(known.get("place", "")))
