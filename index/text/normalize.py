"""One width, one script and one case: what our patterns and lists are written in, and what is compared.

`matching_form` goes character by character, so that offsets stay true; `fold` goes further and does not keep them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

HAN = "\u3400-\u9fff\U00020000-\U000323af"
"""A Chinese character, for use inside the brackets of a pattern: with extension A and the supplementary planes."""
HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Table for str.translate: U+FF01..U+FF5E to U+0021..U+007E, the ideographic space to a space."""

_BASIC = range(0x3400, 0xA000)
"""The characters that OpenCC's table is asked about."""
_ZHE = ("\u8457", "\u7740")
"""Where traditional script has 著 for the particle 着 (隨著): only in `fold`, as elsewhere 著名 must stay a word."""


def matching_form(text: str) -> str:
    """Return `text` with full-width forms as ASCII and in simplified script; same length, same offsets.

    Our patterns are written in ASCII and simplified characters.
    """
    return text.translate(_matching())


def simplified(text: str) -> str:
    """Return `text` in simplified script; same length, same offsets, all else as it is."""
    return text.translate(_script()) if _traditional().search(text) else text  # looking is much quicker than translating


def fold(text: str) -> str:
    """Return `text` in one width, case and script (NFKC, lower case, simplified); not offset-preserving."""
    return simplified(unicodedata.normalize("NFKC", text).lower()).replace(*_ZHE)


@cache
def _script() -> dict[int, int]:
    """Return the table of traditional characters, made when it is first needed.

    Characters alone, without OpenCC's phrases: those may change the length, and what is only compared needs no
    distinction that one of the two scripts does not make.
    """
    from opencc import OpenCC

    characters = list(map(chr, _BASIC))
    made = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(a): ord(b) for a, b in zip(characters, made, strict=True) if a != b and len(b) == 1}


@cache
def _traditional() -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(chr, _script()))}]")


@cache
def _matching() -> dict[int, int]:
    return HALF | _script()
