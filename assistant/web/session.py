"""One visitor's conversation: what was asked, what is shown beneath it, and which run may write to it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from assistant.types import Answer, Turn
from assistant.web.markdown import answer_markdown, harmless, plain, without_markers
from assistant.web.render import ALSO_FOUND, Evidence
from index.errors import LinjianError
from index.types import Article, Passage

REMEMBERED_TURNS = 6
GIST = 300
REDRAW = 0.08
"""Seconds between two drawings of a growing answer: a model's every token would swamp the page."""

_Kept = TypeVar("_Kept")
logger = logging.getLogger(__name__)


class Index(Protocol):
    """What the page asks of the index."""

    def article(self, article_id: str) -> Article: ...

    def passage(self, passage_id: str) -> Passage: ...


class Assistant(Protocol):
    """What the page asks of the assistant: the text so far, again and again, and last the answer."""

    index: Index

    def stream(self, question: str, history: Sequence[Turn]) -> Iterable[str | Answer]: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with what is shown beneath it (Markdown); no evidence until it is answered."""

    question: str
    reply: str
    evidence: Evidence | None = None
    running: bool = False


class Session:
    """Changed in place: a stopped run goes on in its thread for a while and must not write any more.

    No dataclass, because Gradio would send the fields of one to the page.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = list(entries)
        self.runs = 0
        self.busy = False

    def begin(self, question: str, searching: str) -> int:
        """Add a question; return the number that lets its run write."""
        self.entries.append(Entry(question, f"*{searching}*", running=True))
        self.runs += 1
        self.busy = True
        return self.runs

    def write(self, run: int, entry: Entry) -> bool:
        """Replace the last entry; refuse when the run was stopped."""
        if run != self.runs or not self.busy:
            return False
        self.entries[-1] = entry
        self.busy = entry.running
        return True

    def stop(self, word: str) -> None:
        """End the run; what it has written so far stays, with `word` beneath."""
        if self.busy:
            self.busy = False
            last = self.entries[-1]
            self.entries[-1] = replace(last, reply=f"{last.reply}\n\n{plain(word)}", running=False)

    def clear(self) -> None:
        """Forget everything; a run on its way is ended."""
        self.busy = False
        self.entries.clear()

    def history(self) -> tuple[Turn, ...]:
        """Return the last answered turns, each with the gist of its answer."""
        answered = [entry for entry in self.entries if entry.evidence][-REMEMBERED_TURNS:]
        return tuple(
            Turn(e.question, " ".join(without_markers(e.evidence.answer.text).split())[:GIST])
            for e in answered
        )

    def evidence(self) -> list[Evidence]:
        return [entry.evidence for entry in self.entries if entry.evidence]

    def messages(self) -> list[dict[str, str]]:
        """Return the conversation as the chatbot wants it."""
        return [
            {"role": role, "content": content}
            for entry in self.entries
            for role, content in (("user", plain(entry.question)), ("assistant", entry.reply))
        ]


def converse(
    assistant: Assistant, entry: Entry, history: Sequence[Turn], key: int, text: Mapping[str, str]
) -> Iterator[Entry]:
    """Yield the entry as its answer grows; the last one is not running any more."""
    drawn = time.monotonic()
    try:
        for step in assistant.stream(entry.question, history):
            if isinstance(step, Answer):
                yield _answered(entry, step, key, assistant.index, text)
                return
            if step and time.monotonic() - drawn >= REDRAW:
                drawn = time.monotonic()
                yield replace(entry, reply=harmless(step))
        raise RuntimeError("the assistant's stream ended without an answer")
    except LinjianError as error:
        yield replace(entry, reply=plain(str(error)), running=False)
    except Exception:
        # A bug: the log gets the traceback. Raised on, Gradio would lay "Error" over the whole conversation.
        logger.exception("no answer to a question of %d characters", len(entry.question))
        yield replace(entry, reply=plain(text["unexpected"]), running=False)


def _answered(entry: Entry, answer: Answer, key: int, index: Index, text: Mapping[str, str]) -> Entry:
    reply = answer_markdown(answer, key)
    if answer.standalone_question.strip() not in ("", entry.question):
        understood = text["understood"].format(question=answer.standalone_question)
        reply = f"> {plain(' '.join(understood.split()))}\n\n{reply}"
    return replace(entry, reply=reply, evidence=gather(answer, key, index), running=False)


def gather(answer: Answer, key: int, index: Index) -> Evidence:
    """Fetch the passages and articles that the panel will show, once, so that they stay as they were."""
    cited = {citation.passage_id: citation.article_id for citation in answer.citations}
    rest = [(f.passage_id, f.article_id) for f in answer.retrieved if f.passage_id not in cited][:ALSO_FOUND]
    named = {**cited, **dict(rest)}
    return Evidence(key, answer, _kept(index.passage, named), _kept(index.article, named.values()))


def _kept(fetch: Callable[[str], _Kept], ids: Iterable[str]) -> dict[str, _Kept]:
    """Fetch what the index still holds; the panel falls back to the citation's own quote for the rest."""
    kept = {}
    for one in set(ids):
        with suppress(LinjianError):
            kept[one] = fetch(one)
    return kept
