"""Newspapers by their names: what such names end with stands in `newspapers.toml`."""

from __future__ import annotations

import re

from index.text.normalize import HAN
from index.text.words import any_of, load

_LISTS = load("newspapers")
PAPER = any_of(_LISTS["papers"])
"""What the name of a paper ends with, for use in a pattern."""
_SURE = [*_LISTS["papers"], *_LISTS["others"]]
_NAMED = re.compile(rf"[{HAN}]{{2,6}}{any_of(_SURE)}(?!道)|^[{HAN}]{{2,4}}新闻(?=[\s·])")
_ALONE = re.compile(rf"[{HAN}]{{2,10}}?{any_of([*_SURE, *_LISTS['alone']])}(?:[\s·|:].{{0,24}})?$")
_LONGEST_APP = 4
_CITY = re.compile(rf"([{HAN}]{{2,4}}?){any_of([*_SURE, '新闻'])}")


def paper_in(text: str) -> str:
    """Return the first newspaper that `text` names, "" when it names none."""
    found = _NAMED.search(text)
    return found[0] if found else ""


def is_paper(text: str) -> bool:
    """Tell whether `text` is the name of a newspaper, alone or with its column."""
    return bool(_ALONE.match(text))


def city_of(paper: str) -> str:
    """Return what a newspaper's name begins with, most often its city: 云山 of 云山日报; "" when it is none."""
    found = _CITY.match(paper)
    return found[1] if found else ""


def is_outlet(text: str) -> bool:
    """Tell whether `text` is a newspaper's name with the name of its app or account behind it (云山日报第一端)."""
    found = _NAMED.match(text)
    return found is not None and len(text) - found.end() <= _LONGEST_APP
