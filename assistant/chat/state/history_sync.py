"""Between a visitor's session and the store: the store is the truth, and the session is filled from it.

Where the session has no owner (a client of the API, a page that keeps no history) nothing is kept. Where the store cannot
be read or written, the visitor is told, the log says why, and questions are answered as ever.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import gradio as gr

from assistant.answer.markdown import plain
from assistant.chat.state.answer_stream import answered
from assistant.chat.state.session import Entry, Session
from assistant.chat.views.evidence_view import ShownEvidence
from assistant.locales.loader import words
from assistant.storage.conversations import ConversationFull, Conversations
from assistant.storage.feedback import FeedbackStore
from assistant.storage.types import Feedback, Snapshot, StoredTurn, TurnState
from index.errors import LinjianError, NotFound

logger = logging.getLogger(__name__)


class HistorySync:
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

    def begin(self, session: Session) -> bool:
        """Store the last entry, which is about to be answered; False, having told the visitor, when it must not be."""
        entry, text = session.entries[-1], words(session.language).chat
        if self._store is None or session.owner is None:
            return True
        with self._bearing(text["not_kept"]):
            try:
                if entry.turn is not None:
                    turn = self._store.again(session.owner, entry.turn, alone=entry.alone, all_cases=entry.all_cases)
                else:
                    turn = self._store.begin(session.owner, entry.question, conversation=session.conversation, filters=entry.filters)
            except ConversationFull:
                gr.Warning(text["conversation_full"])
                return False
            session.conversation = turn.conversation
            session.entries[-1] = replace(entry, turn=turn.id)
            self.list(session)
        return True

    def end(self, entry: Entry) -> Entry:
        """Store what became of an entry that is not running any more; return it as it is to be shown."""
        if self._store is None or entry.turn is None:
            return entry
        evidence = entry.evidence
        with self._bearing():
            if evidence is None:
                self._store.end(entry.turn, TurnState.FAILED, entry.reply)
            elif self._store.finish(entry.turn, Snapshot(evidence.answer, evidence.passages, evidence.articles)):
                return replace(entry, evidence=replace(evidence, kept=True))
        return entry

    def stop(self, session: Session) -> None:
        """Store that the visitor stopped the last entry, with what it shows."""
        entry = session.entries[-1]
        if self._store and entry.turn is not None:
            with self._bearing():
                self._store.end(entry.turn, TurnState.STOPPED, entry.reply)

    def said(self, session: Session, key: int, feedback: Feedback | None) -> None:
        """Store what the visitor says of answer `key`; None takes it back. NotFound where there is none that is kept."""
        entry = session.entries[key - 1] if 0 < key <= len(session.entries) else None
        if not (self._feedback and session.owner and entry and entry.turn and entry.evidence):
            raise NotFound(f"There is no answer {key}.")
        if feedback is None:
            self._feedback.take_back(session.owner, entry.turn)
        else:
            feedback = self._feedback.give(session.owner, entry.turn, feedback)
        session.entries[key - 1] = replace(entry, evidence=replace(entry.evidence, feedback=feedback))

    # -- the conversations of the session's owner -----------------------------------------------------------------------

    def open(self, session: Session, conversation: str | None) -> None:
        """Show a conversation of the session's owner; where there is none of that name, say so and show an empty new one."""
        text = words(session.language).chat
        session.clear()
        session.conversation = None
        if self._store and session.owner and conversation:
            with self._bearing(text["no_store"]):
                try:
                    turns = self._store.turns(session.owner, conversation)
                except NotFound:
                    gr.Warning(text["gone_conversation"])
                    return
                session.conversation = conversation
                session.entries[:] = [_entry(turn, key, text) for key, turn in enumerate(turns, start=1)]

    def catch_up(self, session: Session) -> None:
        """Take over what another page of the same visitor has done to this conversation."""
        if self._store and session.owner and session.conversation:
            with self._bearing():
                try:
                    states = self._store.states(session.owner, session.conversation)
                except NotFound:
                    states = None
                if states != [(e.turn, _state(e)) for e in session.entries if e.turn is not None]:
                    self.open(session, session.conversation)

    def list(self, session: Session) -> None:
        """Read the list of conversations anew."""
        session.listed = []
        if self._store and session.owner:
            with self._bearing():
                session.listed = self._store.listed(session.owner, session.searched)

    def rename(self, session: Session, conversation: str, title: str) -> None:
        """Give a conversation a title; a conversation that is gone, or no title, changes nothing."""
        if self._store and session.owner and title.strip():
            with self._bearing(words(session.language).chat["no_store"]):
                self._store.rename(session.owner, conversation, title)
        self.list(session)

    def delete(self, session: Session, conversation: str) -> None:
        """Delete a conversation, and show a new one where it was the open one."""
        if self._store and session.owner:
            with self._bearing(words(session.language).chat["no_store"]):
                self._store.delete(session.owner, conversation)
        if conversation == session.conversation:
            self.open(session, None)
        self.list(session)


def _entry(turn: StoredTurn, key: int, text: Mapping[str, str]) -> Entry:
    running = turn.state is TurnState.RUNNING
    words_for = {TurnState.RUNNING: f"*{text['searching']}*", TurnState.INTERRUPTED: plain(text["interrupted"])}
    shown = words_for.get(turn.state, turn.shown)
    entry = Entry(turn.question, shown, running=running, filters=turn.filters, alone=turn.alone, all_cases=turn.all_cases,
                  turn=turn.id)
    if turn.snapshot is None:
        return entry
    return answered(entry, ShownEvidence.of(key, turn.snapshot, kept=True, feedback=turn.feedback), text)


def _state(entry: Entry) -> TurnState | None:
    """Return the state that tells whether the store holds something newer than the page."""
    return TurnState.DONE if entry.evidence else TurnState.RUNNING if entry.running else None
