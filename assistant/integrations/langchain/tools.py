"""The assistant as tools for LangChain agents: words for the model, and the whole answer or article as the artifact."""

from __future__ import annotations

from typing import Annotated

from langchain_core.documents import Document
from langchain_core.tools import BaseTool, StructuredTool
from pydantic import Field

from assistant.answer.reference import plain_text, reference
from assistant.assistant import Assistant
from assistant.integrations.langchain.retriever import document_of
from assistant.types import Answer, Ask
from index.types import Article, Retrieved

Words = Annotated[str, Field(min_length=1, description="in the user's own words")]


def article_tools(assistant: Assistant) -> list[BaseTool]:
    """Return the tools `ask_articles`, `search_articles` and `read_article`; each returns content and artifact."""

    def ask_articles(question: Words) -> tuple[str, Answer]:
        """Answer a question from local newspaper articles with numbered citations, or say that they do not answer it."""
        answer = assistant.invoke(Ask(question))
        return plain_text(answer), answer

    def search_articles(query: Words, k: Annotated[int, Field(ge=1, le=50)] = 10) -> tuple[str, list[Document]]:
        """Find passages of local newspaper articles, best first; read a whole article with read_article."""
        found = assistant.passages(query, k)
        return "\n\n".join(map(_hit, found)) or "Nothing was found.", [document_of(one) for one in found]

    def read_article(article_id: str) -> tuple[str, Article]:
        """Return the whole text of an article by its id, as search_articles names it."""
        article = assistant.index.article(article_id)
        paragraphs = ["".join(sentence.text for sentence in paragraph.sentences) for paragraph in article.paragraphs]
        return "\n\n".join([article.title, *paragraphs]), article

    return [StructuredTool.from_function(tool, response_format="content_and_artifact")
            for tool in (ask_articles, search_articles, read_article)]


def _hit(found: Retrieved) -> str:
    head = reference(found.article, place=found.place, file=found.article.file)
    return f"{head}\narticle_id: {found.article.id}\n{found.passage.text}"
