"""Zip files: their members, in names that stay inside the archive and in sizes that stay within bounds."""

from __future__ import annotations

import lzma
import struct
import zlib
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from index.encoding import decode
from index.errors import ReadError

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
    """Raise ReadError when the archive claims to unpack to more than the bounds."""
    members = packed.infolist()
    if len(members) > MAX_MEMBERS:
        raise ReadError(f"{file!r} holds {len(members):,} files; the limit is {MAX_MEMBERS:,}. Split it and add the parts.")
    total = sum(member.file_size for member in members)
    swollen = [m for m in members if m.file_size > _SMALL and m.file_size > MAX_RATIO * max(m.compress_size, 1)]
    if total > MAX_TOTAL or swollen:
        raise ReadError(f"{file!r} would unpack to {total:,} bytes out of {sum(m.compress_size for m in members):,}: "
                        "it is not unpacked. Unpack it yourself if you trust it, and add the folder.")


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
    except (UnicodeEncodeError, ReadError):
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
        """Return a member's bytes; ReadError names it when it is encrypted, broken or larger than `limit`."""
        name = f"{self._file}/{printed_name(member)}"
        if member.flag_bits & 1:
            raise ReadError(f"{name!r} is locked with a password. Unpack the archive and add the folder.")
        self._packed = self._packed or self._open()
        self._left -= 1
        try:
            with self._packed.open(member) as opened:
                raw = opened.read(limit + 1)
        except BROKEN as error:
            raise ReadError(f"{name!r} cannot be unpacked: the archive is broken. Pack it again and add it.") from error
        finally:
            if self._left <= 0:
                self._packed.close()
                self._packed = None
        if len(raw) > limit:
            raise ReadError(f"{name!r} has more than {limit:,} bytes, which is the limit. Split it and add the parts.")
        return raw

    def _open(self) -> ZipFile:
        try:
            return ZipFile(self._path)
        except PermissionError as error:
            raise ReadError(f"{self._file!r} cannot be read: {error.strerror}.") from error
        except BROKEN as error:
            raise ReadError(f"{self._file!r} is broken or no zip file. Pack it again and add it.") from error
