"""The assistant as a LangChain chat model: the last human message is answered, each [n] is a citation block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.content import Citation, create_citation
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from assistant.answer.markdown import MARKER
from assistant.assistant import Assistant
from assistant.service.history import ask_of
from assistant.types import Answer
from index.errors import LinjianError


class ArticlesChatModel(BaseChatModel):
    """Answers the last question of a conversation from the articles; what a system message says is not read.

    The text is one content block whose annotations are citations: title, the cited words, and in `extras` where they stand.
    `response_metadata` says whether it was refused and why. A stream sends the text when it has been checked.
    """

    assistant: Assistant

    @property
    def _llm_type(self) -> str:
        return "linjian"

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        return LangSmithParams(ls_provider="linjian", ls_model_name=kwargs.get("model", "linjian"), ls_model_type="chat")

    def _generate(self, messages: list[BaseMessage], stop: list[str] | None = None,
                  run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any) -> ChatResult:
        answer = self._answer(messages)
        text = _cut(answer.text, stop)
        block = {"type": "text", "text": text, "annotations": _citations(answer, text)}
        message = AIMessage(content=[block], response_metadata=_metadata(answer))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(self, messages: list[BaseMessage], stop: list[str] | None = None,
                run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        answer = self._answer(messages)
        text = _cut(answer.text, stop)
        for piece in re.findall(r".+?(?:\]|\n+|$)", text, flags=re.S):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=[{"type": "text", "text": piece, "index": 0}]))
            if run_manager:
                run_manager.on_llm_new_token(piece, chunk=chunk)
            yield chunk
        last = {"type": "text", "text": "", "annotations": _citations(answer, text), "index": 0}
        yield ChatGenerationChunk(message=AIMessageChunk(
            content=[last], response_metadata=_metadata(answer), chunk_position="last"))

    def _answer(self, messages: list[BaseMessage]) -> Answer:
        ask = ask_of([("user" if isinstance(m, HumanMessage) else m.type, m.text) for m in messages])
        if ask is None:
            raise LinjianError("There is no question: the conversation needs a human message.")
        return self.assistant.invoke(ask)


def _cut(text: str, stop: list[str] | None) -> str:
    """Return `text` up to the first of the stop words."""
    ends = [text.find(word) for word in stop or () if word in text]
    return text[: min(ends, default=len(text))]


def _citations(answer: Answer, text: str) -> list[Citation]:
    cited = {c.number: c for c in answer.citations}
    return [
        create_citation(title=c.title, cited_text=c.quote, start_index=m.start(), end_index=m.end(),
                        source=c.source, date=c.date, place=c.place, file=c.file, start=c.start, end=c.end,
                        article_id=c.article_id, passage_id=c.passage_id)
        for m in MARKER.finditer(text) if (c := cited.get(int(m[1])))]


def _metadata(answer: Answer) -> dict[str, Any]:
    return {"model_provider": "linjian", "model_name": answer.model, "index_version": answer.index_version,
            "refused": answer.refused, "refusal_reason": answer.refusal_reason, "notice": answer.notice}
