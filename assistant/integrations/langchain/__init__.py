"""A retriever, the embeddings, a document compressor, tools and a chat model for LangChain."""

__all__ = ["chat_model", "compressor", "embeddings", "retriever", "tools"]
