"""Where the weights lie, and how a file of them is read."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from index.errors import ReadError

WEIGHTS = Path(__file__).parent
T = TypeVar("T")


def read_fitted(path: Path, made_of: Callable[[Mapping[str, Any]], T], what: str, command: str) -> T:
    """Return what `made_of` makes of a file's tables; ReadError names the file, what is wrong and what makes it."""
    try:
        return made_of(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ReadError(f"{what} {str(path)!r}: {error!r}. Restore the file, or make it: {command}") from error
