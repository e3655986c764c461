"""Parts for other people's LangChain code; the assistant itself is a runnable from `Ask` to `Answer`."""

from assistant.integrations.langchain.chat_model import ArticlesChatModel
from assistant.integrations.langchain.compressor import RerankerCompressor
from assistant.integrations.langchain.embeddings import EncoderEmbeddings
from assistant.integrations.langchain.retriever import PassageRetriever
from assistant.integrations.langchain.tools import article_tools

__all__ = ["ArticlesChatModel", "EncoderEmbeddings", "PassageRetriever", "RerankerCompressor", "article_tools"]
