"""Answers as text: exact match and F1 by character (CMRC 2018), containment (RGB), ROUGE-L, and how long they are.

Width is folded in all of them, and white space beside a Chinese character: ２３７ 把 is 237把.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import LCSseq

from assistant.types import Answer
from index.text.normalize import HALF, HAN

MARKER = re.compile(r"(?<!\\)\[\d+\]")
_MARKUP = re.compile(r"[*_`#>]|\\(?=\[)|(?m:^- )")
_CMRC_PUNCTUATION = frozenset(
    "-:_*^/\\~`+=\uff0c\u3002\uff1a\uff1f\uff01\u201c\u201d\uff1b\u2019\u300a\u300b\u00b7\u3001"
    "\u300c\u300d\uff08\uff09\uff0d\uff5e\u300e\u300f"
)
"""The single signs of CMRC's list. Its double ellipsis is two characters: a script that goes by character never meets it."""
_CHINESE = re.compile(r"[\u4e00-\u9fa5]")
_SPACE = re.compile(rf"(?<=[{HAN}])\s++|(?<!\s)\s++(?=[{HAN}%])")
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:[-.][^\W\d_]+)*|\w+|\S")


def plain_text(answer: Answer) -> str:
    """Return the answer's text without [n] markers and Markdown signs; "" for a refusal."""
    return "" if answer.refused else _MARKUP.sub("", MARKER.sub("", answer.text)).strip()


def squeeze(text: str) -> str:
    """Return `text` without markers, Markdown signs and white space, in one width and lower case."""
    return re.sub(r"[\s*_`#>]", "", MARKER.sub("", text).translate(HALF)).lower()


def mixed_segments(text: str) -> list[str]:
    """Return the units of CMRC 2018's F1: Chinese characters one by one, other words whole, its punctuation left out.

    CMRC's script cuts what is not Chinese with NLTK's word tokenizer; here a pattern does (words, numbers, signs).
    """
    out, other = [], ""
    for char in _without_punctuation(text):
        if _CHINESE.match(char):
            out += [*_WORD.findall(other), char]
            other = ""
        else:
            other += char
    return out + _WORD.findall(other)


def char_f1(text: str, references: tuple[str, ...]) -> float:
    """Return CMRC 2018's F1 (Cui et al. 2019): of the longest common run of units, against the best reference."""
    said = mixed_segments(text)
    return max(
        (_f1(_longest_run(said, right), len(said), len(right)) for right in map(mixed_segments, references)),
        default=0.0,
    )


def exact_match(text: str, references: tuple[str, ...]) -> float:
    """Return 1 when the text is a reference, case, width and CMRC's punctuation aside (Cui et al. 2019), else 0."""
    return float(_bare(text) in {_bare(reference) for reference in references})


def contains_all(text: str, groups: tuple[tuple[str, ...], ...]) -> float:
    """Return 1 when the text holds one wording of every group, case and width aside (RGB, Chen et al. 2023), else 0."""
    low = _folded(text)
    return float(all(any(_folded(wording) in low for wording in group) for group in groups))


def share_contained(text: str, answers: tuple[str, ...]) -> float:
    """Return the share of the answers that the text holds, white space and case aside."""
    low = squeeze(text)
    return sum(squeeze(answer) in low for answer in answers) / len(answers)


def rouge_l(text: str, references: tuple[str, ...]) -> float:
    """Return ROUGE-L's F1 by character (Lin 2004): of the longest common subsequence, against the best reference."""
    said = "".join(text.translate(HALF).split())
    best = 0.0
    for reference in references:
        right = "".join(reference.translate(HALF).split())
        best = max(best, _f1(LCSseq.similarity(said, right), len(said), len(right)))
    return best


def _bare(text: str) -> str:
    return _folded(_without_punctuation(text)).strip()


def _folded(text: str) -> str:
    return _SPACE.sub("", text.translate(HALF).lower())


def _without_punctuation(text: str) -> str:
    """Return `text` in lower case and one width; CMRC lists its marks in the width that they are printed in."""
    kept = "".join(char for char in text.lower().strip() if char not in _CMRC_PUNCTUATION).translate(HALF)
    return "".join(char for char in kept if char not in _CMRC_PUNCTUATION)


def _f1(common: int, said: int, right: int) -> float:
    return 2 * common / (said + right) if common else 0.0


def _longest_run(a: list[str], b: list[str]) -> int:
    """Return the length of the longest run of units that stands in both lists."""
    best, row = 0, [0] * (len(b) + 1)
    for unit in a:
        before = 0
        for j, other in enumerate(b, start=1):
            before, row[j] = row[j], before + 1 if unit == other else 0
            best = max(best, row[j])
    return best
