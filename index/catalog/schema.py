"""The tables of the catalog, and what happens when they are of another release or broken."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from index.errors import DamagedIndex, StaleIndex
from index.sqlite import REBUILD, Schema, connect, damage_named, trouble_named, version_of

SCHEMA_VERSION = 3
_ADDED_TO = 2
"""The schema that this one only adds tables to: such a catalog is read as one whose new tables are empty."""
DERIVED = ("articles", "paragraphs", "passages", "bands", "alike")
"""Tables that are made from `files` again by `linjian index rebuild`."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS files (file TEXT PRIMARY KEY, path TEXT, sha256 TEXT, encoding TEXT, text TEXT,
  added_at TEXT, metadata TEXT, headings TEXT, container TEXT);
CREATE TABLE IF NOT EXISTS articles (id TEXT PRIMARY KEY, file TEXT REFERENCES files ON DELETE CASCADE, n INTEGER,
  title TEXT, start INTEGER, end INTEGER, subtitle TEXT, kicker TEXT, label TEXT, byline TEXT, source TEXT,
  date TEXT, place TEXT, key TEXT, inputs TEXT, print TEXT, length INTEGER, reprint_of TEXT);
CREATE TABLE IF NOT EXISTS paragraphs (article_id TEXT REFERENCES articles ON DELETE CASCADE, n INTEGER, section TEXT,
  sentences TEXT, PRIMARY KEY (article_id, n));
CREATE TABLE IF NOT EXISTS passages (article_id TEXT REFERENCES articles ON DELETE CASCADE, n INTEGER, id TEXT,
  heading TEXT, sentences INTEGER, PRIMARY KEY (article_id, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bands (band INTEGER, print TEXT, PRIMARY KEY (band, print)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alike (print TEXT, other TEXT, PRIMARY KEY (print, other)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_by_path ON files (path);
CREATE INDEX IF NOT EXISTS files_by_container ON files (container) WHERE container != '';
CREATE INDEX IF NOT EXISTS articles_of_file ON articles (file);
CREATE INDEX IF NOT EXISTS articles_by_print ON articles (print);
CREATE INDEX IF NOT EXISTS articles_reprinted ON articles (reprint_of) WHERE reprint_of IS NOT NULL;
CREATE INDEX IF NOT EXISTS bands_of_print ON bands (print);
"""
_ADDITIONS = """
CREATE {temporary} TABLE IF NOT EXISTS corrections (number INTEGER PRIMARY KEY, file TEXT, article_id TEXT UNIQUE,
  title TEXT, source TEXT, date TEXT, place TEXT, as_read TEXT, text TEXT, made_by TEXT, made_at TEXT);
CREATE {temporary} TABLE IF NOT EXISTS seen (file TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER,
  said TEXT) WITHOUT ROWID;
"""


_FILE = Schema(SCHEMA_VERSION, SCHEMA, REBUILD, wait=5)


def open_database(path: Path, *, create: bool = False, upgrade: bool = False) -> sqlite3.Connection:
    """Open a catalog; see `Catalog` for what is raised."""
    # A writer names the whole index when it cannot be written, and says what still works: see Corpus.
    with damage_named(path) if create else trouble_named(path, REBUILD):
        # Readers of several threads share this connection; SQLite serialises them itself (threadsafety 3).
        db = connect(path, _FILE, shared=True)
        try:
            _prepare(db, path, create, upgrade)
        except BaseException:
            db.close()
            raise
    return db


def _prepare(db: sqlite3.Connection, path: Path, create: bool, upgrade: bool) -> None:
    made_by = version_of(db)
    is_filled = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'files'").fetchone() is not None
    if not is_filled and (not create or (path.parent / "versions").is_dir()):
        raise DamagedIndex(f"{str(path)!r} is damaged (it is empty). {REBUILD}")
    if is_filled and made_by < _ADDED_TO and not upgrade:
        raise StaleIndex(f"{str(path)!r} was made by an older release (catalog {made_by}, this one uses "
                         f"{SCHEMA_VERSION}). Bring it up to date, nothing is lost: linjian index rebuild")
    if create:
        db.execute("PRAGMA journal_mode = WAL")
        if made_by < SCHEMA_VERSION:
            drop = "".join(f"DROP TABLE IF EXISTS {name};" for name in DERIVED if made_by < _ADDED_TO)
            db.executescript(f"BEGIN IMMEDIATE;{drop}{SCHEMA}{_ADDITIONS.format(temporary='')}"
                             f"PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")
    elif made_by < SCHEMA_VERSION:
        db.executescript(_ADDITIONS.format(temporary="TEMPORARY"))
