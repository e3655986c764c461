"""Haystack: embedding and BM25 retrievers of its memory store, joined by reciprocal ranks, as its hybrid tutorial does.

Needs haystack-ai and sentence-transformers-haystack.
"""

from __future__ import annotations

from collections.abc import Sequence


class HaystackBaseline:
    packages = ("haystack-ai", "sentence-transformers-haystack")

    def __init__(self, passages: Sequence[tuple[str, str]], model: str, k: int) -> None:
        from haystack import Document, Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        store = InMemoryDocumentStore()
        embedder = SentenceTransformersDocumentEmbedder(model=model, prefix="passage: ", progress_bar=False)
        embedder.warm_up()
        documents = [Document(id=name, content=text) for name, text in passages]
        store.write_documents(embedder.run(documents)["documents"])
        self._pipeline = Pipeline()
        self._pipeline.add_component(
            "embedder", SentenceTransformersTextEmbedder(model=model, prefix="query: ", progress_bar=False)
        )
        self._pipeline.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=k))
        self._pipeline.add_component("lexical", InMemoryBM25Retriever(store, top_k=k))
        self._pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=k))
        self._pipeline.connect("embedder.embedding", "dense.query_embedding")
        self._pipeline.connect("dense.documents", "joiner.documents")
        self._pipeline.connect("lexical.documents", "joiner.documents")

    def search(self, question: str) -> list[str]:
        ran = self._pipeline.run({"embedder": {"text": question}, "lexical": {"query": question}})
        return [document.id for document in ran["joiner"]["documents"]]
