"""`linjian backup`: everything in `home` that cannot be made again, in one zip file, while the server runs.

    manifest.json            release, moment, index version, and size and SHA-256 of every other member
    catalog.sqlite, …        each database as SQLite's own backup gives it: one moment, all transactions whole
    current, versions/N/     the published index; a version never changes
    …                        every other file of `home`

Not in it: the models, which the release brings along, and the index versions before the current one. The file appears
under its name only when it is whole and on the disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.catalog.locking import lock
from index.errors import DamagedIndex, LinjianError, MissingIndex, Unwritable
from index.sqlite import address_of, faults_in, to_disk

FORMAT = 1
MANIFEST = "manifest.json"
MODELS, LOCK, READY, OLD, PART = "models", "writer.lock", "restore.ready", "restore.old", "restore.part"
KEPT = {MODELS, LOCK, READY, OLD, PART}
"""Entries of `home` that a backup leaves out and a restore leaves alone."""
_PASSING = ("-wal", "-shm", "-journal", ".part", ".new", ".lock")
_CHUNK = 1 << 20

Progress = Callable[[str, int, int], None]
"""Told what is at work, how many bytes are done and how many there are."""


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds. `files` gives size in bytes and SHA-256 by path in `home`."""

    format: int
    release: str
    made_at: str
    index_version: str
    files: dict[str, tuple[int, str]]


def back_up(home: Path, target: Path, release: str, progress: Progress = lambda what, done, total: None) -> BackupManifest:
    """Write a backup of `home` to `target`, in place of what was there, and return what it holds.

    Needs as much room beside `target` as the largest database once more. Raises MissingIndex when nothing is stored,
    DamagedIndex when a database is broken, Unwritable when the disk is full or may not be written.
    """
    if not home.is_dir() or not any(entry.name not in KEPT for entry in home.iterdir()):
        raise MissingIndex(f"There is nothing in {str(home)!r} to back up. Fill the index: linjian index add FOLDER")
    if target.resolve().is_relative_to(home.resolve()):
        raise LinjianError(f"{str(target)!r} lies in the folder that is backed up. Name a file elsewhere, on another disk.")
    if target.exists() and not target.is_file():
        raise LinjianError(f"{str(target)!r} is no file. Name a file: linjian backup linjian.zip")
    try:
        with _leased(home) as version, _replacing(target) as part:
            return _write(home, version, part, release, progress)
    except OSError as error:
        raise Unwritable(f"The backup {str(target)!r} cannot be written: {error.strerror or error}. An earlier backup "
                         "of that name is untouched. Make room, and run the same command again.") from error


@contextmanager
def _leased(home: Path) -> Iterator[Path | None]:
    """Keep the current index version from being cleaned up; None when none was published yet."""
    from index.search.versions import current, lease  # heavy, and every command looks here whether a restore was interrupted

    while True:
        try:
            folder = current(home)
        except MissingIndex:
            yield None
            return
        try:
            held = lease(folder)
        except MissingIndex:
            if current(home) == folder:
                raise
            continue  # replaced between the two lines
        break
    try:
        yield folder
    finally:
        os.close(held)


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Give a file beside `target` that takes its place when the block succeeds. What a killed run left is written over."""
    part = target.with_name(f".{target.name}.part")
    handle = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)  # it holds hashes of passwords, and perhaps keys
    try:
        if not lock(handle):
            raise LinjianError(f"Another backup to {str(target)!r} is running. Wait until it has finished.")
        if not part.exists() or part.stat().st_ino != os.fstat(handle).st_ino:
            raise LinjianError(f"Another backup to {str(target)!r} has just finished.")
        os.ftruncate(handle, 0)
        try:
            yield part
            os.fsync(handle)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    finally:
        os.close(handle)
    to_disk(target.parent)


def _write(home: Path, version: Path | None, part: Path, release: str, progress: Progress) -> BackupManifest:
    paths = list(_files(home, version))
    total, done = sum(path.stat().st_size for path in paths), 0
    files: dict[str, tuple[int, str]] = {}
    # Compressed lightly: vectors hardly shrink, texts by two thirds.
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in paths:
            name = path.relative_to(home).as_posix()
            progress(name, done, total)
            changes = version is None or not path.is_relative_to(version)
            with _copied(path, part.parent) if changes and _is_database(path) else nullcontext(path) as source:
                files[name] = _add(archive, name, source)
            done += files[name][0]
        if version:
            told = version.name.encode()
            archive.writestr("current", told)
            files["current"] = len(told), hashlib.sha256(told).hexdigest()
        manifest = BackupManifest(FORMAT, release, datetime.now(UTC).isoformat(timespec="seconds"),
                            version.name if version else "", files)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
    progress("", total, total)
    return manifest


def _files(home: Path, version: Path | None) -> Iterator[Path]:
    """Yield the files in `home` that belong into a backup; `current` is written by itself."""
    for top in sorted(home.iterdir()):
        if top.name in KEPT or top.name == "current" or top.name == "versions" and version is None:
            continue
        inside = version if top.name == "versions" else top
        for path in sorted(inside.rglob("*")) if inside.is_dir() else [inside]:
            if path.is_file() and (inside == version or not path.name.endswith(_PASSING)):
                yield path


def _add(archive: zipfile.ZipFile, name: str, source: Path) -> tuple[int, str]:
    """Add a file, read once, and return its size and SHA-256."""
    size, seen = 0, hashlib.sha256()
    told = zipfile.ZipInfo.from_file(source, name, strict_timestamps=False)
    told.compress_type = zipfile.ZIP_DEFLATED
    with source.open("rb") as file, archive.open(told, "w", force_zip64=True) as member:
        while block := file.read(_CHUNK):
            size += len(block)
            seen.update(block)
            member.write(block)
    return size, seen.hexdigest()


@contextmanager
def _copied(path: Path, room: Path) -> Iterator[Path]:
    """Give a copy of a database as it is at one moment; whoever writes to it does not wait."""
    with tempfile.TemporaryDirectory(prefix=".linjian-backup-", dir=room) as folder:
        copy = Path(folder, path.name)
        try:
            with closing(sqlite3.connect(address_of(path), uri=True)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it
                if found := faults_in(target):
                    raise sqlite3.DatabaseError(found[0])
        except sqlite3.OperationalError as error:
            raise Unwritable(f"{str(path)!r} cannot be copied to {str(room)!r}: {error}. Make room there.") from error
        except sqlite3.DatabaseError as error:
            raise DamagedIndex(f"{str(path)!r} is damaged ({error}). See what is wrong: linjian index check") from error
        yield copy


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def remove(path: Path) -> None:
    """Delete a file or a folder; nothing happens when there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
