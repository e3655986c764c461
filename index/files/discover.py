"""Find the pages at a path: folders are searched through, tables and archives opened, the librarian's metadata laid beside.

A page that was found is read only when its turn comes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from zipfile import ZipInfo

from index.errors import FileError
from index.files.file_state import Seen, look
from index.files.formats.archive import Archive, printed_name, unsafe
from index.files.formats.extract import Extract
from index.files.load import (
    MAX_BYTES,
    MAX_BYTES_OF,
    PAGES,
    SUFFIXES,
    TABLES,
    UNSUPPORTED,
    check_size,
    finish,
    read_bytes,
    read_page,
    read_source,
    unsupported,
)
from index.files.sidecar import EVERY, FOLDER_FILES, over, page_sidecars, read_folder_sidecar, read_page_sidecar
from index.messages import FileProblem
from index.types import NOTHING, Metadata, Source


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page that was found: its name in citations, the file it is in, and how it is read.

    `member` is where it stands in an archive or table (/2024/a.txt, #17), "" for a file of its own; `file` ends with it.
    What is not `readable` was found out before its turn.
    """

    file: str
    path: Path
    read: Callable[[], Source]
    """Returns the page; FileError says why it cannot be read."""
    member: str = ""
    readable: bool = True
    sent: bool = False
    """Whether it came over the network, with nothing but a name: it may update the page of that name, replace no other."""
    look: Callable[[], Seen | None] = lambda: None
    """Returns how a file of its own looks without being read; FileError when what is said beside it cannot be understood."""


def find_files(path: Path) -> list[FoundPage]:
    """Return the pages at `path`, sorted: a folder is searched through, tables and archives are opened.

    What is found and cannot be read is among them and says so when it is read. FileError when nothing is found at all.
    """
    if not os.path.exists(path):
        raise FileError(FileProblem.MISSING, path=str(path))
    if path.is_dir():
        found = sorted(_folder(path), key=lambda page: page.path)  # stable: the rows of a table stay in their order
        if not found:
            raise FileError(FileProblem.NOTHING_KNOWN, path=str(path), kinds=", ".join(SUFFIXES))
        return found
    try:
        said, _ = _said_by_folders(path.parent, {})
    except FileError as error:
        return [_unreadable(path.name, path, error)]
    return list(_open(path.name, path, said))


def _folder(folder: Path) -> Iterator[FoundPage]:
    refused: list[OSError] = []
    root, sidecars = folder.resolve(), {}
    broken: list[Path] = []
    for here, below, names in os.walk(folder, onerror=refused.append):
        below.sort()
        place = Path(here)
        for name in [n for n in below if (place / n).is_symlink()]:
            file = _name(place / name, folder)
            yield _unreadable(file, place / name, FileError(FileProblem.LINK_TO_FOLDER, file=file))
        if place.parent in broken:
            broken.append(place)
            continue
        try:
            said, missing = _said_by_folders(place, sidecars, root=folder)
        except FileError as error:
            broken.append(place)
            at = next(place / n for n in FOLDER_FILES if (place / n).exists())
            yield _unreadable(_name(at, folder), at, FileError(FileProblem.FOLDER_LEFT, because=error.message))
            continue
        yield from (_unreadable(_name(at, folder), at, error) for at, error in missing)
        for name in sorted(names):
            path, file = place / name, _name(place / name, folder)
            if name.startswith((".", "~$")) or name in FOLDER_FILES:
                continue
            suffix = path.suffix.lower()
            if suffix not in SUFFIXES and suffix not in UNSUPPORTED:
                continue
            if path.is_symlink() and not path.is_file():
                yield _unreadable(file, path, FileError(FileProblem.LINK_TO_NOTHING, file=file))
            elif path.is_symlink() and not path.resolve().is_relative_to(root):
                yield _unreadable(file, path, FileError(FileProblem.LINK_OUT, file=file))
            else:
                yield from _open(file, path, said)
    for error in refused:
        at = Path(os.fsdecode(error.filename))
        file = _name(at, folder)
        yield _unreadable(file, at, FileError(FileProblem.CANNOT_OPEN, file=file, reason=error.strerror))


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


SidecarData = Callable[[Path], Metadata]
"""Returns what the folders' metadata say of a file in them."""


def _said_by_folders(
    folder: Path, sidecars: dict[Path, dict[str, Metadata]], root: Path | None = None
) -> tuple[SidecarData, list[tuple[Path, FileError]]]:
    """Return what the metadata of `folder`, and of those above it up to `root`, say; and rows about no file that is there.

    `sidecars` keeps what was read, so that each is read once.
    """
    above = [folder, *folder.parents]
    above = above[: above.index(root) + 1] if root else [folder]
    missing: list[tuple[Path, FileError]] = []
    for at in reversed(above):
        if at not in sidecars:
            sidecars[at] = {}
            for path in (at / name for name in FOLDER_FILES if (at / name).is_file()):
                said = read_folder_sidecar(path)
                sidecars[at] |= said
                missing += [(path, FileError(FileProblem.METADATA_OF_NOTHING, file=path.name, name=name))
                            for name in said if name != EVERY and not (at / name).exists()]

    def said_of(path: Path) -> Metadata:
        known = NOTHING
        for at in reversed(above):
            if said := sidecars[at]:
                known = over(said.get(EVERY, NOTHING), known)
                known = over(said.get(path.relative_to(at).as_posix(), NOTHING), known)
        return known

    return said_of, missing


def _open(file: str, path: Path, said_of: SidecarData) -> Iterator[FoundPage]:
    """Yield the page, or the pages, of one file."""
    suffix = path.suffix.lower()
    try:
        if not file.isprintable():
            raise FileError(FileProblem.UNPRINTABLE, file=file)
        if suffix not in SUFFIXES:
            raise unsupported(file)
        said = said_of(path)
        if suffix == ".zip":
            yield from _members(file, path, said)
        elif suffix in TABLES:
            yield from _rows(file, path, "", read_bytes(file, path), said)
        else:
            yield FoundPage(file, path, lambda: read_source(file, path, _said_by_page(path, said)),
                        look=lambda: look(path, _said_by_page(path, said)))
    except FileError as error:
        yield _unreadable(file, path, error)


def _said_by_page(path: Path, said: Metadata) -> Metadata:
    for sidecar in page_sidecars(path):
        if sidecar.is_file() and sidecar.name not in FOLDER_FILES:
            said = over(read_page_sidecar(sidecar), said)
    return said


def _rows(file: str, path: Path, table: str, raw: bytes, said: Metadata) -> Iterator[FoundPage]:
    """Yield the rows of a table; `table` is its place in an archive, "" when it is a file of its own."""
    for record in TABLES[PurePosixPath(file).suffix.lower()](raw, file):
        name, member = f"{file}#{record.name}", f"{table}#{record.name}"
        if isinstance(record.page, FileError):
            yield _unreadable(name, path, record.page, member)
        else:
            yield FoundPage(name, path, _row_reader(name, path, member, record.page, said), member)


def _row_reader(name: str, path: Path, member: str, page: Extract, said: Metadata) -> Callable[[], Source]:
    def read() -> Source:
        digest = hashlib.sha256(repr((page.text, page.metadata)).encode("utf-8", "replace"))
        container = str(path.resolve())
        return replace(finish(name, container + member, digest, page, said), container=container)

    return read


def _members(file: str, path: Path, said: Metadata) -> Iterator[FoundPage]:
    check_size(file, path)
    archive = Archive(path, file)
    names: set[str] = set()
    kinds = {PurePosixPath(printed_name(member)).suffix.lower() for member in archive.members}
    if not kinds & {*SUFFIXES, *UNSUPPORTED}:
        raise FileError(FileProblem.NOTHING_KNOWN, path=file, kinds=", ".join(SUFFIXES))
    for member in archive.members:
        name = printed_name(member)
        full, kind = f"{file}/{name}", PurePosixPath(name).suffix.lower()
        error = None
        if unsafe(name):
            full = f"{file}/{name!a}"
            error = FileError(FileProblem.UNSAFE_MEMBER, file=full)
        elif name in names:
            error = FileError(FileProblem.TWICE_IN_ARCHIVE, file=full)
        elif PurePosixPath(name).name in FOLDER_FILES or kind == ".zip":
            error = FileError(FileProblem.NESTED, file=full)
        elif kind in UNSUPPORTED:
            error = unsupported(full)
        names.add(name)
        if error is not None:
            yield _unreadable(full, path, error, f"/{name}")
        elif kind in TABLES:
            try:
                yield from _rows(full, path, f"/{name}", archive.read(member, MAX_BYTES_OF[kind]), said)
            except FileError as error:
                yield _unreadable(full, path, error, f"/{name}")
        elif kind in PAGES:
            yield FoundPage(full, path, _member_reader(archive, member, full, path, said), f"/{name}")


def _member_reader(archive: Archive, member: ZipInfo, file: str, path: Path, said: Metadata) -> Callable[[], Source]:
    kind = PurePosixPath(file).suffix.lower()

    def read() -> Source:
        raw, container = archive.read(member, MAX_BYTES_OF.get(kind, MAX_BYTES)), str(path.resolve())
        return replace(read_page(file, f"{container}/{printed_name(member)}", raw, PAGES[kind], said), container=container)

    return read


def _unreadable(file: str, path: Path, error: FileError, member: str = "") -> FoundPage:
    def fail() -> Source:
        raise error

    return FoundPage(file if file.isprintable() else ascii(file), path, fail, member, readable=False)
