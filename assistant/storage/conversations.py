"""Conversations, each its owner's: asked, answered, listed, searched, renamed, deleted.

Another owner's conversation is never told from one that does not exist. A question is stored before it is answered, so
that one whose answer never came can be asked again.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from pathlib import Path

from assistant.storage.database import conversation_database, now, storable
from assistant.storage.snapshot import as_json, drop_unused, filters_of, load_evidence, store_evidence
from assistant.storage.types import Conversation, Feedback, Reason, Snapshot, StoredTurn, TurnState, Verdict
from index.errors import LinjianError, NotFound
from index.search.filters import Filters
from index.text.normalize import matching_form

LONGEST_TITLE = 80
LONGEST_QUESTION = 4_000
LONGEST_SHOWN = 20_000
MOST_TURNS = 200
"""Questions in one conversation."""
MOST_CONVERSATIONS = 1_000
"""Conversations of one owner; a further one takes the place of the one that rested longest."""

_CONVERSATION = "c.id, c.title, c.started, c.updated, (SELECT count(*) FROM turns WHERE conversation = c.id)"
_TURN = ("t.id, t.conversation, t.question, t.filters, t.state, t.asked, t.answer, t.shown, "
         "f.verdict, f.reasons, f.comment, f.given, t.alone, t.all_cases")

_OR_DONE = f"CASE WHEN answer IS NULL THEN ? ELSE '{TurnState.DONE}' END"
"""The state of a question that is not being answered any more: an older answer that it has is valid again."""


class ConversationFull(LinjianError):
    """Seen by whoever asks on in a conversation that has MOST_TURNS questions."""



class Conversations:
    """Reads and writes `home/conversations.sqlite`; safe to share between threads and processes.

    Every method that is given an owner raises NotFound for what is not that owner's.
    """

    def __init__(self, home: Path) -> None:
        self._database = conversation_database(home)

    # -- asking --------------------------------------------------------------------------------------------------------

    def begin(self, owner: str, question: str, *, conversation: str | None = None,
              filters: Filters | None = None) -> StoredTurn:
        """Store a question that is about to be answered; without a `conversation` it starts one, titled by the question.

        Raises LinjianError when the question is too long, ConversationFull when the conversation is.
        """
        question = storable(question)
        if len(question) > LONGEST_QUESTION:
            raise LinjianError(f"The question has {len(question)} characters; {LONGEST_QUESTION} are possible.")
        with self._database.writing() as db:
            asked = now()
            if conversation is None:
                conversation = self._start(db, owner, question, asked)
            else:
                self._owned(db, owner, conversation)
                db.execute("UPDATE conversations SET updated = ? WHERE id = ?", (asked, conversation))
            count, last = db.execute("SELECT count(*), coalesce(max(n), 0) FROM turns WHERE conversation = ?",
                                     (conversation,)).fetchone()
            if count >= MOST_TURNS:
                raise ConversationFull(f"This conversation has {count} questions, as many as it can hold. Start a new one.")
            made = db.execute(
                "INSERT INTO turns (conversation, n, question, filters, state, asked, folded) VALUES (?,?,?,?,?,?,?)",
                (conversation, last + 1, question, as_json(filters or Filters()), TurnState.RUNNING, asked, _folded(question)))
            return StoredTurn(int(made.lastrowid or 0), conversation, question, filters or Filters(), TurnState.RUNNING, asked)

    def finish(self, turn: int, snapshot: Snapshot) -> bool:
        """Store the answer of a running turn; False when it was stopped or deleted meanwhile.

        One that another server's start has called interrupted is answered after all.
        """
        answer = snapshot.answer
        folded = _folded(f"{answer.question}\n{answer.text}")
        with self._database.writing() as db:
            changed = db.execute(
                "UPDATE turns SET state = ?, answered = ?, answer = ?, index_version = ?, shown = '', folded = ? "
                "WHERE id = ? AND state IN (?, ?)",
                (TurnState.DONE, now(), json.dumps(answer.to_dict()), storable(answer.index_version), folded, turn,
                 TurnState.RUNNING, TurnState.INTERRUPTED)).rowcount
            if changed:
                store_evidence(db, turn, snapshot)
        return bool(changed)

    def end(self, turn: int, state: TurnState, shown: str = "") -> bool:
        """End a running turn without an answer: STOPPED or FAILED, and what it showed; False when it was not running."""
        with self._database.writing() as db:
            return bool(db.execute(
                f"UPDATE turns SET state = {_OR_DONE}, answered = ?, shown = ? WHERE id = ? AND state = ?",
                (state, now(), storable(shown)[:LONGEST_SHOWN], turn, TurnState.RUNNING)).rowcount)

    def again(self, owner: str, turn: int, *, alone: bool = False, all_cases: bool = False) -> StoredTurn:
        """Take up a question once more, to answer it now; LinjianError when it is being answered.

        The answer that it has, if any, stays until the new one is there, and for good when that does not come.
        """
        with self._database.writing() as db:
            if self._turn(db, owner, turn).state is TurnState.RUNNING:
                raise LinjianError("This question is being answered.")
            db.execute("UPDATE turns SET state = ?, alone = ?, all_cases = ? WHERE id = ?",
                       (TurnState.RUNNING, alone, all_cases, turn))
            return self._turn(db, owner, turn)

    def interrupt(self) -> int:
        """Mark what a server that ended has left unanswered; return how many. For a server's start, before it answers."""
        if not self._database.exists:
            return 0
        with self._database.writing() as db:
            return db.execute(f"UPDATE turns SET state = {_OR_DONE} WHERE state = ?",
                              (TurnState.INTERRUPTED, TurnState.RUNNING)).rowcount

    def states(self, owner: str, conversation: str) -> list[tuple[int, TurnState]]:
        """Return number and state of each question of a conversation, in order: what a page compares itself with."""
        with self._database.reading() as db:
            self._owned(db, owner, conversation)
            return [(turn, TurnState(state)) for turn, state in db.execute(
                "SELECT id, state FROM turns WHERE conversation = ? ORDER BY n", (conversation,))]

    # -- the conversations of an owner -----------------------------------------------------------------------------------

    def listed(self, owner: str, search: str = "", *, most: int = 200) -> list[Conversation]:
        """Return the owner's conversations, the latest first; with `search` those whose title or one turn has all its words.

        Width, case and Chinese script make no difference; a word may stand anywhere, also inside others.
        """
        words = _folded(storable(search)).split()
        here = " AND ".join(["instr({0}.folded, ?) > 0"] * len(words))
        hit = f"(SELECT t.id FROM turns t WHERE t.conversation = c.id AND {here.format('t')} ORDER BY t.n LIMIT 1)"
        place = "(SELECT count(*) FROM turns t WHERE t.conversation = c.id AND t.n <= hit.n), coalesce(hit.question, '')"
        searched = f"SELECT {_CONVERSATION}, {place} FROM conversations c LEFT JOIN turns hit ON hit.id = {hit} WHERE owner = ? " \
                   f"AND ({here.format('c')} OR hit.id IS NOT NULL)"
        every = f"SELECT {_CONVERSATION} FROM conversations c WHERE owner = ?"
        with self._database.reading() as db:
            rows = db.execute(f"{searched if words else every} ORDER BY updated DESC, c.rowid DESC LIMIT ?",
                              (*words, owner, *words, most))
            return [Conversation(*row) for row in rows]

    def get(self, owner: str, conversation: str) -> Conversation:
        with self._database.reading() as db:
            self._owned(db, owner, conversation)
            row = db.execute(f"SELECT {_CONVERSATION} FROM conversations c WHERE c.id = ?", (conversation,)).fetchone()
            return Conversation(*row)

    def turns(self, owner: str, conversation: str) -> list[StoredTurn]:
        """Return the questions of a conversation in the order they were asked."""
        with self._database.reading() as db:
            self._owned(db, owner, conversation)
            rows = db.execute(f"SELECT {_TURN} FROM turns t LEFT JOIN feedback f ON f.turn = t.id WHERE t.conversation = ? "
                              "ORDER BY t.n", (conversation,)).fetchall()
            return [_stored(db, row) for row in rows]

    def turn(self, owner: str, turn: int) -> StoredTurn:
        with self._database.reading() as db:
            return self._turn(db, owner, turn)

    def rename(self, owner: str, conversation: str, title: str) -> None:
        """Give a conversation another title, shortened to LONGEST_TITLE; LinjianError when it says nothing."""
        title = _title(title)
        if not title:
            raise LinjianError("A title needs at least one character.")
        with self._database.writing() as db:
            self._owned(db, owner, conversation)
            db.execute("UPDATE conversations SET title = ?, folded = ? WHERE id = ?", (title, _folded(title), conversation))

    def delete(self, owner: str, conversation: str) -> None:
        """Delete a conversation, its evidence and the feedback on it; what it held is overwritten on the disk."""
        with self._database.writing() as db:
            self._owned(db, owner, conversation)
            db.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
            drop_unused(db)

    # -- inside a transaction ----------------------------------------------------------------------------------------------

    def _start(self, db: sqlite3.Connection, owner: str, question: str, asked: str) -> str:
        made, title = secrets.token_urlsafe(12), _title(question)
        db.execute("INSERT INTO conversations VALUES (?,?,?,?,?,?)", (made, owner, title, _folded(title), asked, asked))
        oldest = db.execute("DELETE FROM conversations WHERE id IN (SELECT id FROM conversations WHERE owner = ? "
                            "ORDER BY updated DESC, rowid DESC LIMIT -1 OFFSET ?)", (owner, MOST_CONVERSATIONS))
        if oldest.rowcount:
            drop_unused(db)
        return made

    @staticmethod
    def _owned(db: sqlite3.Connection, owner: str, conversation: str) -> None:
        if db.execute("SELECT 1 FROM conversations WHERE id = ? AND owner = ?", (conversation, owner)).fetchone() is None:
            raise NotFound(f"There is no conversation {conversation!r}.")

    @staticmethod
    def _turn(db: sqlite3.Connection, owner: str, turn: int) -> StoredTurn:
        row = db.execute(f"SELECT {_TURN} FROM turns t JOIN conversations c ON c.id = t.conversation LEFT JOIN feedback f "
                         "ON f.turn = t.id WHERE t.id = ? AND c.owner = ?", (turn, owner)).fetchone()
        if row is None:
            raise NotFound(f"There is no question number {turn}.")
        return _stored(db, row)


def _stored(db: sqlite3.Connection, row: tuple) -> StoredTurn:
    turn, conversation, question, filters, state, asked, answer, shown, *said, alone, all_cases = row
    verdict, reasons, comment, given = said
    return StoredTurn(
        turn, conversation, question, filters_of(filters), TurnState(state), asked, shown=shown,
        snapshot=load_evidence(db, turn, answer) if state == TurnState.DONE else None,
        alone=bool(alone), all_cases=bool(all_cases),
        feedback=Feedback(Verdict(verdict), tuple(map(Reason, json.loads(reasons))), comment, given) if verdict else None,
    )


def _title(text: str) -> str:
    line = " ".join(storable(text).split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…"


def _folded(text: str) -> str:
    """Return `text` as it is searched."""
    return matching_form(storable(text)).casefold()
