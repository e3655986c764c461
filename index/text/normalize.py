"""One width, one script and one case: what our patterns and lists are written in, and what is compared.

`matching_form` goes character by character, so that offsets stay true; `fold` goes further and does not keep them.
`printed` comes before all offsets: files are read with it.
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

_UNSEEN = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")
"""Characters without ink or width."""
_JOINER = re.compile(f"(?<=[{HAN}])[\u200c\u200d]+(?=[{HAN}])")
"""Joiners are as thin, but emoji are made with them: only between Chinese characters do they mean nothing."""
_UNBROKEN = re.compile(f"(?<=[0-9])\u00a0(?=[{HAN}])|(?<=[{HAN}])\u00a0(?=[0-9])")
"""The no-break space that word processors put between a figure and its unit."""
_ALIKE = re.compile("[\u2e80-\u2fdf\uf900-\ufad9\U0002f800-\U0002fa1f]")
"""Radicals and compatibility characters, which some PDFs have in place of the characters that look the same."""
_RADICALS = str.maketrans(
    "⺝⺟⺠⺩⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "月母民王虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
"""Those of the radicals supplement that are whole characters; Unicode gives most of them no compatibility form."""
_WIDE = rf"{HAN}\u2014\u2018-\u201d\u2026\u3001-\u3011\uff00-\uffef"
_UNIT = rf"(?:[!-~]++|\u2014++|\u2026++|[{_WIDE}])"
_SPACED_OUT = re.compile(rf"[ \t\u3000]*+(?:{_UNIT} )++{_UNIT}[ \t]*+")
_BESIDE_WIDE = re.compile(rf"(?<=[{_WIDE}]) (?=\S)|(?<=\S) (?=[{_WIDE}])")
_LEAST_SPACED = 6
"""Chinese characters that a line has at least to be known as spaced out: a few names of one character are a list."""


def printed(text: str) -> str:
    """Return `text` as a reader sees it: without what has no width, ordinary characters for radicals that look the same,
    and without the spaces of a line that has one behind each character."""
    text = _ALIKE.sub(lambda found: unicodedata.normalize("NFKC", found[0].translate(_RADICALS)), text.translate(_UNSEEN))
    text = _UNBROKEN.sub("", _JOINER.sub("", text)).replace("\u00a0", " ")
    return "\n".join(map(_closed_up, text.split("\n"))) if " " in text else text


def _closed_up(line: str) -> str:
    if not _SPACED_OUT.fullmatch(line) or len(re.findall(f"[{HAN}]", line)) < _LEAST_SPACED:
        return line
    # Where figures and Latin words stand unbroken, the spaces between those are their own.
    whole_words = re.search(r"[0-9A-Za-z]{2}", line)
    return _BESIDE_WIDE.sub("", line) if whole_words else re.sub(r"(?<=\S) (?=\S)", "", line)


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
