"""prompts: the words the assistant speaks, in one place and in both languages. Imports nothing of ours."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language; `cases` holds {count}."""

    colon: str
    separator: str
    cases: str
    compared: str
    refusal: str
    nearest: str


@cache
def phrases(language: str) -> Phrases:
    """Return the phrases of "zh" or "en"; KeyError for another language."""
    path = Path(__file__).with_name("phrases.toml")
    return Phrases(**tomllib.loads(path.read_text(encoding="utf-8"))[language])
