"""access.sqlite: who may come in. Embedding sites, users, their sessions, API keys, and what sites used today.

No secret is stored in a form that could be used again: passwords as argon2 hashes, random secrets as SHA-256.
"""

from __future__ import annotations

from pathlib import Path

from index.sqlite import Database, Schema

FILE = "access.sqlite"
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
_ACCESS = Schema(
    1, _SCHEMA, "Put it back from a backup, or move it away and add the sites, users and keys again.",
    ("synchronous = NORMAL", "foreign_keys = ON"), noted=True)


def access_database(home: Path) -> Database:
    """Return `home/access.sqlite`."""
    return Database(home / FILE, _ACCESS)
