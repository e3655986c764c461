"""Parts of speech, as the segmenter tells them (ICTCLAS tags): words with their offsets, and what a line says by them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

import rjieba

Word = tuple[int, int, str, str]
"""Start, end, text and part of speech."""

PROPER = {"ns", "nt", "nz", "nr", "nrt", "nrfg"}
"""Parts of speech of proper names."""
PEOPLE = ("nr", "nrt", "nrfg")
"""What the segmenter calls a person's name."""
_EVERYDAY = {"n", "v", "vn", "vd", "a", "ad", "an", "b", "d", "i", "l", "s", "t", "f"}
_ASPECTS = ("ul", "uz", "ug")
"""了, 着 and 过."""
_VERBAL = {"v", "vn", "vd", "a", "ad", "an", "j", "d", "i", "l"}
_ACTING = {"v", "vg", "d"}
_OUTCOME = {"v", "vn", "a"}
_LED = frozenset("在到从往向于由至赴和与及跟、")
"""Words before a name."""
_OPENED = re.compile("[“‘「『]$")
_CLOSED = re.compile("[^，,。;；:：!！?？、“”‘’「」『』]{0,8}[”’」』](?!这个名|的名[字称])")
"""A term in quotation marks, and no speech: short, without a mark in it."""
_STOPS = frozenset("，,。;；:：!！?？…”’」』\n")


@lru_cache(512)  # an article's texts are looked at several times
def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of `text` in order; together they are the text."""
    words, offset = [], 0
    for word, tag in rjieba.tag(text):
        words.append((offset, offset + len(word), word, tag))
        offset += len(word)
    return tuple(words)


def is_everyday(text: str) -> bool:
    """Tell whether `text` is one word of the language, and no name (封面, 社区)."""
    words = words_of(text)
    return len(words) == 1 and words[0][3] in _EVERYDAY


def _is_predicated(words: Sequence[Word]) -> bool:
    """Tell whether the clause that `words` go on says something of what stands before them.

    A verb that ends a clause is mostly a noun (邻里共建), unless an adverb or a time stands before it or one asks.
    """
    clause = list(takewhile(lambda word: word[2] not in _STOPS and (word[2] != "、" or word is words[0]), words))
    asked = len(clause) < len(words) and words[len(clause)][2] in "?？"
    for n, (_, _, word, tag) in enumerate(clause):
        acts = tag == "v" and (n + 1 < len(clause) or asked or n > 0 and clause[n - 1][3][0] in "dtmr")
        if acts or tag in _ASPECTS or word in ("把", "被", "在"):
            return True
    return False


def is_deed(own: Sequence[Word], before: Sequence[Word], behind: Sequence[Word]) -> bool:
    """Tell whether the words `own`, which could be a name, are a verb: words of the language that nothing leads to (走进)
    and of which nothing is said; or doubled (谢谢)."""
    spelled = "".join(word for *_, word, _ in own)
    if len(spelled) == 2 and spelled[0] == spelled[1]:
        return True
    doubled = len(spelled) == 4 and spelled[0] == spelled[2]  # 共建共享
    if not doubled and not (len(own) == 1 and len(spelled) == 2 and _may_be_verb(spelled, own[0][3])):
        return False
    led = bool(before) and (before[-1][3][0] == "v" or before[-1][2] in _LED)
    return not led and not _is_predicated(behind)


def begins_a_quoted_term(text: str, begin: int, end: int) -> bool:
    """Tell whether a term in quotation marks, as brands and slogans are, begins with what stands at [begin, end)."""
    return bool(_OPENED.search(text[max(0, begin - 1):begin]) and _CLOSED.match(text, end))


def _may_be_verb(word: str, tag: str) -> bool:
    """Tell whether a word of two characters may be a verb, by what the segmenter calls it or, where that is a name, its two
    characters (包楼, 加宽)."""
    first, second = (words_of(sign)[0][3] for sign in word)
    if tag in _VERBAL:
        return True
    if first in _ACTING:
        return second in _OUTCOME or tag not in PROPER.difference(PEOPLE)
    return second == "a" and (tag in PEOPLE or tag == "n")
