"""The SQLite file of conversations and feedback: its tables.

What articles and passages an answer stood on is kept once, however many answers name it: `bodies` are named by a hash of
themselves.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from index.sqlite import Database, Schema

FILE = "conversations.sqlite"
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


_CONVERSATIONS = Schema(
    1, _SCHEMA, "Put a backup in its place, or move it away: a new one is made.",
    ("foreign_keys = ON", "secure_delete = ON"), wait=20, noted=True)  # what is deleted is overwritten


def conversation_database(home: Path) -> Database:
    """Return `home/conversations.sqlite`."""
    return Database(home / FILE, _CONVERSATIONS)


def now() -> str:
    """Return the time as it is stored: UTC, ISO 8601, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def storable(text: str) -> str:
    """Return `text` without what SQLite or UTF-8 cannot hold: NUL characters and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
