"""Read a file's bytes as text: encoding found, line ends made \\n, the byte-order mark dropped; nothing else changed.

All offsets of the project count characters of the text that `read_source` returns.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from index.errors import ReadError
from index.types import Source

SUFFIXES = (".txt", ".md")
MAX_BYTES = 20_000_000
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def find_files(path: Path) -> list[tuple[str, Path]]:
    """Return (name in citations, path) of the readable files at `path`, sorted; a folder is searched through."""
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        if not found:
            raise ReadError(f"{str(path)!r} holds no file of a known kind ({', '.join(SUFFIXES)}).")
        return [(p.relative_to(path).as_posix(), p) for p in found]
    if not path.exists():
        raise ReadError(f"{str(path)!r} does not exist. Name a file or folder: linjian index add PATH")
    return [(path.name, path)]


def read_source(file: str, path: Path) -> Source:
    """Return the decoded file; ReadError names it when it is no readable text."""
    if path.suffix.lower() not in SUFFIXES:
        kind = path.suffix or "no suffix"
        raise ReadError(f"{file!r}: {kind} is not supported; save it as one of {', '.join(SUFFIXES)}.")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReadError(f"{file!r} has {size:,} bytes; the limit is {MAX_BYTES:,}. Split it and add the parts.")
        raw = path.read_bytes()
    except OSError as error:
        raise ReadError(f"{file!r} cannot be read: {error.strerror or error}.") from error
    text, encoding = decode(raw, file)
    if not text.strip():
        raise ReadError(f"{file!r} is empty.")
    digest = hashlib.sha256(raw).hexdigest()
    return Source(file=file, path=str(path.resolve()), text=text, sha256=digest, encoding=encoding)


def decode(raw: bytes, file: str) -> tuple[str, str]:
    """Return the text of `raw` and the encoding that was found; ReadError when it is no text."""
    marked = next((encoding for mark, encoding in _MARKS.items() if raw.startswith(mark)), "")
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
    raise ReadError(f"{file!r} is not text in UTF-8 or GB18030. Save it as UTF-8 and add it again.")
