"""What the index says of lines and files, as codes with values; the English for them is in `index/messages.toml`.

The index speaks English to the command line. Another language is another table of the same codes.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from importlib.resources import files

_ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it: control characters, and signs that turn the direction of writing."""


class FileProblem(StrEnum):
    """Why a file could not be read, or what else is to be said of it: the code of a Message."""

    EMPTY = auto()
    NO_TEXT = auto()
    NO_ARTICLE = auto()
    NAME_TAKEN = auto()
    OTHER_PAGE = auto()
    VANISHED = auto()
    STILL_INDEXED = auto()
    BUSY = auto()
    MISSING = auto()
    NOTHING_KNOWN = auto()
    LINK_TO_FOLDER = auto()
    LINK_TO_NOTHING = auto()
    LINK_OUT = auto()
    NOT_A_FILE = auto()
    FOLDER_LEFT = auto()
    CANNOT_OPEN = auto()
    CANNOT_READ = auto()
    TOO_LARGE = auto()
    LONG_TEXT = auto()
    LONG_LINE = auto()
    TOO_SLOW = auto()
    UNPRINTABLE = auto()
    NO_NAME = auto()
    LONG_NAME = auto()
    SENT_TWICE = auto()
    FOLDER_METADATA = auto()
    UNSUPPORTED = auto()
    NO_SUFFIX = auto()
    UNSUPPORTED_DOCUMENT = auto()
    UNSUPPORTED_SHEET = auto()
    UNSUPPORTED_SCAN = auto()
    UNSUPPORTED_ARCHIVE = auto()
    IS_PDF = auto()
    IS_ZIP = auto()
    IS_OLD_OFFICE = auto()
    IS_PICTURE = auto()
    IS_RTF = auto()
    IS_GZIP = auto()
    NOT_TEXT = auto()
    BROKEN = auto()
    BROKEN_DOCX = auto()
    LOCKED_DOCX = auto()
    BROKEN_PDF = auto()
    LOCKED_PDF = auto()
    TOO_MANY_PAGES = auto()
    SCAN = auto()
    UNKNOWN_FONTS = auto()
    DAMAGED_TEXT = auto()
    ERROR_PAGE = auto()
    BROKEN_ZIP = auto()
    TOO_MANY_MEMBERS = auto()
    SWELLS = auto()
    UNSAFE_MEMBER = auto()
    TWICE_IN_ARCHIVE = auto()
    NESTED = auto()
    LOCKED_MEMBER = auto()
    BROKEN_MEMBER = auto()
    LARGE_MEMBER = auto()
    BROKEN_CSV = auto()
    NO_TEXT_COLUMN = auto()
    NO_JSON = auto()
    NO_OBJECT = auto()
    ID_TWICE = auto()
    EMPTY_ROW = auto()
    METADATA_LARGE = auto()
    METADATA_NO_TOML = auto()
    METADATA_NO_CSV = auto()
    METADATA_NO_TABLE = auto()
    METADATA_MANY_VALUES = auto()
    METADATA_NO_FILE = auto()
    METADATA_TWICE = auto()
    METADATA_UNKNOWN_FIELD = auto()
    METADATA_NO_VALUE = auto()
    METADATA_NO_DATE = auto()
    METADATA_OF_NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said of a file; `values` fill the gaps of its words, whatever the language."""

    problem: FileProblem
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.in_words(english()["file_problem"])

    def in_words(self, words: Mapping[str, str]) -> str:
        """Return the message in the language of `words`, which has a text for each problem."""
        said = {name: value.in_words(words) if isinstance(value, Message) else value for name, value in self.values.items()}
        return words[self.problem].format(**said)


def line_reason(reason: StrEnum) -> str:
    """Return why a line has its label, in English."""
    return english()["line_reason"][reason]


@cache
def english() -> dict[str, dict[str, str]]:
    """Return the English words of each code, by the name of its table."""
    return tomllib.loads(files("index").joinpath("messages.toml").read_text("utf-8"))


def printable(text: str) -> str:
    r"""Return `text` for a terminal, also one that is JSON already: what would act there is written as JSON does, \u001b."""
    return _ACTING.sub(lambda match: json.dumps(match[0])[1:-1], text)
