"""How every loader reads its files: rows checked against a declared shape, faults gathered and told ten at a time."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from eval.suites.types import SuiteError

SHOWN = 10
LAYOUT = "See docs/evaluate.md for the layout."


class Shape(BaseModel):
    """A row as its format declares it: the types are meant, unknown fields are left alone."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


S = TypeVar("S", bound=Shape)
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
"""A text that says something."""
Id = Annotated[
    str,
    BeforeValidator(lambda v: str(v) if isinstance(v, int) and not isinstance(v, bool) else v),
    StringConstraints(min_length=1),
]
"""A text or a whole number; numbers become texts."""


class Faults:
    """Gathers what is wrong with a suite, so that one run tells ten faults and not one."""

    def __init__(self) -> None:
        self._told: list[str] = []

    def add(self, path: Path, line: int | str, field: str, what: str) -> None:
        where = f"line {line}" if isinstance(line, int) else line
        self._told.append(f"{str(path)!r}, {where}" + (f", field {field!r}" if field else "") + f": {what}")

    def parse(self, shape: type[S], value: Any, path: Path, line: int | str) -> S | None:
        """Return `value` as `shape`, or None, each wrong field told."""
        try:
            return shape.model_validate(value)
        except ValidationError as error:
            told = set()
            for fault in error.errors(include_url=False):
                top, *rest = fault["loc"] or ("",)
                if top not in told:  # where a field may be one of several kinds, pydantic tells a fault for each
                    told.add(top)
                    what = "must be an object" if fault["type"] == "model_type" else fault["msg"]
                    self.add(path, line, ".".join([str(top), *(str(p) for p in rest if _is_field(p))]), what)
            return None

    def check(self) -> None:
        """Raise SuiteError with the first ten faults, if there are any."""
        if self._told:
            more = len(self._told) - SHOWN
            rest = [f"… and {more} more"] if more > 0 else []
            raise SuiteError("\n".join([*self._told[:SHOWN], *rest, LAYOUT]))


def _is_field(part: int | str) -> bool:
    """Tell a field or number from the name of a kind, which pydantic also puts on the way to a fault."""
    return isinstance(part, int) or not (part in ("str", "") or part.endswith("Row") or "[" in part or "-" in part)


def read_text(path: Path) -> str:
    """Return a UTF-8 file's text, unpacked where its name ends in .gz; SuiteError names the file."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise SuiteError(
            f"{str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}. {LAYOUT}"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SuiteError(f"{str(path)!r}, line {line}: is not UTF-8. Save the file as UTF-8.") from None


def json_lines(path: Path, faults: Faults) -> Iterator[tuple[int, Any]]:
    """Yield (line number, value) of a JSON Lines file; a line that is no JSON becomes a fault."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):  # U+2028 inside a text ends no line
        if line.strip():
            try:
                yield number, json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                faults.add(path, number, "", f"is no JSON: {error}")


def read_json(path: Path) -> Any:
    """Return the value of a JSON file; SuiteError names the file."""
    try:
        return json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise SuiteError(f"{str(path)!r} is no JSON: {error}. {LAYOUT}") from None
