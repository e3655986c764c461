"""JSON and JSON Lines from people: rows checked against a declared shape, faults gathered and shown ten at a time."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from index.errors import ReadError

SHOWN = 10


class Shape(BaseModel):
    """A row as its format declares it: the types are meant, unknown fields are left alone."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def _saying(text: str) -> str:
    if not text.strip():
        raise ValueError("must be a text that is not empty")
    return text


S = TypeVar("S", bound=Shape)
Text = Annotated[str, AfterValidator(_saying)]
"""A text that says something."""
Id = Annotated[
    str,
    BeforeValidator(lambda v: str(v) if isinstance(v, int) and not isinstance(v, bool) else v),
    StringConstraints(min_length=1),
]
"""A text or a whole number; numbers become texts."""


class Faults:
    """Gathers what is wrong with a file, so that one run shows ten faults and not one; `hint` ends what `error` says."""

    error: ClassVar[type[ReadError]] = ReadError
    hint: ClassVar[str] = ""

    def __init__(self) -> None:
        self._faults: list[str] = []

    def add(self, path: Path, line: int | str, field: str, what: str) -> None:
        where = f"line {line}" if isinstance(line, int) else line
        self._faults.append(f"{str(path)!r}, {where}" + (f", field {field!r}" if field else "") + f": {what}")

    def parse(self, shape: type[S], value: Any, path: Path, line: int | str) -> S | None:
        """Return `value` as `shape`, or None, each wrong field noted."""
        try:
            return shape.model_validate(value)
        except ValidationError as error:
            noted = set()
            for fault in error.errors(include_url=False):
                top, *rest = fault["loc"] or ("",)
                if top not in noted:  # where a field may be one of several kinds, pydantic names a fault for each
                    noted.add(top)
                    field = ".".join([str(top), *(str(p) for p in rest if _is_field(p))])
                    what = "must be an object" if fault["type"] == "model_type" else fault["msg"]
                    self.add(path, line, field, what.removeprefix("Value error, "))
            return None

    def check(self) -> None:
        """Raise the first ten faults, if there are any."""
        if self._faults:
            more = len(self._faults) - SHOWN
            rest = [f"… and {more} more"] if more > 0 else []
            raise self.error("\n".join([*self._faults[:SHOWN], *rest, *filter(None, [self.hint])]))

    def text(self, path: Path) -> str:
        """Return a UTF-8 file's text, unpacked where its name ends in .gz; raises the error that names the file."""
        try:
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        except (OSError, EOFError) as error:
            raise self._unusable(path, f" cannot be read: {getattr(error, 'strerror', None) or error}.") from error
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise self.error(f"{str(path)!r}, line {line}: is not UTF-8. Save the file as UTF-8.") from None

    def rows(self, path: Path) -> Iterator[tuple[int, Any]]:
        """Yield (line number, value) of a JSON Lines file; a line that is no JSON becomes a fault."""
        for number, line in enumerate(self.text(path).split("\n"), start=1):  # U+2028 inside a text ends no line
            if line.strip():
                try:
                    yield number, json.loads(line)
                except (json.JSONDecodeError, RecursionError) as error:
                    self.add(path, number, "", f"is no JSON: {error}")

    def value(self, path: Path) -> Any:
        """Return the value of a JSON file; raises the error that names the file."""
        try:
            return json.loads(self.text(path))
        except (json.JSONDecodeError, RecursionError) as error:
            raise self._unusable(path, f" is no JSON: {error}.") from None

    def _unusable(self, path: Path, what: str) -> ReadError:
        return self.error(f"{str(path)!r}{what} {self.hint}".rstrip())


def _is_field(part: int | str) -> bool:
    """Tell a field or number from the name of a kind, which pydantic also puts on the way to a fault."""
    return isinstance(part, int) or not (part in ("str", "int", "") or part.endswith("Row") or "[" in part or "-" in part)
