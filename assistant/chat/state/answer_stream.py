"""From a question to what is shown beneath it: the run of one answer, as drawings of its entry."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from assistant.answer.markdown import harmless, plain
from assistant.chat.state.session import Entry, named
from assistant.chat.views.answer_view import reply_markdown
from assistant.chat.views.evidence_view import ShownEvidence
from assistant.service.answering import is_for_askers
from assistant.storage.snapshot import gather
from assistant.types import Answer, Draft
from index.errors import LinjianError
from index.search.facets import Facets
from index.search.filters import Filters
from index.types import Article, Passage
from prompts.prompt_loader import phrases

REDRAW = 0.08
"""Seconds between two drawings of a growing answer: a model's every token would swamp the page."""

logger = logging.getLogger(__name__)


class PageIndex(Protocol):
    """What the page asks of the index."""

    version: str

    def article(self, article_id: str) -> Article: ...

    def passage(self, passage_id: str) -> Passage: ...

    @property
    def facets(self) -> Facets: ...

    def selected(self, filters: Filters) -> int: ...


def answer_stream(steps: Iterator[Draft | Answer], index: PageIndex, entry: Entry, key: int,
             text: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the entry as its answer grows, or as it was while there is nothing new; the last one is not running any more.

    `steps` are what the assistant's stream yields, `index` is the one that they come from.
    """
    drawn, shown = time.monotonic(), entry
    try:
        for step in steps:
            if isinstance(step, Answer):
                yield answered(entry, ShownEvidence.of(key, gather(step, index)), text)
                return
            if not step.text:
                yield shown
            elif time.monotonic() - drawn >= REDRAW:
                drawn, shown = time.monotonic(), replace(entry, reply=harmless(step.text))
                yield shown
        raise RuntimeError("the assistant's stream ended without an answer")
    except LinjianError as error:
        yield replace(entry, reply=plain(in_words(error, text)), running=False)
    except Exception:
        # A bug: the log gets the traceback. Raised on, Gradio would lay "Error" over the whole conversation.
        logger.exception("no answer to a question of %d characters", len(entry.question))
        yield replace(entry, reply=plain(text["unexpected"]), running=False)


def in_words(error: LinjianError, text: Mapping[str, str]) -> str:
    """Return what a visitor is told of an error; the log gets what only whoever runs the server should read."""
    if is_for_askers(error):
        return str(error)
    logger.error("not answered: %s", error)
    return text["unavailable"]


def answered(entry: Entry, evidence: ShownEvidence, text: Mapping[str, str]) -> Entry:
    """Return the entry as it shows its answer."""
    answer = evidence.answer
    reply = reply_markdown(answer, evidence.key, text) + _struck(answer, text)
    if answer.notice:
        reply = f"> {plain(answer.notice)}\n\n{reply}"
    if answer.standalone_question.strip() not in ("", entry.question):
        understood = text["understood"].format(question=answer.standalone_question)
        reply = f"> {plain(' '.join(understood.split()))}\n\n{reply}"
    if entry.filters:
        names = phrases(text["code"]).listed.join(named(entry.filters, text))
        reply = f"> {plain(text['within'].format(names=names))}\n\n{reply}"
    return replace(entry, reply=reply, evidence=evidence, running=False)


def _struck(answer: Answer, text: Mapping[str, str]) -> str:
    """Return, struck out, what a language model wrote and no passage carries; the answer's own text leaves it out."""
    weak = [claim.text for claim in answer.claims if not claim.supported]
    remark = plain(phrases(answer.language).unchecked)
    return "".join(f"\n\n~~{plain(' '.join(claim.split()))}~~ ({remark})" for claim in weak)
