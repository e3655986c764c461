"""The SQLite file of conversations and feedback: its tables, and a short-lived connection for each call.

What articles and passages an answer stood on is kept once, however many answers name it: `bodies` are named by a hash of
themselves.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from index.errors import LinjianError, Unwritable

FILE = "conversations.sqlite"
SCHEMA_VERSION = 1
WAIT = 20
"""Seconds that a writer waits for another."""

_SCHEMA = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, folded TEXT NOT NULL,
  started TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE turns (id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE, n INTEGER NOT NULL, question TEXT NOT NULL,
  filters TEXT NOT NULL, state TEXT NOT NULL, asked TEXT NOT NULL, answered TEXT, answer TEXT, index_version TEXT,
  alone INTEGER NOT NULL DEFAULT 0, all_cases INTEGER NOT NULL DEFAULT 0,
  shown TEXT NOT NULL DEFAULT '', folded TEXT NOT NULL, UNIQUE (conversation, n));
CREATE TABLE bodies (digest TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE evidence (turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE, kind TEXT NOT NULL, id TEXT NOT NULL,
  digest TEXT NOT NULL REFERENCES bodies, PRIMARY KEY (turn, kind, id)) WITHOUT ROWID;
CREATE TABLE feedback (id INTEGER PRIMARY KEY AUTOINCREMENT, turn INTEGER UNIQUE REFERENCES turns ON DELETE CASCADE,
  owner TEXT NOT NULL, verdict TEXT NOT NULL, reasons TEXT NOT NULL, comment TEXT NOT NULL, given TEXT NOT NULL,
  answer TEXT NOT NULL, history TEXT NOT NULL);
CREATE INDEX conversations_of_owner ON conversations (owner, updated);
CREATE INDEX turns_running ON turns (state) WHERE state = 'running';
CREATE INDEX evidence_by_digest ON evidence (digest);
"""


class Database:
    """`home/conversations.sqlite`, made when it is first written to. Safe to share between threads and processes."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE

    @property
    def exists(self) -> bool:
        return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees one state of the database throughout."""
        with self._opened() as db:
            db.execute("BEGIN")
            yield db
            db.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in a transaction: all that the block does is stored when it ends, or nothing."""
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db  # closing the connection without a commit rolls back
            db.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection.

        Raises LinjianError when the file is damaged or of a newer release, Unwritable when it cannot be written.
        """
        try:
            if not self.exists:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))  # what people asked is theirs
            with closing(sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)) as db:
                db.execute("PRAGMA foreign_keys = ON")
                db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
                self._prepare(db)
                yield db
        except OSError as error:
            raise Unwritable(f"{str(self.path)!r} cannot be written: {error.strerror or error}.") from error
        except sqlite3.OperationalError as error:
            raise Unwritable(f"{str(self.path)!r} cannot be used: {error}. Look at the disk and its rights.") from error
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:  # its kinds are bugs of ours
                raise
            raise LinjianError(f"{str(self.path)!r} is damaged ({error}). Put a backup in its place, or move it away: "
                               "a new one is made.") from error

    def _prepare(self, db: sqlite3.Connection) -> None:
        made_by = db.execute("PRAGMA user_version").fetchone()[0]
        if made_by > SCHEMA_VERSION:
            raise LinjianError(f"{str(self.path)!r} was made by a newer release (schema {made_by}, this one knows "
                               f"{SCHEMA_VERSION}). Install that release again.")
        if made_by < SCHEMA_VERSION:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN IMMEDIATE")
            if db.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:  # nobody else was quicker
                for statement in _SCHEMA.split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            db.execute("COMMIT")


def now() -> str:
    """Return the time as it is stored: UTC, ISO 8601, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def storable(text: str) -> str:
    """Return `text` without what SQLite or UTF-8 cannot hold: NUL characters and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
