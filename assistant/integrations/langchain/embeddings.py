"""The embedding model of an index for a LangChain chain."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from index.embedding.encoder import Encoder


class EncoderEmbeddings(Embeddings):
    """Unit vectors of our encoder: questions and documents are embedded as the model was trained to tell them apart."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self.encoder.encode_document(texts).tolist()

    def embed_query(self, text: str) -> list[float]:
        return self.encoder.encode_query([text])[0].tolist()
