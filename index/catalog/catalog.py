"""The catalog: files, articles and passages in one SQLite database, the truth that all else is derived from.

Every change is one transaction. Of an article that is printed several times one copy is searched; `reprint_of` of the
others names it. The rows of the derived indexes have the order of `key`: a hash of the file, then of the article.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, astuple
from pathlib import Path

from index.catalog import reprints
from index.catalog.corrections import Corrections
from index.catalog.fingerprints import printed_text
from index.catalog.rows import FileRow, Holding, Searched, pack, row_key, unpack
from index.catalog.schema import open_database
from index.embedding.embedding_text import inputs_digest
from index.errors import MissingIndex, NotFound
from index.files.file_state import Seen
from index.sqlite import damage_named, faults_in, make_private
from index.types import Article, Heading, Metadata, Paragraph, Passage, Printing, Source

CATALOG = "catalog.sqlite"
_BATCH, _BATCH_SECONDS = 200, 2.0
_FILE = ("SELECT file, path, sha256, encoding, (SELECT count(*) FROM articles a WHERE a.file = f.file), added_at, "
         "container FROM files f")
_ARTICLE = "id, file, title, start, end, subtitle, kicker, label, byline, source, date, place"


class Catalog:
    """Reads and writes `home/catalog.sqlite`.

    `create=False` raises MissingIndex when there is none; StaleIndex when another release made it, unless `upgrade`:
    then what was derived from the stored files is dropped, to be stored again. DamagedIndex when it is no database.
    """

    def __init__(self, home: Path, *, create: bool = False, upgrade: bool = False) -> None:
        path = home / CATALOG
        if not create and not path.exists():
            raise MissingIndex(f"No index in {str(home)!r} yet. Make one: linjian index add FOLDER")
        home.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._db = open_database(path, create=create, upgrade=upgrade)
        self.corrections = Corrections(self._db)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as one transaction: all of it is stored, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk has rolled it back already
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def batches(self) -> Iterator[Callable[[], None]]:
        """Run the block as several transactions: calling what it is given ends one that has grown large or old.

        So what took a moment to store does not wait for the disk each time, and an end at any moment costs a moment's work.
        """
        size, begun = 0, time.monotonic()

        def stored() -> None:
            nonlocal size, begun
            size += 1
            if size >= _BATCH or time.monotonic() - begun >= _BATCH_SECONDS:
                self._db.execute("COMMIT")
                self._db.execute("BEGIN IMMEDIATE")
                size, begun = 0, time.monotonic()

        with self.transaction():
            yield stored

    # -- writing (inside a transaction) --------------------------------------------------------------------------------

    def put(self, source: Source, articles: Iterable[tuple[Article, list[Passage]]], added_at: str) -> None:
        """Store a file with its articles, in place of what was stored under the same name."""
        self._take_out(source.file)
        self._db.execute("INSERT INTO files VALUES (?,?,?,?,?,?,?,?,?)",
                         (source.file, source.path, source.sha256, source.encoding, source.text, added_at,
                          json.dumps(asdict(source.metadata), ensure_ascii=False),
                          json.dumps([(h.start, h.end, h.level) for h in source.headings]), source.container))
        for n, (article, passages) in enumerate(articles):
            printed = reprints.compare(self._db, printed_text(article), self._printed_text)
            self._db.execute(
                "INSERT INTO articles (n, " + _ARTICLE + ", key, inputs, print, length) "
                "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (n, article.id, article.file, article.title, article.start, article.end, article.subtitle,
                 article.kicker, article.label, article.byline, article.source, article.date, article.place,
                 row_key(article), inputs_digest(passages), printed.digest, printed.length))
            self._db.executemany("INSERT INTO paragraphs VALUES (?,?,?,?)", [
                (article.id, i, p.section, pack(p.sentences)) for i, p in enumerate(article.paragraphs)])
            self._db.executemany("INSERT INTO passages VALUES (?,?,?,?,?)", [
                (article.id, i, p.id, p.heading, len(p.sentences)) for i, p in enumerate(passages)])

    def moved(self, file: str, source: Source) -> None:
        """Remember that an unchanged file now lies where `source` was read."""
        self._db.execute("UPDATE files SET path = ?, container = ? WHERE file = ?", (source.path, source.container, file))

    def saw(self, file: str, seen: Seen | None) -> None:
        """Remember how a stored file looked when it was read, None when that cannot tell whether it changes later."""
        self._db.execute("DELETE FROM seen WHERE file = ?", (file,))
        if seen:
            self._db.execute("INSERT INTO seen VALUES (?,?,?,?,?)", (file, *astuple(seen)))

    def delete(self, file: str) -> int:
        """Remove a file and return how many articles went with it; corrections of these wait for its return."""
        self.corrections.release(file)
        self.saw(file, None)
        return self._take_out(file)

    def _take_out(self, file: str) -> int:
        prints = self._db.execute("SELECT print FROM articles WHERE file = ?", (file,)).fetchall()
        self._db.execute("DELETE FROM files WHERE file = ?", (file,))
        reprints.forget(self._db, [row[0] for row in prints])
        return len(prints)

    def mark_reprints(self) -> None:
        """Choose, of every article that is printed several times, the one to be searched."""
        reprints.mark(self._db)

    # -- reading -------------------------------------------------------------------------------------------------------

    def files(self) -> list[FileRow]:
        return [FileRow(*row) for row in self._db.execute(f"{_FILE} ORDER BY file")]

    def file(self, file: str) -> FileRow | None:
        """Return one stored file, None when there is none of that name."""
        return self._file("file", file)

    def file_at(self, path: str) -> FileRow | None:
        """Return the file that was read from `path`, None when there is none."""
        return self._file("path", path)

    def seen(self, file: str) -> Seen | None:
        """Return how a stored file looked when it was read, None when only reading it again tells whether it changed."""
        row = self._db.execute("SELECT size, mtime_ns, ctime_ns, said FROM seen WHERE file = ?", (file,)).fetchone()
        return Seen(*row) if row else None

    def members(self, name: str) -> list[FileRow]:
        """Return the files that were read from the archive or table of this name; [] when there is none."""
        return [FileRow(*row) for row in self._db.execute(
            f"{_FILE} WHERE container != '' AND file LIKE ? ESCAPE '\\' AND "
            "substr(file, 1, length(file) - length(path) + length(container)) = ? ORDER BY file",
            (re.sub(r"([%_\\])", r"\\\1", name) + "_%", name))]

    def named(self, name: str) -> list[str]:
        """Return the files that `name` means: one file, or all of an archive or table; NotFound when there is none."""
        files = [name] if self.file(name) else [row.file for row in self.members(name)]
        if not files:
            raise NotFound(f"No file {name!r} in the index. See what there is: linjian index list")
        return files

    def _file(self, column: str, value: str) -> FileRow | None:
        row = self._db.execute(f"{_FILE} WHERE {column} = ? ORDER BY file", (value,)).fetchone()
        return FileRow(*row) if row else None

    def text(self, file: str) -> str:
        """Return the decoded text of a stored file; NotFound names it when there is none."""
        row = self._db.execute("SELECT text FROM files WHERE file = ?", (file,)).fetchone()
        if row is None:
            raise NotFound(f"No file {file!r} in the index. See what there is: linjian index list")
        return row[0]

    def source(self, file: str) -> Source:
        """Return a stored file as it was read; NotFound names it when there is none."""
        text = self.text(file)
        path, sha256, encoding, metadata, headings, container = self._db.execute(
            "SELECT path, sha256, encoding, metadata, headings, container FROM files WHERE file = ?", (file,)).fetchone()
        return Source(file=file, path=path, text=text, sha256=sha256, encoding=encoding,
                      metadata=Metadata(**json.loads(metadata)), headings=tuple(Heading(*h) for h in json.loads(headings)),
                      container=container)

    def articles(self, file: str | None = None) -> list[Article]:
        """Return all articles, or those of one file, in printed order."""
        where, values = ("WHERE file = ?", (file,)) if file is not None else ("", ())
        rows = self._db.execute(f"SELECT {_ARTICLE} FROM articles {where} ORDER BY file, n", values).fetchall()
        printings = self.printings() if file is None else {}
        for row in rows if file is not None else ():
            printings |= reprints.printings(self._db, row[0])
        return [self._article(row, printings) for row in rows]

    def article(self, article_id: str) -> Article:
        row = self._db.execute(f"SELECT {_ARTICLE} FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            raise NotFound(f"No article {article_id!r} in the index. See what there is: linjian index list")
        return self._article(row, reprints.printings(self._db, article_id))

    def titles(self, file: str) -> list[tuple[str, str]]:
        """Return id and headline of the articles of one file, in printed order."""
        return self._db.execute("SELECT id, title FROM articles WHERE file = ? ORDER BY n", (file,)).fetchall()

    def holdings(self, file: str | None = None) -> list[Holding]:
        """Return all articles, or those of one file, as a list shows them, without reading their texts."""
        where, values = ("WHERE file = ?", (file,)) if file is not None else ("", ())
        return [Holding(*row, bool(reprint), bool(corrected)) for *row, reprint, corrected in self._db.execute(
            "SELECT id, file, title, source, date, place, reprint_of IS NOT NULL, "
            f"id IN (SELECT article_id FROM corrections) FROM articles {where} ORDER BY file, n", values)]

    def printing_word(self, word: str) -> set[str]:
        """Return the ids of the articles that have a sentence with this word in it, as it is written."""
        packed = json.dumps(word, ensure_ascii=False)[1:-1]  # as `pack` writes it
        return {row[0] for row in self._db.execute(
            "SELECT article_id FROM paragraphs WHERE instr(sentences, ?)", (packed,))}

    def printings(self) -> dict[str, tuple[Printing, ...]]:
        """Return by article id the other printings of each article that has any, the searched one first."""
        return reprints.printings(self._db)

    def searched(self) -> list[Searched]:
        """Return the articles whose passages are searched, in the order of the derived indexes."""
        return [Searched(*row) for row in self._db.execute(
            "SELECT key, id, inputs, (SELECT count(*) FROM passages p WHERE p.article_id = a.id) FROM articles a "
            "WHERE reprint_of IS NULL ORDER BY key, id")]

    def passages(self, articles: Mapping[str, Article] | None = None) -> list[Passage]:
        """Return the searched passages, in the order of the derived indexes.

        `articles`, by id, spares reading them again; only the passages of articles among them are returned.
        """
        if articles is None:
            articles = {article.id: article for article in self.articles()}
        out = []
        for row in self.searched():
            if row.id in articles:
                out += self.passages_of(articles[row.id])
        return out

    def passages_of(self, article: Article) -> list[Passage]:
        """Return the passages of one article, searched or not, in printed order."""
        sentences = [s for paragraph in article.paragraphs for s in paragraph.sentences]
        out, at = [], 0
        for passage_id, heading, count in self._db.execute(
                "SELECT id, heading, sentences FROM passages WHERE article_id = ? ORDER BY n", (article.id,)):
            out.append(Passage(id=passage_id, article_id=article.id, heading=heading,
                               sentences=tuple(sentences[at:at + count])))
            at += count
        return out

    def copy_to(self, folder: Path) -> None:
        """Write a snapshot of the whole catalog into `folder`, for readers that must not see later changes."""
        make_private(folder / CATALOG)
        with closing(sqlite3.connect(folder / CATALOG)) as target:
            self._db.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it

    def damage(self) -> list[str]:
        """Return what SQLite's own check finds wrong with the database; [] when it is whole."""
        with damage_named(self._path):
            return faults_in(self._db)

    def digest(self) -> str:
        """Return a SHA-256 over all files and what is corrected in them: equal catalogs have equal digests."""
        rows = self._db.execute("SELECT file, sha256 FROM files ORDER BY file").fetchall() + self.corrections.laid()
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    def stats(self) -> dict[str, int]:
        tables = {"files": "files", "articles": "articles", "reprints": "articles WHERE reprint_of IS NOT NULL",
                  "passages": "passages"}
        return {name: self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in tables.items()}

    def _printed_text(self, digest: str) -> str:
        row = self._db.execute(f"SELECT {_ARTICLE} FROM articles WHERE print = ?", (digest,)).fetchone()
        return printed_text(self._article(row))

    def _article(self, row: tuple, printings: Mapping[str, tuple[Printing, ...]] | None = None) -> Article:
        paragraphs = tuple(
            Paragraph(sentences=unpack(sentences), section=section) for section, sentences in self._db.execute(
                "SELECT section, sentences FROM paragraphs WHERE article_id = ? ORDER BY n", (row[0],)))
        keys = [name.strip() for name in _ARTICLE.split(",")]
        return Article(**dict(zip(keys, row, strict=True)), paragraphs=paragraphs,
                       also_in=(printings or {}).get(row[0], ()))
