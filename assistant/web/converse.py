"""From a question to what is shown beneath it: the run of one answer, as drawings of its entry."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.markdown import harmless, plain
from assistant.store.snapshot import gather
from assistant.types import Answer, Turn
from assistant.web.cases import reply_markdown
from assistant.web.render import Evidence
from assistant.web.session import Entry, named
from index.errors import LinjianError
from index.facets import Facets
from index.filters import Filters
from index.types import Article, Passage

REDRAW = 0.08
"""Seconds between two drawings of a growing answer: a model's every token would swamp the page."""

logger = logging.getLogger(__name__)


class Index(Protocol):
    """What the page asks of the index."""

    version: str

    def article(self, article_id: str) -> Article: ...

    def passage(self, passage_id: str) -> Passage: ...

    @property
    def facets(self) -> Facets: ...

    def selected(self, filters: Filters) -> int: ...


class Assistant(Protocol):
    """What the page asks of the assistant: the text so far, again and again, and last the answer."""

    index: Index

    def pinned(self) -> Assistant:
        """Return an assistant that answers, and shows its sources, from one version of the index."""
        ...

    def stream(self, question: str, history: Sequence[Turn], filters: Filters | None = None, *,
               all_cases: bool = False, quick: bool = False) -> Iterable[str | Answer]: ...

    def suggest(self, answer: Answer, filters: Filters | None = None, *, go_on: Callable[[], bool]) -> list[str]:
        """Return questions to go on with, each one tried; give up when `go_on` does not hold any more."""
        ...

    def starters(self, language: str) -> list[str]:
        """Return questions to begin with, each one tried."""
        ...


def converse(
    assistant: Assistant, entry: Entry, history: Sequence[Turn], key: int, text: Mapping[str, str], *, quick: bool = False
) -> Iterator[Entry]:
    """Yield the entry as its answer grows, or as it was while there is nothing new; the last one is not running any more."""
    drawn, shown, assistant = time.monotonic(), entry, assistant.pinned()
    try:
        for step in assistant.stream(entry.question, history, entry.filters, all_cases=entry.all_cases, quick=quick):
            if isinstance(step, Answer):
                yield answered(entry, Evidence.of(key, gather(step, assistant.index)), text)
                return
            if not step:
                yield shown
            elif time.monotonic() - drawn >= REDRAW:
                drawn, shown = time.monotonic(), replace(entry, reply=harmless(step))
                yield shown
        raise RuntimeError("the assistant's stream ended without an answer")
    except LinjianError as error:
        yield replace(entry, reply=plain(str(error)), running=False)
    except Exception:
        # A bug: the log gets the traceback. Raised on, Gradio would lay "Error" over the whole conversation.
        logger.exception("no answer to a question of %d characters", len(entry.question))
        yield replace(entry, reply=plain(text["unexpected"]), running=False)


def answered(entry: Entry, evidence: Evidence, text: Mapping[str, str]) -> Entry:
    """Return the entry as it shows its answer."""
    answer = evidence.answer
    reply = reply_markdown(answer, evidence.key, text) + _struck(answer, text)
    if answer.notice:
        reply = f"> {plain(answer.notice)}\n\n{reply}"
    if answer.standalone_question.strip() not in ("", entry.question):
        understood = text["understood"].format(question=answer.standalone_question)
        reply = f"> {plain(' '.join(understood.split()))}\n\n{reply}"
    if entry.filters:
        reply = f"> {plain(text['within'].format(names=text['listed'].join(named(entry.filters, text))))}\n\n{reply}"
    return replace(entry, reply=reply, evidence=evidence, running=False)


def _struck(answer: Answer, text: Mapping[str, str]) -> str:
    """Return, struck out, what a language model wrote and no passage carries; the answer's own text leaves it out."""
    weak = [claim.text for claim in answer.claims if not claim.supported and claim.text not in answer.text]
    return "".join(f"\n\n~~{plain(' '.join(claim.split()))}~~ ({plain(text['unchecked'])})" for claim in weak)
