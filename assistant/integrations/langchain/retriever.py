"""The passages of an index for a LangChain chain."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import run_in_executor
from pydantic import Field

from assistant.assistant import Assistant
from index.search.filters import UNBOUNDED, Filters
from index.types import Retrieved


class PassageRetriever(BaseRetriever):
    """Finds the best `k` passages for a question, searched for as for an answer, best first.

    `k` and `filters` can also be given to `invoke` and `ainvoke`.
    """

    assistant: Assistant
    k: int = Field(default=10, ge=1)
    filters: Filters = UNBOUNDED

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None,
                                filters: Filters | None = None) -> list[Document]:
        found = self.assistant.passages(query, self.k if k is None else k, self.filters if filters is None else filters)
        return [document_of(one) for one in found]

    async def _aget_relevant_documents(self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun,
                                       **bounds: Any) -> list[Document]:
        return await run_in_executor(None, self._get_relevant_documents, query, run_manager=run_manager.get_sync(), **bounds)


def document_of(found: Retrieved) -> Document:
    """Return a passage as a document; `start` and `end` are characters of the decoded text of `file`."""
    passage, article = found.passage, found.article
    return Document(id=passage.id, page_content=passage.text, metadata={
        "article_id": article.id, "title": article.title, "source": article.source, "date": article.date,
        "place": found.place, "file": article.file,
        "start": passage.start, "end": passage.end, "score": found.score,
    })
