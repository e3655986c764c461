"""`linjian restore`: put a backup back in place, whole or not at all.

    1  every member is unpacked to home/restore.part and compared with its checksum; the databases are opened
    2  one rename makes that home/restore.ready: from here on the restore is decided
    3  entry by entry the old one goes to home/restore.old and the new one takes its place
    4  home/restore.old is deleted

Killed before 2 nothing has changed; killed after it the next command goes on with 3 (`finish`), and none reads half.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from assistant.operations.backup import FORMAT, KEPT, MANIFEST, OLD, PART, READY, BackupManifest, Progress, remove
from index.catalog.locking import lock, sole_writer
from index.errors import DamagedIndex, IndexLocked, LinjianError, ReadError, Unwritable
from index.sqlite import faults_of, to_disk

_CHUNK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, EOFError, NotImplementedError, RuntimeError)
"""What zipfile raises for a file that is none, is cut off, or says that it is encrypted."""


def restore(backup: Path, home: Path, *, replace: bool = False,
            progress: Progress = lambda what, done, total: None) -> BackupManifest:
    """Put what `backup` holds into `home` and return what that is.

    Raises ReadError when the file is no backup, is cut off or was changed; LinjianError when `home` holds something and
    `replace` is not set; IndexLocked while a process reads or changes the index; Unwritable when there is no room.
    Whatever is raised, `home` holds what it held before.
    """
    manifest = read_manifest(backup)
    held = sorted(entry.name for entry in home.iterdir() if entry.name not in KEPT) if home.is_dir() else []
    if held and not replace:
        raise LinjianError(f"{str(home)!r} holds {', '.join(held[:4])} already. To put the backup in its place: "
                           f"linjian restore {backup} --replace")
    try:
        home.mkdir(parents=True, exist_ok=True)
        with sole_writer(home):
            _finish(home)
            with _unread(home):
                pass  # said before minutes are spent on unpacking
            _unpack(backup, manifest, home / PART, progress)
            with _unread(home):
                os.rename(home / PART, home / READY)
                to_disk(home)
                _finish(home)
    except OSError as error:
        raise Unwritable(f"{str(home)!r} cannot be written: {error.strerror or error}. Make room, or give this user the "
                         "right to write, and run the same command again.") from error
    return manifest


def finish(home: Path) -> None:
    """Complete a restore that was interrupted after it was decided; nothing happens when there is none."""
    if (home / READY).is_dir() or (home / OLD).is_dir():
        with sole_writer(home):
            _finish(home)


def read_manifest(backup: Path) -> BackupManifest:
    """Return what a backup says that it holds; ReadError when it says nothing of that kind."""
    try:
        with zipfile.ZipFile(backup) as archive:
            values = json.loads(archive.read(MANIFEST))
        if values["format"] != FORMAT:
            raise ReadError(f"{str(backup)!r} is a backup of format {values['format']}, this release reads {FORMAT}. It "
                            f"was made by release {values.get('release')}: install that one.")
        files = {str(path): (int(size), str(digest)) for path, (size, digest) in values["files"].items()}
        manifest = BackupManifest(**{**values, "files": files})
    except OSError as error:
        raise ReadError(f"{str(backup)!r} cannot be read: {error.strerror or error}.") from error
    except (*_BROKEN, TypeError, AttributeError) as error:
        raise ReadError(f"{str(backup)!r} is no backup, or cut off. Use another: linjian restore FILE") from error
    for path in manifest.files:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or "\\" in path or {"..", "."} & set(parts) or parts[0] in KEPT | {MANIFEST}:
            raise ReadError(f"{str(backup)!r} would write to {path!r}: it was not made by linjian backup.")
    return manifest


def _unpack(backup: Path, manifest: BackupManifest, folder: Path, progress: Progress) -> None:
    remove(folder)
    folder.mkdir(mode=0o700)
    total, done = sum(size for size, _ in manifest.files.values()), 0
    try:
        with zipfile.ZipFile(backup) as archive:
            for path, (size, digest) in manifest.files.items():
                progress(path, done, total)
                _unpack_one(archive, path, folder, size, digest)
                done += size
        progress("", total, total)
        (folder / MANIFEST).write_text(json.dumps(sorted(manifest.files)), "utf-8")
        _check_databases(folder)
        for path in [*folder.rglob("*"), folder]:
            to_disk(path)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, _BROKEN):
            raise ReadError(f"{str(backup)!r} is cut off or damaged ({error}). Use another: linjian restore FILE") from error
        raise


def _unpack_one(archive: zipfile.ZipFile, path: str, folder: Path, size: int, digest: str) -> None:
    target, left, seen = folder / path, size, hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(path) as source, target.open("xb") as file:
        while block := source.read(_CHUNK):
            left -= len(block)
            if left < 0:  # told before it fills the disk
                break
            seen.update(block)
            file.write(block)
    if left or seen.hexdigest() != digest:
        raise zipfile.BadZipFile(f"{path} is not what was backed up")
    target.chmod(0o600 if target.parent == folder else 0o644)


def _check_databases(folder: Path) -> None:
    for path in folder.glob("*.sqlite"):
        if found := faults_of(path):
            raise DamagedIndex(f"{path.name} in the backup is damaged ({found[0]}). Use another: linjian restore FILE")


@contextmanager
def _unread(home: Path) -> Iterator[None]:
    """Keep readers out while the block runs; IndexLocked while a server or a command has a version open.

    It would go on with files that are gone, and what it then writes would be lost.
    """
    with ExitStack() as held:
        for path in home.glob("versions/*/manifest.json"):
            file = held.enter_context(path.open("rb"))
            if not lock(file):
                raise IndexLocked(f"A process answers from the index in {str(home)!r}. Stop it (a service: systemctl stop "
                                  "linjian; else Ctrl-C), and run the same command again.")
        yield


def _finish(home: Path) -> None:
    """Do steps 3 and 4. Each may be interrupted and done again: what is in READY has not been moved yet."""
    ready, old = home / READY, home / OLD
    if (ready / MANIFEST).is_file():
        old.mkdir(exist_ok=True)
        new = {path.split("/")[0] for path in json.loads((ready / MANIFEST).read_text("utf-8"))}
        # First what the backup does not have: the log that SQLite keeps beside a database would be taken for the new one's.
        for name in sorted(entry.name for entry in home.iterdir() if entry.name not in KEPT | new):
            _move(home / name, old / name)
        for name in sorted(entry.name for entry in ready.iterdir() if entry.name != MANIFEST):
            if (home / name).exists():
                _move(home / name, old / name)
            os.rename(ready / name, home / name)
        to_disk(home)
        (ready / MANIFEST).unlink()  # everything is in its place
    remove(ready)
    to_disk(home)
    remove(old)


def _move(source: Path, target: Path) -> None:
    remove(target)
    os.rename(source, target)
