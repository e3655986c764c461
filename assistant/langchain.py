"""For other LangChain code: the index as a retriever, the assistant as a runnable. Nothing of ours needs this.

    chain = PassageRetriever(index=SearchIndex.open(home, encoder), k=4) | ...
    as_runnable(assistant).invoke("其他社区是怎么处理无物业小区的？").text
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import Field

from assistant.assistant import Assistant
from assistant.types import Answer, Ask, Turn
from index.search import SearchIndex
from index.types import Retrieved


class PassageRetriever(BaseRetriever):
    """Finds the best `k` passages for a question, best first."""

    index: SearchIndex
    k: int = Field(default=10, ge=1)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(found) for found in self.index.search(query, self.k)]


def _document(found: Retrieved) -> Document:
    passage, article = found.passage, found.article
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "title": article.title, "source": article.source, "date": article.date,
            "place": found.place,
            "file": article.file, "start": passage.start, "end": passage.end, "score": found.score,
        },
    )


def as_runnable(assistant: Assistant) -> Runnable[str | Mapping[str, Any], Answer]:
    """Return the assistant as a runnable from a question, or {"question": …, "history": […]}, to its Answer.

    The history holds `Turn`s or mappings of their fields, oldest first.
    """

    def as_ask(asked: str | Mapping[str, Any]) -> Ask:
        if isinstance(asked, str):
            return Ask(asked)
        return Ask(asked["question"], _turns(asked.get("history") or ()))

    return RunnableLambda(as_ask, name="as ask") | assistant


def _turns(history: Sequence[Turn | Mapping[str, str]]) -> tuple[Turn, ...]:
    return tuple(turn if isinstance(turn, Turn) else Turn(**turn) for turn in history)
