"""The librarian's side of the index: add, update and remove files, one writer at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.articles import read_articles
from index.catalog import Catalog
from index.chunking import cut_passages
from index.encoder import Encoder
from index.errors import IndexLocked, NotFound, ReadError
from index.reading import find_files, read_source
from index.types import Source
from index.versions import Manifest, check_encoder, current, manifest_of, publish

Progress = Callable[[str, int, int], None]
"""Told the stage ("read" or "embed"), how many items are done and how many there are."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: "added", "updated", "unchanged" or "failed" (then `message` says why)."""

    file: str
    status: str
    articles: int = 0
    message: str = ""


def _silent(stage: str, done: int, total: int) -> None:
    """Report no progress."""


class Corpus:
    """Changes the index in `home`; every change is stored whole, then published as a new version."""

    def __init__(self, home: Path, encoder: Encoder) -> None:
        self._home, self._encoder = home, encoder

    def add(self, paths: Sequence[Path], progress: Progress = _silent) -> list[Outcome]:
        """Read, store and publish the files at `paths`; a file that fails is reported and the others go on."""
        outcomes, todo = [], []
        for path in paths:
            try:
                todo += find_files(path)
            except ReadError as error:
                outcomes.append(Outcome(file=str(path), status="failed", message=str(error)))
        with self._writing() as catalog:
            published = self._published()
            for done, (file, path) in enumerate(todo):
                progress("read", done, len(todo))
                try:
                    outcomes.append(self._add_file(catalog, file, path))
                except ReadError as error:
                    outcomes.append(Outcome(file=file, status="failed", message=str(error)))
            progress("read", len(todo), len(todo))
            # An earlier run may have stored files and died before it could publish them: the digest tells.
            if (published or catalog.files()) and catalog.digest() != published:
                self._publish(catalog, progress)
        return outcomes

    def remove(self, file: str, progress: Progress = _silent) -> int:
        """Remove a file and return how many articles went with it; NotFound when there is no such file."""
        with self._writing() as catalog:
            catalog.text(file)
            self._published()
            with catalog.transaction():
                removed = catalog.delete(file)
            self._publish(catalog, progress)
        return removed

    def rebuild(self, progress: Progress = _silent) -> Manifest:
        """Read the articles out of the stored texts again and publish, with the model that is set now."""
        with self._writing() as catalog:
            files = catalog.files()
            if not files:
                raise NotFound("There is nothing to rebuild: no file is stored. Add some: linjian index add FOLDER")
            with catalog.transaction():
                for done, row in enumerate(files):
                    progress("read", done, len(files))
                    self._store(catalog, Source(file=row.file, path=row.path, text=catalog.text(row.file),
                                                sha256=row.sha256, encoding=row.encoding), row.added_at)
            return self._publish(catalog, progress)

    def _add_file(self, catalog: Catalog, file: str, path: Path) -> Outcome:
        source = read_source(file, path)
        stored = catalog.file(file)
        if stored is not None and stored.path != source.path and stored.sha256 != source.sha256:
            raise ReadError(
                f"{file!r} was added from {stored.path!r} before, and {source.path!r} is another file of that name. "
                f"Rename one of them, or remove the old one first: linjian index remove {file}"
            )
        if stored is not None and stored.sha256 == source.sha256:
            return Outcome(file=file, status="unchanged", articles=stored.articles)
        with catalog.transaction():
            count = self._store(catalog, source, datetime.now(UTC).isoformat(timespec="seconds"))
        return Outcome(file=file, status="updated" if stored else "added", articles=count)

    def _store(self, catalog: Catalog, source: Source, added_at: str) -> int:
        articles = read_articles(source)
        if not articles:
            raise ReadError(f"{source.file!r} holds no article: no line of it reads like a sentence.")
        catalog.put(source, [(article, cut_passages(article)) for article in articles], added_at)
        return len(articles)

    def _publish(self, catalog: Catalog, progress: Progress) -> Manifest:
        return publish(self._home, catalog, self._encoder, lambda done, total: progress("embed", done, total))

    def _published(self) -> str:
        """Return the digest of the published corpus, "" when there is none; StaleIndex when another model made it."""
        if not (self._home / "current").exists():
            return ""
        manifest = manifest_of(current(self._home))
        check_encoder(manifest, self._encoder)
        return manifest.corpus

    @contextmanager
    def _writing(self) -> Iterator[Catalog]:
        self._home.mkdir(parents=True, exist_ok=True)
        with open(self._home / "writer.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise IndexLocked(f"Another process is changing the index in {str(self._home)!r}. Wait until it has "
                                  "finished and run the same command again.") from error
            catalog = Catalog(self._home, create=True)
            try:
                yield catalog
            finally:
                catalog.close()
