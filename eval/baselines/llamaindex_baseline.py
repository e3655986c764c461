"""LlamaIndex: vectors and BM25 in a QueryFusionRetriever.

Needs llama-index-core, llama-index-embeddings-huggingface and llama-index-retrievers-bm25.
"""

from __future__ import annotations

from collections.abc import Sequence


class LlamaIndexBaseline:
    """Reciprocal rank fusion; one query, for writing more of them takes a language model."""

    packages = ("llama-index-core", "llama-index-embeddings-huggingface", "llama-index-retrievers-bm25")

    def __init__(self, passages: Sequence[tuple[str, str]], model: str, k: int) -> None:
        from llama_index.core import VectorStoreIndex
        from llama_index.core.llms import MockLLM
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.core.schema import TextNode
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from llama_index.retrievers.bm25 import BM25Retriever

        embeddings = HuggingFaceEmbedding(model_name=model, query_instruction="query: ", text_instruction="passage: ")
        nodes = [TextNode(id_=name, text=text) for name, text in passages]
        dense = VectorStoreIndex(nodes, embed_model=embeddings).as_retriever(similarity_top_k=k)
        lexical = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=k)
        self._retriever = QueryFusionRetriever(
            [dense, lexical],
            llm=MockLLM(),
            similarity_top_k=k,
            num_queries=1,
            mode="reciprocal_rerank",
            use_async=False,
        )

    def search(self, question: str) -> list[str]:
        return [found.node.node_id for found in self._retriever.retrieve(question)]
