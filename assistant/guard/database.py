"""access.sqlite: who may come in. Embedding sites, users, their sessions, API keys, and what sites used today.

No secret is stored in a form that could be used again: passwords as argon2 hashes, random secrets as SHA-256.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from index.errors import LinjianError

FILE = "access.sqlite"
SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE sites (name TEXT PRIMARY KEY, origins TEXT NOT NULL, secret TEXT NOT NULL, signing_key BLOB NOT NULL,
  created INTEGER NOT NULL, rotated INTEGER NOT NULL, daily INTEGER NOT NULL);
CREATE TABLE usage (site TEXT REFERENCES sites ON DELETE CASCADE, day TEXT, requests INTEGER NOT NULL,
  PRIMARY KEY (site, day)) WITHOUT ROWID;
CREATE TABLE users (name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE sessions (secret TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
  expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE keys (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, secret TEXT NOT NULL, role TEXT NOT NULL,
  scopes TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL);
"""
_WAIT = 10
"""Seconds that a writer waits for another one."""


class AccessDatabase:
    """Opens `home/access.sqlite` for one call at a time; it is made, readable by its owner alone, when first written."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection; where nothing was stored yet, to an empty database in memory."""
        with closing(self._open(self.path if self.path.exists() else None)) as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside one transaction, which is undone when the block raises."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            self.path.touch(mode=0o600)
        with closing(self._open(self.path)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _open(self, path: Path | None) -> sqlite3.Connection:
        db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=_WAIT)
        try:
            made_by = db.execute("PRAGMA user_version").fetchone()[0]
            if made_by > SCHEMA_VERSION:
                raise LinjianError(f"{str(path)!r} was made by a newer release (schema {made_by}, this one reads "
                                   f"{SCHEMA_VERSION}). Install that release again.")
            if made_by == 0:
                if path is not None:
                    db.execute("PRAGMA journal_mode = WAL")
                _create(db)
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
        except sqlite3.DatabaseError as error:
            db.close()
            if type(error) is not sqlite3.DatabaseError:  # its kinds mean a full disk, a lock, a bug
                raise
            raise LinjianError(f"{str(path)!r} is damaged ({error}). Put it back from a backup, or move it away and add "
                               "the sites, users and keys again.") from error
        except BaseException:
            db.close()
            raise
        return db


def _create(db: sqlite3.Connection) -> None:
    """Make the tables, unless another process did so since we looked."""
    db.execute("BEGIN IMMEDIATE")
    try:
        if db.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
