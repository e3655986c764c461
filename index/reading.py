"""Read one file: a table says which reader a kind of file has, and how large it may be.

All offsets of the project count characters of the text that is read here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from index.errors import ReadError
from index.formats.docx import read_docx
from index.formats.extract import Extract
from index.formats.html import read_html
from index.formats.pdf import read_pdf
from index.formats.plain import read_markdown, read_text
from index.formats.records import Record, read_csv, read_jsonl
from index.sidecar import over
from index.types import NOTHING, Metadata, Source

PAGES: dict[str, Callable[[bytes, str], Extract]] = {
    ".txt": read_text, ".md": read_markdown, ".html": read_html, ".htm": read_html, ".docx": read_docx, ".pdf": read_pdf,
}
"""Readers of files that are one page."""
TABLES: dict[str, Callable[[bytes, str], Iterator[Record]]] = {".jsonl": read_jsonl, ".csv": read_csv}
"""Readers of files with an article a row."""
SUFFIXES = (*PAGES, *TABLES, ".zip")
MAX_BYTES = 20_000_000
MAX_BYTES_OF = {".pdf": 200_000_000, ".jsonl": 200_000_000, ".csv": 200_000_000, ".zip": 2_000_000_000}
"""Limits of the kinds that are allowed more."""
_TEXT = ("save it as .docx, .pdf or .txt", (".doc", ".wps", ".rtf", ".odt", ".pages", ".epub"))
_SHEET = ("save the table as .csv", (".xls", ".xlsx", ".et", ".ods"))
_SCAN = ("run OCR on it and add the text", (".tif", ".tiff"))
_PACKED = ("unpack it, or pack it as .zip", (".rar", ".7z", ".gz", ".tgz", ".tar"))
ADVICE = {suffix: advice for advice, suffixes in (_TEXT, _SHEET, _SCAN, _PACKED) for suffix in suffixes}
"""What to do with documents of kinds that are not read: in a folder they are reported, other files are passed over."""


def read_source(file: str, path: Path, said: Metadata | None = None) -> Source:
    """Return a file that is one page; ReadError names it when it cannot be read. `said` is the librarian's metadata."""
    reader = PAGES.get(path.suffix.lower())
    if reader is None:
        raise ReadError(unsupported(file))
    return read_page(file, str(path.resolve()), read_bytes(file, path), reader, said or NOTHING)


def read_page(file: str, path: str, raw: bytes, reader: Callable[[bytes, str], Extract], said: Metadata) -> Source:
    """Return the page that `reader` finds in `raw`; ReadError when there is none."""
    if not raw.strip():
        raise ReadError(f"{file!r} is empty.")
    return finish(file, path, hashlib.sha256(raw), reader(raw, file), said)


def finish(file: str, path: str, digest: hashlib._Hash, page: Extract, said: Metadata) -> Source:
    """Return the page as a Source, with what is said of it beside it; `digest` is of what it was read from."""
    if not page.text.strip():
        raise ReadError(f"{file!r} is empty: there is no text in it.")
    if said != NOTHING:
        digest.update(repr(said).encode("utf-8", "replace"))
    # Half surrogates come out of broken entities and fonts; neither SQLite nor the model takes them.
    text = page.text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
    return Source(file=file, path=path, text=text, sha256=digest.hexdigest(), encoding=page.encoding,
                  metadata=over(said, page.metadata), headings=page.headings)


def read_bytes(file: str, path: Path) -> bytes:
    """Return a file's bytes; ReadError when it cannot be opened or is larger than its kind may be."""
    check_size(file, path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReadError(f"{file!r} cannot be read: {error.strerror or error}.") from error


def check_size(file: str, path: Path) -> None:
    """Raise ReadError when the file is larger than its kind may be."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ReadError(f"{file!r} cannot be read: {error.strerror or error}.") from error
    limit = MAX_BYTES_OF.get(path.suffix.lower(), MAX_BYTES)
    if size > limit:
        raise ReadError(f"{file!r} has {size:,} bytes; the limit is {limit:,}. Split it and add the parts.")


def unsupported(file: str) -> str:
    """Return what is to be said of a file of a kind that is not read."""
    suffix = PurePosixPath(file).suffix.lower()
    advice = ADVICE.get(suffix, f"save it as one of {', '.join(SUFFIXES)}")
    return f"{file!r}: {suffix or 'no suffix'} is not supported; {advice}."
