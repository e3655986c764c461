"""The librarian's side of the index: add, update and remove files, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from index.catalog.catalog import CATALOG, Catalog
from index.catalog.corrections import Kept, as_read, checked, merged, recognise
from index.catalog.locking import sole_writer
from index.catalog.rows import FileRow
from index.embedding.encoder import Encoder
from index.errors import FileError, NotFound, StaleIndex, Unwritable
from index.files.discover import FoundPage, find_files
from index.files.file_state import lasts, now_ns
from index.files.formats.time_limit import TimeLimit
from index.ingest.import_report import Outcome, deleted, is_gone, with_reprints
from index.ingest.other_news import other_archives, tells_other_news
from index.maintenance.originals import discard
from index.maintenance.repair import mend
from index.messages import FileProblem, Message
from index.pages.articles import PageReader
from index.pages.passages import cut_passages
from index.search.versions import Manifest, check_encoder, current, manifest_of, publish
from index.sqlite import damage_named
from index.types import Correction

Progress = Callable[[str, int, int], None]
"""Told the stage ("read" or "embed"), how many items are done and how many there are."""


def _silent(stage: str, done: int, total: int) -> None:
    """Report no progress."""


class Corpus:
    """Changes the index in `home`; every change is stored whole, then published as a new version."""

    def __init__(self, home: Path, encoder: Encoder) -> None:
        self._home, self._encoder = home, encoder

    def add(self, paths: Sequence[Path], progress: Progress = _silent, *, reread: bool = False) -> list[Outcome]:
        """Read, store and publish the files at `paths`; a file that fails is reported and the others go on.

        A file that looks as it did when it was read is not read again, unless `reread`: then its content is compared.
        """
        outcomes, todo = [], []
        for path in paths:
            try:
                todo += find_files(path)
            except FileError as error:
                outcomes.append(Outcome(file=str(path), status="failed", message=error.message))
        outcomes += self.add_files(todo, progress, reread=reread)
        folders = [path.resolve() for path in paths if path.is_dir()]
        return outcomes + [deleted(row.file) for row in (self.files() if folders else ()) if is_gone(row.on_disk)
                           and any(Path(row.on_disk).is_relative_to(folder) for folder in folders)]

    def add_files(self, files: Sequence[FoundPage], progress: Progress = _silent, *, reread: bool = False,
                  then: Callable[[Sequence[tuple[FoundPage, Outcome]]], None] = lambda told: None) -> list[Outcome]:
        """Do what `add` does with pages that were found already; an archive or a table whole, or not at all.

        `then` is told what became of each page when all is stored, before another writer may begin.
        """
        outcomes = []
        once: dict[tuple[Path, str, bool], FoundPage] = {}
        for found in files:  # a page that was named twice, as by a folder and by its own path, keeps its first name
            once.setdefault((found.path.resolve(), found.member, found.readable), found)
        with self._writing() as catalog:
            others = other_archives(catalog, once.values())
            kept = {key: found for key, found in once.items() if found.path not in others}
            todo, places = list(kept.values()), [place for place, *_ in kept]
            published = self._published()
            with catalog.batches() as stored:
                for done, (found, place) in enumerate(zip(todo, places, strict=True)):
                    progress("read", done, len(todo))
                    try:
                        outcomes.append(self._add_file(catalog, found, place, reread=reread))
                    except FileError as error:
                        outcomes.append(Outcome(file=found.file, status="failed", message=error.message))
                    stored()
                outcomes += _remove_vanished(catalog, todo, outcomes)
            progress("read", len(todo), len(todo))
            # An earlier run may have stored files and died before it could publish them: the digest tells.
            if (published or catalog.files()) and catalog.digest() != published:
                self._publish(catalog, progress)
            then(list(zip(todo, outcomes, strict=False)))  # behind these is what vanished from archives
            outcomes += [Outcome(name, "failed", message=FileError(FileProblem.OTHER_PAGE, file=name).message)
                         for name in others.values()]
            return with_reprints(catalog, outcomes)

    def remove(self, *names: str, progress: Progress = _silent) -> list[Outcome]:
        """Remove files, and all that was in archives and tables of these names; NotFound when there is one of none."""
        with self._writing() as catalog:
            files = {file: catalog.file(file) for name in names for file in catalog.named(name)}
            self._published()
            with catalog.transaction():
                removed = [Outcome(file, "removed", catalog.delete(file), orphaned=_orphaned(catalog, file))
                           for file in files]
            self._publish(catalog, progress)
            needed = {row.on_disk for row in catalog.files()}
            discard(self._home, {row.on_disk for row in files.values()} - needed)
        return removed

    def correct(self, article_id: str, said: Correction, *, made_by: str = "", progress: Progress = _silent) -> Kept | None:
        """Put what is said of an article in place of what was read, and publish; None stays as it is.

        Returns the correction as it is kept, None when nothing of it differs from what was read. Raises NotFound when there
        is no such article, WrongCorrection when a field cannot be what is said.
        """
        return self.correct_all({article_id: said}, made_by=made_by, progress=progress)[article_id]

    def correct_all(self, said: Mapping[str, Correction], *, made_by: str = "",
                    progress: Progress = _silent) -> dict[str, Kept | None]:
        """Do what `correct` does with several articles, by their ids: all of them or none, published once."""
        tidy = {article_id: checked(one) for article_id, one in said.items()}
        with self._writing() as catalog:
            by_file: dict[str, list[str]] = {}
            for article_id in tidy:
                by_file.setdefault(catalog.article(article_id).file, []).append(article_id)
            self._published()
            with catalog.transaction():
                for file, own in by_file.items():
                    self._correct(catalog, catalog.file(file), {article_id: tidy[article_id] for article_id in own}, made_by)
            self._publish(catalog, progress)
            return {article_id: catalog.corrections.on(article_id) for article_id in tidy}

    def _correct(self, catalog: Catalog, row: FileRow, said: Mapping[str, Correction], made_by: str) -> None:
        page = PageReader(catalog.source(row.file))
        read = {article.id: article for article in page.articles}
        for article_id, one in said.items():
            article = read.get(article_id)
            if article is None:
                raise StaleIndex(f"Another release read article {article_id!r}. Read the pages again: linjian index rebuild")
            before = catalog.corrections.on(article_id)
            one = merged(before.said if before else Correction(), one, as_read(article))
            catalog.corrections.put(article, one, made_by, _now())
        self._store(catalog, page, row.added_at)

    def forget(self, number: int, progress: Progress = _silent) -> Kept:
        """Delete a correction and publish what was read in its place; NotFound when there is none of that number."""
        with self._writing() as catalog:
            self._published()
            with catalog.transaction():
                gone = catalog.corrections.forget(number)
                if gone.article_id:
                    self._store(catalog, PageReader(catalog.source(gone.file)), catalog.file(gone.file).added_at)
            if gone.article_id:
                self._publish(catalog, progress)
            return gone

    def files(self) -> list[FileRow]:
        """Return the stored files; none when there is no index yet."""
        if not (self._home / CATALOG).exists():
            return []
        with closing(Catalog(self._home)) as catalog:
            return catalog.files()

    def rebuild(self, progress: Progress = _silent) -> Manifest:
        """Read the articles out of the stored texts again and publish, with the model that is set now.

        Nothing is taken over from what is derived. A catalog of an older release is brought up to date; a damaged one is
        replaced by the newest whole copy, which is the last that was published. DamagedIndex when there is none.
        """
        with self._writing(mending=True) as catalog:
            files = catalog.files()
            if not files:
                raise NotFound("There is nothing to rebuild: no file is stored. Add some: linjian index add FOLDER")
            with catalog.transaction():
                for done, row in enumerate(files):
                    progress("read", done, len(files))
                    self._store(catalog, PageReader(catalog.source(row.file)), row.added_at)
            return self._publish(catalog, progress, reuse=False)

    def _add_file(self, catalog: Catalog, found: FoundPage, place: Path, *, reread: bool) -> Outcome:
        began, looks = now_ns(), found.look()
        known = catalog.file_at(str(place)) if looks and not reread else None
        if known is not None and catalog.seen(known.file) == looks:
            return Outcome(file=known.file, status="unchanged", articles=known.articles)
        source, file = found.read(), found.file
        seen = looks if lasts(looks, found.look(), began) else None
        stored = catalog.file_at(source.path) or catalog.file(file)
        if stored is not None:  # perhaps under the name that it got when another folder was added
            source = replace(source, file=stored.file)
            moved = stored.path != source.path and is_gone(stored.on_disk)
            if stored.sha256 == source.sha256:
                if moved:
                    catalog.moved(stored.file, source)
                if moved or stored.path == source.path:
                    catalog.saw(stored.file, seen)
                return Outcome(file=stored.file, status="unchanged", articles=stored.articles)
            if stored.path != source.path and not moved:
                file = "" if found.member or found.sent else _longer_name(catalog, found.file, place)
                if not file:
                    raise FileError(FileProblem.NAME_TAKEN, file=found.file, other=stored.path, path=source.path)
                stored, source = None, replace(source, file=file)
        page = PageReader(source, TimeLimit(source.file))
        if stored is not None and found.sent and not found.member and tells_other_news(catalog, stored, page):
            raise FileError(FileProblem.OTHER_PAGE, file=stored.file)
        count = self._store(catalog, page, _now())
        catalog.saw(source.file, seen)
        return Outcome(file=source.file, status="updated" if stored else "added", articles=count,
                       orphaned=_orphaned(catalog, source.file))

    def _store(self, catalog: Catalog, page: PageReader, added_at: str) -> int:
        source, articles = page.source, page.articles
        if not articles:
            raise FileError(FileProblem.NO_ARTICLE, file=source.file)
        if kept := catalog.corrections.of(source.file):
            found = recognise(kept, articles)
            catalog.corrections.lay(source.file, found, articles)
            articles = page.corrected({article_id: one.said for article_id, one in found.items()})
        catalog.put(source, [(article, cut_passages(article)) for article in articles], added_at)
        return len(articles)

    def _publish(self, catalog: Catalog, progress: Progress, *, reuse: bool = True) -> Manifest:
        return publish(self._home, catalog, self._encoder, lambda done, total: progress("embed", done, total), reuse=reuse)

    def _published(self) -> str:
        """Return the digest of the published corpus, "" when there is none; StaleIndex when another model made it."""
        if not (self._home / "current").exists():
            return ""
        manifest = manifest_of(current(self._home))
        check_encoder(manifest, self._encoder)
        return manifest.corpus

    @contextmanager
    def _writing(self, *, mending: bool = False) -> Iterator[Catalog]:
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            with sole_writer(self._home):
                if mending:
                    mend(self._home)
                path = self._home / CATALOG
                with damage_named(path), closing(Catalog(self._home, create=True, upgrade=mending)) as catalog:
                    yield catalog
        except (OSError, sqlite3.OperationalError) as error:
            why = getattr(error, "strerror", None) or error
            raise Unwritable(f"The index in {str(self._home)!r} cannot be written: {why}. What was published before is "
                             "whole and is still searched. Make room, or give this user the right to write, and run the "
                             "same command again.") from error


def _longer_name(catalog: Catalog, file: str, place: Path) -> str:
    """Return the name with so many folders before it that no other page has it (2025-10-02/A01.txt); "" if there is none."""
    above = place.parts[1 : -len(PurePosixPath(file).parts)]
    names = ("/".join((*above[n:], file)) for n in reversed(range(len(above))))
    return next((name for name in names if name.isprintable() and not catalog.file(name)), "")


def _remove_vanished(catalog: Catalog, todo: Sequence[FoundPage], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Remove what an archive or table held when it was last added and holds no more.

    A part that could not be read may be any of what is missing in it: then its pages stay.
    """
    held: dict[str, set[str]] = {}
    unread: dict[str, set[str]] = {}
    for found, outcome in zip(todo, outcomes, strict=True):
        if found.member and found.readable:
            held.setdefault(outcome.file.removesuffix(found.member), set()).add(found.member)
        elif found.member:
            unread.setdefault(found.file.removesuffix(found.member), set()).add(found.member.partition("#")[0])
    paths = {found.path.resolve() for found in todo} if held else set()
    removed = []
    for name, members in held.items():
        parts = unread.get(name, set())
        for row in catalog.members(name):
            member = row.file.removeprefix(name)
            known = member in members or any(member == part or member.startswith(f"{part}#") for part in parts)
            if not known and (Path(row.container) in paths or is_gone(row.container)):
                gone = Message(FileProblem.VANISHED, {"container": name})
                removed.append(Outcome(row.file, "removed", catalog.delete(row.file), gone,
                                       orphaned=_orphaned(catalog, row.file)))
    return removed


def _orphaned(catalog: Catalog, file: str) -> tuple[str, ...]:
    return tuple(one.headline for one in catalog.corrections.of(file) if not one.article_id)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
