"""Between a visitor's session and the store: the store is the truth, and the session is filled from it.

Where the session has no owner (a client of the API, a page that keeps no history) nothing is kept. Where the store cannot
be read or written, the visitor is told, the log says why, and questions are answered as ever.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import gradio as gr

from assistant.locales.loader import words
from assistant.markdown import plain
from assistant.store.conversations import ConversationFull, Conversations
from assistant.store.feedback import FeedbackStore
from assistant.store.types import Feedback, Snapshot, State, StoredTurn
from assistant.web.converse import answered
from assistant.web.render import Evidence
from assistant.web.session import Entry, Session
from index.errors import LinjianError, NotFound

logger = logging.getLogger(__name__)


class Memory:
    """Keeps conversations in `home`; with None it keeps nothing."""

    def __init__(self, home: Path | None) -> None:
        self._store = Conversations(home) if home else None
        self._feedback = FeedbackStore(home) if home else None
        if self._store:
            self._store.interrupt()

    @property
    def keeps(self) -> bool:
        return self._store is not None

    @contextmanager
    def _bearing(self, told: str = "") -> Iterator[None]:
        """Let the block end where the store refuses or cannot be used; the log says why, and the visitor is `told`."""
        try:
            yield
        except LinjianError as error:
            logger.warning("the history: %s", error)
            if told:
                gr.Warning(told)

    # -- a question and its answer -----------------------------------------------------------------------------------------

    def begin(self, now: Session) -> bool:
        """Store the last entry, which is about to be answered; False, having told the visitor, when it must not be."""
        entry, text = now.entries[-1], words(now.language).chat
        if self._store is None or now.owner is None:
            return True
        with self._bearing(text["not_kept"]):
            try:
                if entry.turn is not None:
                    turn = self._store.again(now.owner, entry.turn, alone=entry.alone, all_cases=entry.all_cases)
                else:
                    turn = self._store.begin(now.owner, entry.question, conversation=now.conversation, filters=entry.filters)
            except ConversationFull:
                gr.Warning(text["conversation_full"])
                return False
            now.conversation = turn.conversation
            now.entries[-1] = replace(entry, turn=turn.id)
            self.list(now)
        return True

    def end(self, entry: Entry) -> Entry:
        """Store what became of an entry that is not running any more; return it as it is to be shown."""
        if self._store is None or entry.turn is None:
            return entry
        evidence = entry.evidence
        with self._bearing():
            if evidence is None:
                self._store.end(entry.turn, State.FAILED, entry.reply)
            elif self._store.finish(entry.turn, Snapshot(evidence.answer, evidence.passages, evidence.articles)):
                return replace(entry, evidence=replace(evidence, kept=True))
        return entry

    def stop(self, now: Session) -> None:
        """Store that the visitor stopped the last entry, with what it shows."""
        entry = now.entries[-1]
        if self._store and entry.turn is not None:
            with self._bearing():
                self._store.end(entry.turn, State.STOPPED, entry.reply)

    def said(self, now: Session, key: int, feedback: Feedback | None) -> None:
        """Store what the visitor says of answer `key`; None takes it back. NotFound where there is none that is kept."""
        entry = now.entries[key - 1] if 0 < key <= len(now.entries) else None
        if not (self._feedback and now.owner and entry and entry.turn and entry.evidence):
            raise NotFound(f"There is no answer {key}.")
        if feedback is None:
            self._feedback.take_back(now.owner, entry.turn)
        else:
            feedback = self._feedback.give(now.owner, entry.turn, feedback)
        now.entries[key - 1] = replace(entry, evidence=replace(entry.evidence, feedback=feedback))

    # -- the conversations of the session's owner -----------------------------------------------------------------------

    def open(self, now: Session, conversation: str | None) -> None:
        """Show a conversation of the session's owner; an empty new one where there is none of that name."""
        now.clear()
        now.conversation = None
        if self._store and now.owner and conversation:
            with self._bearing(words(now.language).chat["no_store"]), suppress(NotFound):
                turns = self._store.turns(now.owner, conversation)
                now.conversation = conversation
                now.entries[:] = [_entry(turn, key, words(now.language).chat) for key, turn in enumerate(turns, start=1)]

    def catch_up(self, now: Session) -> None:
        """Take over what another page of the same visitor has done to this conversation."""
        if self._store and now.owner and now.conversation:
            with self._bearing():
                try:
                    states = self._store.states(now.owner, now.conversation)
                except NotFound:
                    states = None
                if states != [(e.turn, _state(e)) for e in now.entries if e.turn is not None]:
                    self.open(now, now.conversation)

    def list(self, now: Session) -> None:
        """Read the list of conversations anew."""
        now.listed = []
        if self._store and now.owner:
            with self._bearing():
                now.listed = self._store.listed(now.owner, now.searched)

    def rename(self, now: Session, title: str) -> None:
        """Give the open conversation a title; a conversation that is gone, or no title, changes nothing."""
        if self._store and now.owner and now.conversation and title.strip():
            with self._bearing(words(now.language).chat["no_store"]):
                self._store.rename(now.owner, now.conversation, title)
        self.list(now)

    def delete(self, now: Session) -> None:
        """Delete the open conversation and show a new one."""
        if self._store and now.owner and now.conversation:
            with self._bearing(words(now.language).chat["no_store"]):
                self._store.delete(now.owner, now.conversation)
        self.open(now, None)
        self.list(now)


def _entry(turn: StoredTurn, key: int, text: Mapping[str, str]) -> Entry:
    running = turn.state is State.RUNNING
    words_for = {State.RUNNING: f"*{text['searching']}*", State.INTERRUPTED: plain(text["interrupted"])}
    shown = words_for.get(turn.state, turn.shown)
    entry = Entry(turn.question, shown, running=running, filters=turn.filters, alone=turn.alone, all_cases=turn.all_cases,
                  turn=turn.id)
    if turn.snapshot is None:
        return entry
    return answered(entry, Evidence.of(key, turn.snapshot, kept=True, feedback=turn.feedback), text)


def _state(entry: Entry) -> State | None:
    """Return the state that tells whether the store holds something newer than the page."""
    return State.DONE if entry.evidence else State.RUNNING if entry.running else None
