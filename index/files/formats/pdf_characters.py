"""The characters of a PDF page with their boxes, by pdfium, and the runs that they form on a line."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

SAME_SIZE = 0.2
"""Sizes that differ by less than this share are the same."""
_GUTTER = 0.8
"""Gap, in characters, from which two runs of a line may be of two columns: newspapers set columns one character apart."""
_WHOLE_BOX, _BELOW = 0.95, 0.12
"""Share of the size that a box has which is not that of the ink alone; share of a character below its base line."""
_TALL_BOX, _LARGEST_INK = 1.6, 1.2
"""Times its size that the box of a font is which claims more room than it takes, and that a character is inked at most."""
_FIRST_WIDE = 0x2E80
"""Code from which a character is as wide as it is high, however little of it is inked."""
_LEAST_DOWN = 20
"""Steps downward from one character to the next that a page in upright columns has at least."""


@dataclass(frozen=True, slots=True)
class CharacterRun:
    """Characters that stand side by side on one line: box in points, y upwards, and the size of a character.

    `spaced` tells that a space stands before them in the file.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    spaced: bool = False


def page_runs(document: object, number: int) -> list[CharacterRun]:
    """Return the runs of one page in the order of the file."""
    from pypdfium2 import raw as pdfium

    page = document[number]
    text = page.get_textpage()
    try:
        characters, spaced = [], False
        for i in range(text.count_chars()):
            code = pdfium.FPDFText_GetUnicode(text.raw, i)
            if code <= 32 or code in (0xA0, 0x3000) or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
                spaced = True
                continue
            character = _character(text, i, code, spaced)
            if character is not None:
                characters.append(character)
            spaced = False
    finally:
        text.close()
        page.close()
    return list(_joined(_turned(characters)))


def _character(text: object, i: int, code: int, spaced: bool) -> CharacterRun | None:
    """Return a character with its box, None when it takes no room."""
    from pypdfium2 import raw as pdfium

    left, bottom, right, top = text.get_charbox(i, loose=True)
    if right <= left or top <= bottom:
        return None
    matrix, size = pdfium.FS_MATRIX(), top - bottom
    if pdfium.FPDFText_GetMatrix(text.raw, i, matrix):
        named = pdfium.FPDFText_GetFontSize(text.raw, i) * math.hypot(matrix.b, matrix.d)
        # A font may be drawn larger than the size that it is called with, or claim room above and below that none of its
        # characters takes (the digits of Chinese typesetting): what is inked tells.
        size = named if named > size / 2 or named > 0 and _inked(text, i) <= _LARGEST_INK * named else size
    if not _WHOLE_BOX * size <= top - bottom <= _TALL_BOX * size:
        # Of a font whose glyphs are drawings (Type 3) the box is that of the ink: 一 would be a line of its own.
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(text.raw, i, x, y)
        bottom, top = y.value - _BELOW * size, y.value + (1 - _BELOW) * size
        if code >= _FIRST_WIDE:
            left, right = x.value, x.value + size
    return CharacterRun(chr(code), left, bottom, right, top, size, spaced)


def _inked(text: object, i: int) -> float:
    """Return the height of what is inked of a character."""
    _, bottom, _, top = text.get_charbox(i)
    return top - bottom


def _turned(characters: list[CharacterRun]) -> list[CharacterRun]:
    """Return the characters as if they were read from the left: a page in upright columns is turned by a quarter."""
    down = along = 0
    for before, after in pairwise(characters):
        size = max(before.size, after.size)
        down += abs(before.left - after.left) < size / 2 and 0.3 * size < before.top - after.top < 2 * size
        along += abs(before.bottom - after.bottom) < size / 2 and 0.3 * size < after.left - before.left < 2 * size
    if down < _LEAST_DOWN or down <= 2 * along:
        return characters
    return [replace(c, left=-c.top, right=-c.bottom, bottom=c.left, top=c.right) for c in characters]


def _joined(characters: list[CharacterRun]) -> Iterator[CharacterRun]:
    """Join characters that follow each other on a line; a wide gap, as between columns, ends a run."""
    group: list[CharacterRun] = []
    for character in characters:
        if group and not _follows(group[-1], character):
            yield _run(group)
            group = []
        group.append(character)
    if group:
        yield _run(group)


def _follows(before: CharacterRun, after: CharacterRun) -> bool:
    size = max(before.size, after.size)
    gap = after.left - before.right
    return -0.6 * size < gap < _GUTTER * size and abs(after.bottom - before.bottom) < 0.5 * size \
        and abs(after.size - before.size) <= SAME_SIZE * size


def _run(group: list[CharacterRun]) -> CharacterRun:
    text = group[0].text
    for before, after in pairwise(group):
        gap = (after.left - before.right) / after.size
        text += (" " if gap > (0.15 if after.spaced else 0.5) else "") + after.text
    return CharacterRun(text, group[0].left, min(c.bottom for c in group), max(c.right for c in group),
                        max(c.top for c in group), median(c.size for c in group))
