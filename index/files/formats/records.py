"""Tables of articles, one a row: JSON Lines (.jsonl) and CSV. The text of a row is the value of its text column."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from index.errors import FileError
from index.files.formats.columns import NAMES, field_of, fields, metadata
from index.files.formats.encoding import decode
from index.files.formats.extract import Extract
from index.messages import FileProblem
from index.text.normalize import printed

_LONGEST_ID = 100
_LONGEST_FIELD = 200_000_000
"""As many characters as a file may have: what a text may have is checked when it is read."""
_MOST_ABOVE = 5
"""Rows among which the one that names the columns is looked for."""
_SEPARATOR = re.compile(r"\"?sep=([,;\t])\"?[ ,;\t]*\n")


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
    """Yield the rows of a CSV file (comma, semicolon or tab); its first row names the columns, or one of the next few does.

    Spreadsheets have the table's title above it, and Excel writes `sep=;` before all.
    """
    text, encoding = decode(raw, file)
    told = _SEPARATOR.match(text)
    text = text[told.end():] if told else text
    head = next((line for line in islice(io.StringIO(text), _MOST_ABOVE) if any(sign in line for sign in ",;\t")), "")
    delimiter = told[1] if told else max(",;\t", key=head.count)
    csv.field_size_limit(_LONGEST_FIELD)  # of the whole process, but the same for all
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before, printed_rows = 1 if told else 0, []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                printed_rows.append((before + reader.line_num, row))
    except csv.Error as error:
        raise FileError(FileProblem.BROKEN_CSV, file=file, line=before + reader.line_num, error=error) from error
    heads = (n for n, (_, row) in enumerate(printed_rows[:_MOST_ABOVE]) if any(field_of(column) == "text" for column in row))
    named = next(heads, None)
    if named is None:
        raise _no_text(file, printed_rows[0][1] if printed_rows else [])
    columns = printed_rows[named][1]
    yield from _records([(n, dict(zip(columns, row, strict=False))) for n, row in printed_rows[named + 1:]], encoding, file)


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
