"""Read one file: a table says which reader a kind of file has, and how large it may be.

All offsets of the project count characters of the text that is read here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from stat import S_ISREG

from index.errors import FileError
from index.files.formats.docx import read_docx
from index.files.formats.extract import Extract, error_told
from index.files.formats.html import read_html
from index.files.formats.pdf import read_pdf
from index.files.formats.plain import read_markdown, read_text
from index.files.formats.records import TableRow, read_csv, read_jsonl
from index.files.sidecar import over
from index.messages import FileProblem
from index.types import NOTHING, Metadata, Source

PAGES: dict[str, Callable[[bytes, str], Extract]] = {
    ".txt": read_text, ".md": read_markdown, ".html": read_html, ".htm": read_html, ".docx": read_docx, ".pdf": read_pdf,
}
"""Readers of files that are one page."""
TABLES: dict[str, Callable[[bytes, str], Iterator[TableRow]]] = {".jsonl": read_jsonl, ".csv": read_csv}
"""Readers of files with an article a row."""
SUFFIXES = (*PAGES, *TABLES, ".zip")
MAX_BYTES = 20_000_000
MAX_BYTES_OF = {".pdf": 200_000_000, ".jsonl": 200_000_000, ".csv": 200_000_000, ".zip": 2_000_000_000}
"""Limits of the kinds that are allowed more."""
MAX_CHARACTERS, MAX_LINE = 5_000_000, 200_000
"""Of a page's text, and of one line of it: more than any newspaper's page has."""
UNSUPPORTED = {suffix: problem for problem, suffixes in (
    (FileProblem.UNSUPPORTED_DOCUMENT, (".doc", ".wps", ".rtf", ".odt", ".pages", ".epub")),
    (FileProblem.UNSUPPORTED_SHEET, (".xls", ".xlsx", ".et", ".ods")),
    (FileProblem.UNSUPPORTED_SCAN, (".tif", ".tiff")),
    (FileProblem.UNSUPPORTED_ARCHIVE, (".rar", ".7z", ".gz", ".tgz", ".tar")),
) for suffix in suffixes}
"""Documents of kinds that are not read: in a folder they are reported, other files are passed over."""


def read_source(file: str, path: Path, said: Metadata | None = None) -> Source:
    """Return a file that is one page; FileError names it when it cannot be read. `said` is the librarian's metadata."""
    reader = PAGES.get(path.suffix.lower())
    if reader is None:
        raise unsupported(file)
    return read_page(file, str(path.resolve()), read_bytes(file, path), reader, said or NOTHING)


def read_page(file: str, path: str, raw: bytes, reader: Callable[[bytes, str], Extract], said: Metadata) -> Source:
    """Return the page that `reader` finds in `raw`; FileError when there is none."""
    if not raw.strip():
        raise FileError(FileProblem.EMPTY, file=file)
    return finish(file, path, hashlib.sha256(raw), reader(raw, file), said)


def finish(file: str, path: str, digest: hashlib._Hash, page: Extract, said: Metadata) -> Source:
    """Return the page as a Source, with what is said of it beside it; `digest` is of what it was read from."""
    if not page.text.strip():
        raise FileError(FileProblem.NO_TEXT, file=file)
    if told := error_told(page.text):
        raise FileError(FileProblem.ERROR_PAGE, file=file, line=told[:60])
    _check_length(file, page.text)
    if said != NOTHING:
        digest.update(repr(said).encode("utf-8", "replace"))
    # Half surrogates come out of broken entities and fonts; neither SQLite nor the model takes them.
    text = page.text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
    return Source(file=file, path=path, text=text, sha256=digest.hexdigest(), encoding=page.encoding,
                  metadata=over(said, page.metadata), headings=page.headings)


def _check_length(file: str, text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise FileError(FileProblem.LONG_TEXT, file=file, size=len(text), limit=MAX_CHARACTERS)
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > MAX_LINE:
            raise FileError(FileProblem.LONG_LINE, file=file, line=number, size=len(line), limit=MAX_LINE)


def read_bytes(file: str, path: Path) -> bytes:
    """Return a file's bytes; FileError when it cannot be opened or is larger than its kind may be."""
    check_size(file, path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(FileProblem.CANNOT_READ, file=file, reason=error.strerror or error) from error


def check_size(file: str, path: Path) -> None:
    """Raise FileError when the file is larger than its kind may be, or none that ends: reading a pipe would wait forever."""
    try:
        stat = path.stat()
    except OSError as error:
        raise FileError(FileProblem.CANNOT_READ, file=file, reason=error.strerror or error) from error
    if not S_ISREG(stat.st_mode):
        raise FileError(FileProblem.NOT_A_FILE, file=file)
    limit = MAX_BYTES_OF.get(path.suffix.lower(), MAX_BYTES)
    if stat.st_size > limit:
        raise FileError(FileProblem.TOO_LARGE, file=file, size=stat.st_size, limit=limit)


def unsupported(file: str) -> FileError:
    """Return the error of a file of a kind that is not read."""
    suffix = PurePosixPath(file).suffix.lower()
    if suffix in UNSUPPORTED:
        return FileError(UNSUPPORTED[suffix], file=file, kind=suffix)
    if suffix:
        return FileError(FileProblem.UNSUPPORTED, file=file, kind=suffix, kinds=", ".join(SUFFIXES))
    return FileError(FileProblem.NO_SUFFIX, file=file, kinds=", ".join(SUFFIXES))
