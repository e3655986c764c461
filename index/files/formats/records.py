"""Tables of articles, one a row: JSON Lines (.jsonl) and CSV. The text of a row is the value of its text column."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.errors import FileError
from index.files.formats.columns import NAMES, field_of, fields, metadata
from index.files.formats.encoding import decode
from index.files.formats.extract import Extract
from index.messages import FileProblem
from index.text.normalize import printed

_LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its name in the file (its id, else its number) and its article, or what is wrong with it."""

    name: str
    page: Extract | FileError


def read_jsonl(raw: bytes, file: str) -> Iterator[TableRow]:
    """Yield the rows of a JSON Lines file; FileError when none of its first rows is an object with a text."""
    text, encoding = decode(raw, file)
    rows: list[tuple[int, dict | FileError]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            rows.append((number, _object(line, file, number)))
    yield from _records(rows, encoding, file)


def read_csv(raw: bytes, file: str) -> Iterator[TableRow]:
    """Yield the rows of a CSV file (comma, semicolon or tab), whose first row names the columns."""
    text, encoding = decode(raw, file)
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    rows: list[tuple[int, dict | FileError]] = []
    try:
        columns = next(reader, [])
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, dict(zip(columns, row, strict=False))))
    except csv.Error as error:
        raise FileError(FileProblem.BROKEN_CSV, file=file, line=reader.line_num, error=error) from error
    if not any(field_of(column) == "text" for column in columns):
        raise _no_text(file, columns)
    yield from _records(rows, encoding, file)


def _object(line: str, file: str, number: int) -> dict | FileError:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return FileError(FileProblem.NO_JSON, file=file, line=number, error=error)
    if not isinstance(row, dict):
        return FileError(FileProblem.NO_OBJECT, file=file, line=number)
    return row


def _records(rows: list[tuple[int, dict | FileError]], encoding: str, file: str) -> Iterator[TableRow]:
    objects = [row for _, row in rows if isinstance(row, dict)]
    if not rows:
        raise FileError(FileProblem.EMPTY, file=file)
    if objects and not any("text" in fields(row) for row in objects):
        raise _no_text(file, list(objects[0]))
    if not objects:
        raise next(row for _, row in rows if isinstance(row, FileError))
    seen: set[str] = set()
    for number, row in rows:
        if isinstance(row, FileError):
            yield TableRow(str(number), row)
            continue
        found = fields(row)
        name = found.get("id", "")
        if not name or len(name) > _LONGEST_ID or not name.isprintable():
            name = str(number)
        if name in seen:
            error = FileError(FileProblem.ID_TWICE, file=file, line=number, id=name)
            yield TableRow(f"{name} (line {number})", error)
            continue
        seen.add(name)
        if "text" not in found:
            yield TableRow(name, FileError(FileProblem.EMPTY_ROW, file=file, line=number))
            continue
        cleaned = {key: _clean(value) for key, value in found.items()}
        yield TableRow(name, Extract(cleaned["text"], encoding, replace(metadata(cleaned), single=True)))


def _clean(text: str) -> str:
    """Return `text` as printed, without half surrogates (JSON can hold them, UTF-8 cannot), with \\n at line ends."""
    return printed(text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n"))


def _no_text(file: str, columns: list[str]) -> FileError:
    shown = ", ".join(repr(str(column))[:40] for column in columns[:12]) or "-"
    return FileError(FileProblem.NO_TEXT_COLUMN, file=file, columns=shown, names=", ".join(NAMES["text"]))
