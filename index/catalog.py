"""The catalog: files, articles and passages in one SQLite database, the truth that all else is derived from.

Every change is one transaction.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.errors import MissingIndex, NotFound
from index.types import Article, Paragraph, Passage, Sentence, Source

CATALOG = "catalog.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS files (file TEXT PRIMARY KEY, path TEXT, sha256 TEXT, encoding TEXT, text TEXT,
  added_at TEXT);
CREATE TABLE IF NOT EXISTS articles (id TEXT PRIMARY KEY, file TEXT REFERENCES files ON DELETE CASCADE, n INTEGER,
  title TEXT, start INTEGER, end INTEGER, subtitle TEXT, kicker TEXT, label TEXT, byline TEXT, source TEXT,
  date TEXT, place TEXT);
CREATE TABLE IF NOT EXISTS paragraphs (article_id TEXT REFERENCES articles ON DELETE CASCADE, n INTEGER, section TEXT,
  sentences TEXT, PRIMARY KEY (article_id, n));
CREATE TABLE IF NOT EXISTS passages (id TEXT PRIMARY KEY, article_id TEXT REFERENCES articles ON DELETE CASCADE,
  n INTEGER, heading TEXT, sentences TEXT);
CREATE INDEX IF NOT EXISTS articles_of_file ON articles (file);
CREATE INDEX IF NOT EXISTS passages_of_article ON passages (article_id);
"""
_FILE = ("SELECT file, path, sha256, encoding, (SELECT count(*) FROM articles a WHERE a.file = f.file), added_at "
         "FROM files f")
_ARTICLE = "id, file, title, start, end, subtitle, kicker, label, byline, source, date, place"


@dataclass(frozen=True, slots=True)
class FileRow:
    """One stored file, as `linjian index list` shows it."""

    file: str
    path: str
    sha256: str
    encoding: str
    articles: int
    added_at: str


class Catalog:
    """Reads and writes `home/catalog.sqlite`; `create=False` raises MissingIndex when there is none."""

    def __init__(self, home: Path, *, create: bool = False) -> None:
        path = home / CATALOG
        if not create and not path.exists():
            raise MissingIndex(f"No index in {str(home)!r} yet. Make one: linjian index add FOLDER")
        home.mkdir(parents=True, exist_ok=True)
        # Readers of several threads share this connection; SQLite serialises them itself (threadsafety 3).
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA foreign_keys = ON")
        if create:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as one transaction: all of it is stored, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # -- writing (inside a transaction) --------------------------------------------------------------------------------

    def put(self, source: Source, articles: Iterable[tuple[Article, list[Passage]]], added_at: str) -> None:
        """Store a file with its articles, in place of what was stored under the same name."""
        self.delete(source.file)
        self._db.execute("INSERT INTO files VALUES (?,?,?,?,?,?)",
                         (source.file, source.path, source.sha256, source.encoding, source.text, added_at))
        for n, (article, passages) in enumerate(articles):
            self._db.execute(
                "INSERT INTO articles (n, " + _ARTICLE + ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (n, article.id, article.file, article.title, article.start, article.end, article.subtitle,
                 article.kicker, article.label, article.byline, article.source, article.date, article.place))
            self._db.executemany("INSERT INTO paragraphs VALUES (?,?,?,?)", [
                (article.id, i, p.section, _pack(p.sentences)) for i, p in enumerate(article.paragraphs)])
            self._db.executemany("INSERT INTO passages VALUES (?,?,?,?,?)", [
                (p.id, article.id, i, p.heading, _pack(p.sentences)) for i, p in enumerate(passages)])

    def delete(self, file: str) -> int:
        """Remove a file and return how many articles went with it."""
        count = self._db.execute("SELECT count(*) FROM articles WHERE file = ?", (file,)).fetchone()[0]
        self._db.execute("DELETE FROM files WHERE file = ?", (file,))
        return count

    # -- reading -------------------------------------------------------------------------------------------------------

    def files(self) -> list[FileRow]:
        return [FileRow(*row) for row in self._db.execute(f"{_FILE} ORDER BY file")]

    def file(self, file: str) -> FileRow | None:
        """Return one stored file, None when there is none of that name."""
        row = self._db.execute(f"{_FILE} WHERE file = ?", (file,)).fetchone()
        return FileRow(*row) if row else None

    def text(self, file: str) -> str:
        """Return the decoded text of a stored file; NotFound names it when there is none."""
        row = self._db.execute("SELECT text FROM files WHERE file = ?", (file,)).fetchone()
        if row is None:
            raise NotFound(f"No file {file!r} in the index. See what there is: linjian index list")
        return row[0]

    def articles(self, file: str | None = None) -> list[Article]:
        """Return all articles, or those of one file, in printed order."""
        where, values = ("WHERE file = ?", (file,)) if file is not None else ("", ())
        rows = self._db.execute(f"SELECT {_ARTICLE} FROM articles {where} ORDER BY file, n", values).fetchall()
        return [self._article(row) for row in rows]

    def article(self, article_id: str) -> Article:
        row = self._db.execute(f"SELECT {_ARTICLE} FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            raise NotFound(f"No article {article_id!r} in the index. See what there is: linjian index list")
        return self._article(row)

    def passages(self) -> list[Passage]:
        """Return all passages in the order of files, articles and text: the order of the derived indexes."""
        rows = self._db.execute("SELECT p.id, p.article_id, p.heading, p.sentences FROM passages p "
                                "JOIN articles a ON a.id = p.article_id ORDER BY a.file, a.n, p.n")
        return [Passage(id=r[0], article_id=r[1], heading=r[2], sentences=_unpack(r[3])) for r in rows]

    def copy_to(self, folder: Path) -> None:
        """Write a snapshot of the whole catalog into `folder`, for readers that must not see later changes."""
        target = sqlite3.connect(folder / CATALOG)
        self._db.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        target.close()

    def digest(self) -> str:
        """Return a SHA-256 over the names and contents of all files: equal catalogs have equal digests."""
        rows = self._db.execute("SELECT file, sha256 FROM files ORDER BY file").fetchall()
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    def stats(self) -> dict[str, int]:
        tables = ("files", "articles", "passages")
        return {name: self._db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}

    def _article(self, row: tuple) -> Article:
        paragraphs = tuple(
            Paragraph(sentences=_unpack(sentences), section=section) for section, sentences in self._db.execute(
                "SELECT section, sentences FROM paragraphs WHERE article_id = ? ORDER BY n", (row[0],)))
        keys = [name.strip() for name in _ARTICLE.split(",")]
        return Article(**dict(zip(keys, row, strict=True)), paragraphs=paragraphs)


def _pack(sentences: tuple[Sentence, ...]) -> str:
    return json.dumps([[s.spans, s.text, s.chain] for s in sentences], ensure_ascii=False)


def _unpack(packed: str) -> tuple[Sentence, ...]:
    return tuple(Sentence(spans=tuple((a, b) for a, b in spans), text=text, chain=tuple(chain))
                 for spans, text, chain in json.loads(packed))
