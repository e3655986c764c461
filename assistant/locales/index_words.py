"""Words for the codes of the index: why a line of a page has its label, and what is to be said of a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from index.messages import english


@cache
def index_words(lang: str) -> Mapping[str, Mapping[str, str]]:
    """Return the tables `line_reason` and `file_problem` of a page's language ("zh-CN" or "en"), a text for each code."""
    if lang == "en":
        return english()
    return tomllib.loads(files("assistant.locales").joinpath("index_zh.toml").read_text("utf-8"))
