"""What the librarian says about pages, beside them: PAGE.toml for one page, meta.csv or meta.toml for a folder.

It wins over what is printed on the page and what the file says. A field or date that cannot be understood is an error:
wrong metadata would be cited.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from index.errors import FileError
from index.files.formats.columns import NAMES, field_of, metadata
from index.files.formats.encoding import decode
from index.messages import FileProblem
from index.text.dates import iso_date
from index.types import Metadata

FOLDER_FILES = ("meta.csv", "meta.toml")
EVERY = "*"
"""The file name in a folder's metadata that means all of its pages."""
_ALLOWED = ("title", "source", "date", "place", "byline", "url")
_MAX_BYTES = 5_000_000


def page_sidecars(path: Path) -> list[Path]:
    """Return where the metadata of one page may lie: page.txt.toml or page.toml."""
    return [path.with_name(f"{path.name}.toml"), path.with_suffix(".toml")]


def read_page_sidecar(path: Path) -> Metadata:
    """Return what PAGE.toml says; FileError names the file and the field at fault."""
    return _metadata(_toml(path), path.name)


def read_folder_sidecar(path: Path) -> dict[str, Metadata]:
    """Return what meta.csv or meta.toml says of each file of its folder; FileError names the line and the field."""
    return _folder_csv(path) if path.suffix == ".csv" else _folder_toml(path)


def over(said: Metadata, metadata: Metadata) -> Metadata:
    """Return `metadata` with all that is said in `said` in its place."""
    return replace(metadata, **{f.name: value for f in fields_of(said) if (value := getattr(said, f.name))})


def _folder_toml(path: Path) -> dict[str, Metadata]:
    said = {}
    for name, values in _toml(path).items():
        if not isinstance(values, dict):
            raise FileError(FileProblem.METADATA_NO_TABLE, file=path.name, name=name)
        said[name] = _metadata(values, f"{path.name}, {name}")
    return said


def _folder_csv(path: Path) -> dict[str, Metadata]:
    text, _ = decode(_bytes(path), path.name)
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    said = {}
    try:
        for row in reader:
            at = f"{path.name} line {reader.line_num}"
            if None in row:
                raise FileError(FileProblem.METADATA_MANY_VALUES, at=at)
            named = [column for column in row if field_of(column) == "file"]
            if not named or not (row[named[0]] or "").strip():
                raise FileError(FileProblem.METADATA_NO_FILE, at=at)
            name = row.pop(named[0]).strip().replace("\\", "/")
            if name in said:
                raise FileError(FileProblem.METADATA_TWICE, at=at, name=name)
            said[name] = _metadata({column: value for column, value in row.items() if (value or "").strip()}, at)
    except csv.Error as error:
        raise FileError(FileProblem.METADATA_NO_CSV, file=path.name, line=reader.line_num, error=error) from error
    return said


def _metadata(values: Mapping[str, object], at: str) -> Metadata:
    found = {}
    for column, value in values.items():
        field = field_of(column)
        if field not in _ALLOWED:
            known = ", ".join(names[0] for field, names in NAMES.items() if field in _ALLOWED)
            raise FileError(FileProblem.METADATA_UNKNOWN_FIELD, at=at, field=column, known=known)
        if isinstance(value, date | datetime):
            value = value.isoformat()
        if not isinstance(value, str):
            raise FileError(FileProblem.METADATA_NO_VALUE, at=at, field=column, value=value)
        if field == "date" and not iso_date(value):
            raise FileError(FileProblem.METADATA_NO_DATE, at=at, field=column, value=value)
        found[field] = " ".join(value.split())
    return metadata(found)


def _toml(path: Path) -> dict:
    text, _ = decode(_bytes(path), path.name)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileError(FileProblem.METADATA_NO_TOML, file=path.name, error=error) from error


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise FileError(FileProblem.METADATA_LARGE, file=path.name, limit=_MAX_BYTES)
        return path.read_bytes()
    except OSError as error:
        raise FileError(FileProblem.CANNOT_READ, file=path.name, reason=error.strerror or error) from error
