"""The word lists of this room, one TOML file a subject, and how a list becomes a pattern."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def load(name: str) -> dict[str, Any]:
    """Return the lists of `name`.toml beside this module."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def any_of(words: Iterable[str]) -> str:
    """Return a group that matches each of `words`, the longest first: 新闻网 before 新闻."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"
