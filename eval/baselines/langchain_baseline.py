"""LangChain: FAISS and BM25 in an EnsembleRetriever, equal weights.

Needs langchain-classic, langchain-community, langchain-huggingface, rank-bm25 and faiss-cpu.
"""

from __future__ import annotations

from collections.abc import Sequence


class LangChainBaseline:
    """BM25Retriever splits at spaces unless told otherwise, which for Chinese means whole sentences; that is its default."""

    packages = (
        "langchain-core",
        "langchain-classic",
        "langchain-community",
        "langchain-huggingface",
        "rank-bm25",
        "faiss-cpu",
    )

    def __init__(self, passages: Sequence[tuple[str, str]], model: str, k: int) -> None:
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever
        from langchain_community.vectorstores import FAISS
        from langchain_core.documents import Document
        from langchain_huggingface import HuggingFaceEmbeddings

        embeddings = HuggingFaceEmbeddings(
            model_name=model, encode_kwargs={"prompt_name": "document"}, query_encode_kwargs={"prompt_name": "query"}
        )
        documents = [Document(text, metadata={"id": name}) for name, text in passages]
        dense = FAISS.from_documents(documents, embeddings).as_retriever(search_kwargs={"k": k})
        lexical = BM25Retriever.from_documents(documents, k=k)
        self._retriever = EnsembleRetriever(retrievers=[lexical, dense], weights=[0.5, 0.5])

    def search(self, question: str) -> list[str]:
        return [document.metadata["id"] for document in self._retriever.invoke(question)]
