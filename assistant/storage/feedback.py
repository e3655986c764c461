"""What people said of answers: one verdict for each answer of a conversation, stored with the answer as it was."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from assistant.storage.database import conversation_database, now, storable
from assistant.storage.types import Feedback, GivenFeedback, Reason, TurnState, Verdict
from assistant.types import Answer, Turn
from index.errors import LinjianError, NotFound

LONGEST_COMMENT = 2_000
MOST_OF_OWNER = 5_000
"""Pieces of feedback that one owner can leave."""
LARGEST_ANSWER = 256_000
"""Bytes of an answer as it is stored. One of fifty cases, the most that the settings allow, has half of that."""
LARGEST_OF_OWNER = 50_000_000
"""Bytes of answers and earlier turns that are kept for one owner."""
REMEMBERED_TURNS = 6
GIST = 300
"""Earlier turns kept with a piece of feedback, and characters of each one's answer."""


class AnswerTooLarge(LinjianError):
    """Seen by whoever sends feedback on an answer of more than LARGEST_ANSWER bytes: none was given here."""


class FeedbackStore:
    """Reads and writes the feedback in `home/conversations.sqlite`; safe to share between threads and processes."""

    def __init__(self, home: Path) -> None:
        self._database = conversation_database(home)

    def give(self, owner: str, turn: int, feedback: Feedback) -> Feedback:
        """Store what the owner of a conversation says of one of its answers, in place of what was said before.

        NotFound when there is no such answer of this owner; LinjianError when the comment is too long.
        """
        feedback = _checked(feedback)
        with self._database.writing() as db:
            answer, conversation, n = _answer(db, owner, turn)
            db.execute("DELETE FROM feedback WHERE turn = ?", (turn,))
            _insert(db, turn, owner, feedback, answer, _history(db, conversation, n))
        return feedback

    def take_back(self, owner: str, turn: int) -> None:
        """Delete what was said of an answer."""
        with self._database.writing() as db:
            _answer(db, owner, turn)
            db.execute("DELETE FROM feedback WHERE turn = ?", (turn,))

    def add(self, owner: str, answer: Answer, feedback: Feedback, history: Sequence[Turn] = ()) -> int:
        """Store feedback on an answer that is in no conversation here, and return its number.

        AnswerTooLarge when no answer can be that large; LinjianError when the comment is too long.
        """
        feedback, stored = _checked(feedback), json.dumps(answer.to_dict())
        if len(stored) > LARGEST_ANSWER:  # it came from outside, and may hold anything
            raise AnswerTooLarge(f"The answer has {len(stored)} bytes; {LARGEST_ANSWER} are possible.")
        with self._database.writing() as db:
            return _insert(db, None, owner, feedback, stored, tuple(history)[-REMEMBERED_TURNS:])

    def all(self) -> list[GivenFeedback]:
        """Return everybody's feedback, the earliest first."""
        if not self._database.exists:
            return []
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT id, owner, verdict, reasons, comment, given, answer, history FROM feedback ORDER BY id").fetchall()
            return [GivenFeedback(number, owner,
                          Feedback(Verdict(verdict), tuple(map(Reason, json.loads(reasons))), comment, given),
                          Answer.from_dict(json.loads(answer)), tuple(Turn(**turn) for turn in json.loads(history)))
                    for number, owner, verdict, reasons, comment, given, answer, history in rows]


def _checked(feedback: Feedback) -> Feedback:
    """Return the feedback as it is stored, at this time; a thumb up has no reasons."""
    comment = storable(feedback.comment).strip()
    if len(comment) > LONGEST_COMMENT:
        raise LinjianError(f"The comment has {len(comment)} characters; {LONGEST_COMMENT} are possible.")
    reasons = tuple(dict.fromkeys(feedback.reasons)) if feedback.verdict is Verdict.DOWN else ()
    return replace(feedback, reasons=reasons, comment=comment, given=now())


def _answer(db: sqlite3.Connection, owner: str, turn: int) -> tuple[str, str, int]:
    """Return an answer (JSON), its conversation and its place there."""
    row = db.execute("SELECT answer, conversation, n FROM turns t JOIN conversations c ON c.id = t.conversation "
                     "WHERE t.id = ? AND c.owner = ? AND state = ?", (turn, owner, TurnState.DONE)).fetchone()
    if row is None:
        raise NotFound(f"There is no answer number {turn}.")
    return row


def _history(db: sqlite3.Connection, conversation: str, n: int) -> tuple[Turn, ...]:
    rows = db.execute("SELECT question, answer FROM turns WHERE conversation = ? AND n < ? AND state = ? "
                      "ORDER BY n DESC LIMIT ?", (conversation, n, TurnState.DONE, REMEMBERED_TURNS)).fetchall()
    return tuple(Turn(question, " ".join(json.loads(answer)["text"].split())[:GIST]) for question, answer in reversed(rows))


def _insert(db: sqlite3.Connection, turn: int | None, owner: str, feedback: Feedback, answer: str,
            history: Sequence[Turn]) -> int:
    turns = json.dumps([asdict(t) for t in history])
    count, size = db.execute("SELECT count(*), coalesce(sum(length(answer) + length(history)), 0) FROM feedback "
                             "WHERE owner = ?", (owner,)).fetchone()
    if count >= MOST_OF_OWNER or size + len(answer) + len(turns) > LARGEST_OF_OWNER:
        raise LinjianError(f"There are {count} pieces of feedback of yours, with answers of {size} bytes: as many as can be "
                           f"kept, which is {MOST_OF_OWNER} pieces and {LARGEST_OF_OWNER} bytes.")
    made = db.execute(
        "INSERT INTO feedback (turn, owner, verdict, reasons, comment, given, answer, history) VALUES (?,?,?,?,?,?,?,?)",
        (turn, owner, feedback.verdict, json.dumps(feedback.reasons), feedback.comment, feedback.given, answer, turns))
    return int(made.lastrowid or 0)
