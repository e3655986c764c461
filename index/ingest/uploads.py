"""Files that come over the network: the originals are kept in home/uploads once they are in the index.

A file is read where it was received; only when it is stored does it take the place of an earlier one of its name, so one
that cannot be read replaces nothing, nor does a page with other news (A01.txt of the next day). A process that is killed
between the two leaves the file where it was read, and the next one puts it in its place.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from index.catalog.catalog import CATALOG, Catalog
from index.catalog.locking import lock, sole_writer
from index.errors import FileError, IndexLocked, Unwritable
from index.files.discover import FoundPage, find_files
from index.files.sidecar import FOLDER_FILES
from index.ingest.corpus import Corpus
from index.ingest.import_report import Outcome
from index.maintenance.originals import UPLOADS
from index.messages import FileProblem, Message
from index.sqlite import damage_named
from index.types import Source

INCOMING, RECEIVED = ".incoming", ".received"
_HELD = "held.lock"
"""Locked in its folder of INCOMING for as long as a process is at work there."""
_LONGEST_NAME = 200
"""Bytes of a name in UTF-8: file systems allow 255, and an article's name in citations is made of it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was received: the name that its sender gave it, and where its bytes lie. It is moved from there."""

    name: str
    path: Path


@contextmanager
def receiving(home: Path) -> Iterator[Path]:
    """Make a folder below `home`, its owner's alone, for the files that one server receives; it is deleted in the end.

    Originals that a killed server left are put in their place first. Unwritable when no folder can be made.
    """
    around = home.resolve() / UPLOADS / RECEIVED
    try:
        around.mkdir(parents=True, exist_ok=True)
        made = tempfile.TemporaryDirectory(dir=around)
    except OSError as error:
        raise Unwritable(f"{str(around)!r} cannot be written: {error.strerror or error}. Give this user the right to "
                         f"write in {str(home)!r}.") from error
    with made as folder:
        recover(home)
        yield Path(folder)


def receive(home: Path, corpus: Corpus, uploads: Sequence[Upload],
            progress: Callable[[str, int, int], None] = lambda stage, done, total: None) -> list[Outcome]:
    """Add received files to the index in `home`, which `corpus` changes, and keep the originals of those that were stored.

    Returns the outcome of each page, those of files with an impossible name first. IndexLocked when another writer is at
    work; the files are then still where they were received.
    """
    kept_in = home.resolve() / UPLOADS
    recover(home)
    with _incoming(kept_in) as folder:
        refused, staged = _staged(uploads, folder)
        todo = [_as_if_at(found, path, kept_in / path.name) for path in staged for found in find_files(path)]

        def keep(told: Sequence[tuple[FoundPage, Outcome]]) -> None:
            stored = {found.path for found, outcome in told if outcome.status in ("added", "updated")}
            for path in staged:
                if (final := kept_in / path.name) in stored:
                    os.replace(path, final)

        try:
            return refused + corpus.add_files(todo, progress, then=keep)
        except BaseException:
            for path, upload in staged.items():
                if path.exists():
                    shutil.move(path, upload.path)
            raise


def recover(home: Path) -> None:
    """Put originals in their place that a killed process had stored and not yet kept; delete what it had not stored.

    Nothing happens while another writer is at work, or when there is no index. Raises what `Catalog` raises.
    """
    kept_in = home.resolve() / UPLOADS
    left = [folder for folder in sorted((kept_in / INCOMING).glob("*")) if _is_left(folder)]
    if not left or not (home / CATALOG).exists():
        return
    try:
        with sole_writer(home), damage_named(home / CATALOG), closing(Catalog(home)) as catalog:
            for folder in left:
                for path in sorted(folder.glob("*/*")):
                    final = kept_in / path.name
                    if _stored_of(path, final, catalog) > _stored_of(final, final, catalog):
                        os.replace(path, final)
                shutil.rmtree(folder, ignore_errors=True)
    except IndexLocked:  # whoever comes next does it
        return


def _is_left(folder: Path) -> bool:
    """Tell whether files lie in a folder of INCOMING whose process has ended."""
    if not any(folder.glob("*/*")):  # made just now, and perhaps not locked yet
        return False
    try:
        held = os.open(folder / _HELD, os.O_RDWR)
    except FileNotFoundError:  # of a release that locked nothing
        return True
    try:
        return lock(held)
    finally:
        os.close(held)


def _stored_of(path: Path, final: Path, catalog: Catalog) -> int:
    """Return how many pages the catalog holds of the file `final` that are, to the byte, those in the file at `path`."""
    known = {row.path: row.sha256 for row in catalog.files() if row.on_disk == str(final)}
    count = 0
    for found in find_files(path) if known and path.exists() else ():
        try:
            source = _as_if_at(found, path, final).read()
        except FileError:
            continue
        count += known.get(source.path) == source.sha256
    return count


@contextmanager
def _incoming(kept_in: Path) -> Iterator[Path]:
    """Make a folder in which files lie until they are stored; its lock tells that this process is at work on them."""
    (kept_in / INCOMING).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept_in / INCOMING) as folder, Path(folder, _HELD).open("w") as held:
        lock(held)
        yield Path(folder).resolve()


def _staged(uploads: Sequence[Upload], folder: Path) -> tuple[list[Outcome], dict[Path, Upload]]:
    """Move the files into a folder each, under their own names; return what cannot have its name, and the others."""
    refused, staged = [], {}
    names: set[str] = set()
    for n, upload in enumerate(uploads):
        name = upload.name.replace("\\", "/").rpartition("/")[2]
        wrong = _wrong_name(name) or (FileProblem.SENT_TWICE if name in names else None)
        if wrong:
            shown = (name if name.isprintable() else ascii(name))[:_LONGEST_NAME]
            refused.append(Outcome(shown, "failed", message=Message(wrong, {"file": shown, "limit": _LONGEST_NAME})))
            continue
        names.add(name)
        path = folder / str(n) / name
        path.parent.mkdir()
        shutil.move(upload.path, path)
        staged[path] = upload
    return refused, staged


def _wrong_name(name: str) -> FileProblem | None:
    if not name.strip() or name.startswith((".", "~$")):
        return FileProblem.NO_NAME
    if not name.isprintable():
        return FileProblem.UNPRINTABLE
    if len(name.encode("utf-8", "replace")) > _LONGEST_NAME:
        return FileProblem.LONG_NAME
    return FileProblem.FOLDER_METADATA if name in FOLDER_FILES else None


def _as_if_at(found: FoundPage, staged: Path, final: Path) -> FoundPage:
    """Return a page of a staged file as a page of the file that will be kept."""

    def moved(path: str) -> str:
        return str(final) + path.removeprefix(str(staged)) if path.startswith(str(staged)) else path

    def read() -> Source:
        try:
            source = found.read()
        except OSError as error:
            raise FileError(FileProblem.CANNOT_READ, file=found.file, reason=error.strerror or error) from error
        return replace(source, path=moved(source.path), container=moved(source.container))

    return replace(found, path=final, read=read, look=lambda: None, sent=True)
