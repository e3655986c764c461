"""The assistant: a LangChain runnable from an `Ask` to its `Answer`.

    complete -> search -> rerank -> answerable -> compose or refuse [-> write -> verify, with a language model]

`invoke`, `stream`, `batch`, `ainvoke`, `astream_events` and callbacks are LangChain's.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableSequence
from starlette.concurrency import iterate_in_threadpool

from assistant.answer.suggestions import starters, suggestions
from assistant.llm.answerer import Writer
from assistant.llm.model import LanguageModel
from assistant.question.understand import Question
from assistant.steps import State, Steps
from assistant.types import Answer, Ask, Draft, Turn
from assistant.verify.claim_check import ClaimChecker
from assistant.verify.verify import Verifier
from index.search.engine import SearchIndex
from index.search.filters import UNBOUNDED, Filters
from index.types import Case, Retrieved


class Assistant(Runnable[Ask, Answer]):
    """Answers questions from one opened index; safe to share between threads."""

    def __init__(self, index: SearchIndex, *, model: LanguageModel | None = None, verifier: Verifier | None = None,
                 **how: Any) -> None:
        """`model` words the answers, and `verifier` checks claims (None: without reading); `how` is what `Steps` takes."""
        self.name, self.index = "linjian", index
        self.checker = ClaimChecker(index.encoder, verifier or Verifier.for_encoder(index.encoder.name))
        self._writer = Writer(model, index, self.checker) if model else None
        self._steps = Steps(index, rewrite=self._writer.rewrite if self._writer else None, **how)
        self.steps: RunnableSequence[Ask, State] = self._steps.runnable

    def invoke(self, input: Ask, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Return the answer."""
        *_, answer = self.stream(input, config, **kwargs)
        return answer

    def stream(self, input: Ask, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Draft | Answer]:
        """Yield the answer's text as it grows, and last the `Answer`; close the stream to stop."""
        from langsmith import tracing_context

        with closing(self._transform_stream_with_config(iter([input]), self._answered, config, **kwargs)) as drafts:
            # LANGSMITH_TRACING in the environment would send articles away; the steps keep the context they begin with.
            with tracing_context(enabled=False):
                first = next(drafts)
            yield first
            yield from drafts

    def find(self, ask: Ask, config: RunnableConfig | None = None) -> State:
        """Return the built-in answer, before a language model has a say, with the state in which it was found."""
        from langsmith import tracing_context

        with tracing_context(enabled=False):
            return self.steps.invoke(ask, config)

    async def astream(self, input: Ask, config: RunnableConfig | None = None,
                      **kwargs: Any) -> AsyncIterator[Draft | Answer]:
        """Yield what `stream` yields; it is computed in threads."""
        with closing(self.stream(input, config, **kwargs)) as drafts:
            async for draft in iterate_in_threadpool(drafts):
                yield draft

    def understand(self, question: str, history: Sequence[Turn] = ()) -> Question:
        """Return the question understood, completed from the conversation where it does not stand alone."""
        return self._steps.understanding.of(question, history)

    def passages(self, query: str, k: int, filters: Filters = UNBOUNDED) -> list[Retrieved]:
        """Return the best `k` passages, searched for as for an answer, best first."""
        return self.index.search(**self.understand(query).query(), k=k, filters=filters)

    def cases_for(self, words: str) -> list[Case]:
        """Return the cases that a list of cases for these words would tell, best first."""
        return self._steps.cases_for(words)

    def suggest(self, answer: Answer, filters: Filters = UNBOUNDED, *, most: int = 3, seconds: float = 2.0,
                go_on: Callable[[], bool] = lambda: True) -> list[str]:
        """Return questions that follow `answer`, each one tried: they are answered, by something not said yet."""
        return suggestions(answer, self.index, self._steps.glossary, lambda asked: self._tried(asked, filters),
                           most=most, seconds=seconds, go_on=go_on)

    def starters(self, language: str, *, most: int = 3, seconds: float = 3.0) -> list[str]:
        """Return questions to begin with, in a language: about what the articles speak of most, each one tried."""
        return starters(self.index, self._steps.glossary, self._tried, language, most=most, seconds=seconds,
                        go_on=lambda: True)

    def _tried(self, question: str, filters: Filters = UNBOUNDED) -> Answer:
        return self.find(Ask(question, (), filters, skip_reranking=True)).answer

    def _answered(self, asked: Iterator[Ask], config: RunnableConfig) -> Iterator[Draft | Answer]:
        """Yield the drafts and the answer of the one question that is asked; refusing needs no model."""
        started = time.perf_counter()
        state = self.find(next(asked), config)
        answer = replace(state.answer, timings_ms=dict(state.timings_ms))
        if self._writer is None or not answer.citations:
            yield from _growing(answer)
            return
        left = self._writer.model.timeout - (time.perf_counter() - started)
        yield from self._writer.stream(answer, state.ranked, state.evidence, seconds=left, config=config)


def _growing(answer: Answer) -> Iterator[Draft | Answer]:
    """Yield the text of an answer sentence by sentence, and last the answer."""
    grown = ""
    for piece in re.findall(r".*?(?:\]\n*|\n+|$)", answer.text, flags=re.S):
        grown += piece
        if piece:
            yield Draft(grown)
    yield answer
