"""Plain text and Markdown: the file's own characters, as printed; Markdown's `#` lines are told as headings."""

from __future__ import annotations

import re

from index.files.formats.encoding import decode
from index.files.formats.extract import Extract
from index.text.normalize import printed
from index.types import Heading

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t\u3000]+(\S.*)$", re.MULTILINE)
_BLANK = " \t"


def read_text(raw: bytes, file: str) -> Extract:
    """Return a text file as it stands."""
    text, encoding = decode(raw, file)
    return Extract(printed(text), encoding)


def read_markdown(raw: bytes, file: str) -> Extract:
    """Return a Markdown file as it stands, with its headings."""
    text, encoding = decode(raw, file)
    text = printed(text)
    headings = tuple(Heading(found.start(2), found.start(2) + _size(found[2]), len(found[1]))
                     for found in _HEADING.finditer(text))
    return Extract(text, encoding, headings=headings)


def _size(heading: str) -> int:
    """Return how many characters of a heading are left without the blanks and `#` that may close it."""
    return 1 + len(heading[1:].rstrip(_BLANK).rstrip("#").rstrip(_BLANK))
