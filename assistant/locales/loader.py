"""Read the words that people see: `words("zh").chat["send"]`. What an answer itself says stands in prompts/."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

LANGUAGES = ("zh", "en")

Section = Mapping[str, str]
"""The words of one room by their keys."""


@dataclass(frozen=True, slots=True)
class RefusalWords:
    """What was refused, and what to do about it."""

    title: str
    hint: str


@dataclass(frozen=True, slots=True)
class Locale:
    """The words of one language, a section for each room; those that are `shared` stand in every other section too.

    Text in {braces} is for `str.format`.
    """

    shared: Section
    chat: Section
    librarian: Section
    auth: Section
    export: Section
    widget_script: Section
    widget_panel: Section
    widget_setup: Section
    casebook: Section
    suggestions: Section
    refusals: Mapping[str, RefusalWords]


@cache
def words(language: str) -> Locale:
    """Return the words of "zh" or "en"; ValueError for another language, TypeError for a section that nobody knows."""
    if language not in LANGUAGES:
        raise ValueError(f"no words for language {language!r}; there are {', '.join(LANGUAGES)}")
    read = tomllib.loads(files("assistant.locales").joinpath(f"{language}.toml").read_text("utf-8"))
    refusals = {code: RefusalWords(**said) for code, said in read.pop("refusals").items()}
    shared = read["shared"]
    sections = {name: MappingProxyType({**shared, **section}) for name, section in read.items()}
    return Locale(refusals=MappingProxyType(refusals), **sections)


def accepted_language(header: str, default: str) -> str:
    """Return the first language of an Accept-Language header that we speak, else `default`."""
    for entry in header.split(","):
        tag = entry.partition(";")[0].strip().lower().partition("-")[0]
        if tag in LANGUAGES:
            return tag
    return default
