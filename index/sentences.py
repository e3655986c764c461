"""Split Chinese prose into sentences without losing a character's place in the file.

A sentence ends at 。!?…, together with the closing quotes behind it. Direct speech stays whole, with the words that say
who spoke (`……。”李代霞说。`), unless it is so long that nobody would want it as one citation.
"""

from __future__ import annotations

import re

from index.english import is_english, sentence_ends
from index.types import Span
from index.width import half

LONG_SPEECH = 70
"""Characters of one quotation beyond which its sentences are split."""

_FINAL = "。!?…"
_CLOSERS = "”’」』)】》\"'"
_SPEAKER = re.compile(
    r"^[^。!?“”,]{0,28}(?:[,][^。!?“”,]{0,16})?(?:说|道|表示|介绍|告诉记者|坦言|感慨|感叹|直言|回忆|称赞|解释|强调|说起|谈到|笑言)[道着]?[。!]"
)


def join_spans(spans: tuple[Span, ...], start: int, end: int) -> tuple[Span, ...]:
    """Map [start, end) of the join of `spans` back to spans of the file."""
    out, offset = [], 0
    for a, b in spans:
        size = b - a
        low, high = max(start - offset, 0), min(end - offset, size)
        if low < high:
            out.append((a + low, a + high))
        offset += size
    return tuple(out)


def sentence_bounds(text: str) -> list[Span]:
    """Return the bounds of the sentences of `text`, white space around them left out; every other character is kept."""
    bounds, start = [], 0
    for end in _ends(text):
        low, high = start, end
        while low < high and text[low].isspace():
            low += 1
        while high > low and text[high - 1].isspace():
            high -= 1
        if low < high:
            bounds.append((low, high))
        start = end
    return bounds


def _ends(text: str) -> list[int]:
    if is_english(text):
        ends = sentence_ends(text)
        return ends if ends and ends[-1] == len(text) else [*ends, len(text)]
    text, ends, i, opened = half(text), [], 0, -1
    while i < len(text):
        char = text[i]
        if char == "“":
            opened = i
        elif char == "”":
            opened = -1
        i += 1
        if char not in _FINAL:
            continue
        while i < len(text) and (text[i] in _FINAL or text[i] in _CLOSERS):
            if text[i] == "”":
                opened = -1
            i += 1
        if opened >= 0 and _speech_size(text, opened) <= LONG_SPEECH:
            continue
        if text[i - 1] in "”’」』":
            speaker = _SPEAKER.match(text[i:])
            i += speaker.end() if speaker else 0
            if not speaker and _is_quoted_term(text, i):
                continue
        ends.append(i)
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    return ends


def _speech_size(text: str, opened: int) -> int:
    closed = text.find("”", opened)
    return (closed if closed >= 0 else len(text)) - opened


def _is_quoted_term(text: str, i: int) -> bool:
    """Tell whether the quotation that ends before `i` is a part of a sentence that goes on (`“能办事!”的口碑`)."""
    return i < len(text) and text[i] in ",、;的是和与及等成为让把"
