"""Split Chinese prose into sentences without losing a character's place in the file.

A sentence ends at 。!?…, together with the closing quotes behind it. Direct speech stays whole, with the words that say
who spoke (`……。”李代霞说。`), unless it is so long that nobody would want it as one citation. Text that goes on without
a full stop, as scanned pages do, is cut behind its last semicolon or comma within a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from index.text.language import is_english
from index.text.normalize import HAN, matching_form
from index.types import Span

LONG_SPEECH = 70
"""Characters of one quotation beyond which its sentences are split."""
LONGEST_SENTENCE = 250
"""Characters of one sentence at most."""
_LONGEST_ENGLISH = 3 * LONGEST_SENTENCE
"""An English word takes about three times the letters."""

_CUTS = (re.compile("[；;]"), re.compile(r"[，、：]|[,:](?!\d)"), re.compile(r"\s"))
"""Marks to cut a sentence behind, the best first."""
_FINAL = "。!?…"
_CLOSERS = "”’」』)】》\"'"
_SPEAKER = re.compile(r"""
    [^。!?“”,]{0,28} (?: , [^。!?“”,]{0,16} )?
    (?:说|道|表示|介绍|告诉记者|坦言|感慨|感叹|直言|回忆|称赞|解释|强调|说起|谈到|笑言) [道着]? [。!]
""", re.VERBOSE)
ENGLISH_END = re.compile(r"[.!?][\"'\u201d\u2019)\]]*(?=\s|$)")
_SHORTENED = re.compile(r"""
    (?: \b (?: Mr | Mrs | Ms | Dr | Prof | St | No | Vol | Inc | Ltd | Co | Jr | Sr | vs | Gov | Gen | Sen | Rep
          | Jan | Feb | Mar | Apr | Aug | Sept? | Oct | Nov | Dec )
      | \b [A-Z] | \b [ap]\.m | \b [eU]\.[gS] | \b i\.e ) \.$
""", re.VERBOSE)
_LONGEST_SHORTENED = len(" Sept.")
_BEGINS = re.compile(rf"\s*+(?:\Z|[\"'\u201c\u2018(]?[A-Z0-9{HAN}])")
"""What stands behind a full stop that ends a sentence: the begin of another, or nothing."""


def join_spans(spans: Sequence[Span], stretches: Iterable[Span]) -> list[tuple[Span, ...]]:
    """Map stretches of the join of `spans`, in ascending order, back to spans of the file."""
    mapped, first, offset = [], 0, 0
    for start, end in stretches:
        while first < len(spans) and offset + spans[first][1] - spans[first][0] <= start:
            offset += spans[first][1] - spans[first][0]
            first += 1
        pieces, at = [], offset
        for a, b in map(spans.__getitem__, range(first, len(spans))):
            if at >= end:
                break
            pieces.append((a + max(start - at, 0), a + min(end - at, b - a)))
            at += b - a
        mapped.append(tuple(piece for piece in pieces if piece[0] < piece[1]))
    return mapped


def sentence_bounds(text: str) -> list[Span]:
    """Return the bounds of the sentences of `text`, white space around them left out; every other character is kept."""
    english = is_english(text)
    bounds, start = [], 0
    ends, longest = (_english_ends(text), _LONGEST_ENGLISH) if english else (_ends(text), LONGEST_SENTENCE)
    for end in _bounded(text, ends, longest):
        low, high = start, end
        while low < high and text[low].isspace():
            low += 1
        while high > low and text[high - 1].isspace():
            high -= 1
        if low < high:
            bounds.append((low, high))
        start = end
    return bounds


def _bounded(text: str, ends: Iterable[int], longest: int) -> Iterator[int]:
    """Return `ends` with more between those that are further apart than `longest`."""
    start = 0
    for end in ends:
        while end - start > longest:
            start = _cut(text, start, start + longest)
            yield start
        yield end
        start = end


def _cut(text: str, start: int, most: int) -> int:
    """Return where to cut what begins at `start`: behind a semicolon of the later half, a comma or a blank, or at `most`."""
    for mark, low in zip(_CUTS, ((start + most) // 2, start, start), strict=True):
        found = [m.end() for m in mark.finditer(text, low, most + 1)]  # one more, to see what a comma stands before
        inside = [end for end in found if end <= most]
        if inside:
            return inside[-1]
    return most


def _english_ends(text: str) -> list[int]:
    ends = sentence_ends(text)
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]


def _ends(text: str) -> list[int]:
    text, ends, i, opened = matching_form(text), [], 0, -1
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
        if opened >= 0 and _is_short_speech(text, opened):
            continue
        if text[i - 1] in "”’」』":
            speaker = _SPEAKER.match(text, i)
            i = speaker.end() if speaker else i
            if not speaker and _is_quoted_term(text, i):
                continue
        ends.append(i)
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    return ends


def _is_short_speech(text: str, opened: int) -> bool:
    """Tell whether the quotation that begins at `opened` ends soon, or the text does."""
    return text.find("”", opened, opened + LONG_SPEECH + 1) >= 0 or len(text) - opened <= LONG_SPEECH


def _is_quoted_term(text: str, i: int) -> bool:
    """Tell whether the quotation that ends before `i` is a part of a sentence that goes on (`“能办事!”的口碑`)."""
    return i < len(text) and text[i] in ",、;的是和与及等成为让把"


def sentence_ends(text: str) -> list[int]:
    """Return where English sentences end in `text`, behind their closing quotes; a shortened word (Mr., a.m.) ends none."""
    return [
        found.end() for found in ENGLISH_END.finditer(text)
        if text[found.start()] != "." or not _is_shortened(text, found.start() + 1) and _BEGINS.match(text, found.end())
    ]


def _is_shortened(text: str, end: int) -> bool:
    return bool(_SHORTENED.search(text[max(0, end - _LONGEST_SHORTENED):end]))
