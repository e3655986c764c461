"""Zip files: their members, in names that stay inside the archive and in sizes that stay within bounds."""

from __future__ import annotations

import lzma
import struct
import zlib
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from index.errors import FileError
from index.files.formats.encoding import decode
from index.messages import FileProblem

MAX_MEMBERS = 20_000
MAX_TOTAL = 1_000_000_000
"""Bytes of all members unpacked."""
MAX_RATIO = 200
"""Times that a member may grow by unpacking; text grows three to ten times."""
BROKEN = (BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, RuntimeError, LookupError)
"""What zipfile meets a broken archive with (NotImplementedError is a RuntimeError)."""
_SMALL = 1_000_000
"""Bytes up to which the ratio does not matter: an empty table of a Word file shrinks to nothing."""


def check_size(packed: ZipFile, file: str) -> None:
    """Raise FileError when the archive claims to unpack to more than the bounds."""
    members = packed.infolist()
    if len(members) > MAX_MEMBERS:
        raise FileError(FileProblem.TOO_MANY_MEMBERS, file=file, members=len(members), limit=MAX_MEMBERS)
    total = sum(member.file_size for member in members)
    swollen = [m for m in members if m.file_size > _SMALL and m.file_size > MAX_RATIO * max(m.compress_size, 1)]
    if total > MAX_TOTAL or swollen:
        packed_size = sum(member.compress_size for member in members)
        raise FileError(FileProblem.SWELLS, file=file, size=total, packed=packed_size)


def unsafe(name: str) -> bool:
    """Tell whether a member's name leads out of the archive, or is no name of a file."""
    path = PurePosixPath(name.replace("\\", "/"))
    return (not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
            or any(ord(character) < 32 for character in name))


def printed_name(member: ZipInfo) -> str:
    """Return a member's name as whoever packed it read it: Windows in China writes GBK without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return decode(member.orig_filename.encode("cp437"), member.filename)[0]
    except (UnicodeEncodeError, FileError):
        return member.filename


class Archive:
    """A zip file whose members are read one after the other; it is open from the first of them to the last."""

    def __init__(self, path: Path, file: str) -> None:
        self._path, self._file = path, file
        self._packed: ZipFile | None = None
        with self._open() as packed:
            check_size(packed, file)
            files = [m for m in packed.infolist() if not m.filename.endswith("/") and not m.filename.startswith("__MACOSX/")]
        self.members = sorted(files, key=lambda member: member.filename)
        self._left = len(self.members)

    def read(self, member: ZipInfo, limit: int) -> bytes:
        """Return a member's bytes; FileError names it when it is encrypted, broken or larger than `limit`."""
        name = f"{self._file}/{printed_name(member)}"
        if member.flag_bits & 1:
            raise FileError(FileProblem.LOCKED_MEMBER, file=name)
        self._packed = self._packed or self._open()
        self._left -= 1
        try:
            with self._packed.open(member) as opened:
                raw = opened.read(limit + 1)
        except BROKEN as error:
            raise FileError(FileProblem.BROKEN_MEMBER, file=name) from error
        finally:
            if self._left <= 0:
                self._packed.close()
                self._packed = None
        if len(raw) > limit:
            raise FileError(FileProblem.LARGE_MEMBER, file=name, limit=limit)
        return raw

    def _open(self) -> ZipFile:
        try:
            return ZipFile(self._path)
        except PermissionError as error:
            raise FileError(FileProblem.CANNOT_READ, file=self._file, reason=error.strerror) from error
        except BROKEN as error:
            raise FileError(FileProblem.BROKEN_ZIP, file=self._file) from error
