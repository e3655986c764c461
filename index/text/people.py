"""Names of people and what they are called by; the lists stand in `people.toml`."""

from __future__ import annotations

import re
from itertools import pairwise

import rjieba

from index.text.speech import PEOPLE, PROPER, is_everyday, words_of
from index.text.words import any_of, load

_LISTS = load("people")
SURNAMES = frozenset("".join(_LISTS["surnames"].split()))
"""The first characters of family names."""
_TITLES = [*_LISTS["offices"], *_LISTS["roles"], *_LISTS["others"]]
_OFFICE = re.compile(f"{any_of(_LISTS['offices'])}$")
_TITLE = re.compile(f"{any_of(_TITLES)}$")
_LONGEST_TITLE = max(map(len, _TITLES))
_ACTOR = re.compile(any_of([*_LISTS["offices"], *_LISTS["roles"]]))

_GIVEN = (*PEOPLE, "nz")
"""What it calls a given name of two characters that it knows (国华, 裕民), whatever it takes the surname before it for."""
_PARTICLES = frozenset("于从向常后都应相及连查关")
"""Surnames that mostly are words of another kind: 向秀英介绍 is said to one whose surname is unknown."""
FAMILY = "".join(sorted(SURNAMES - _PARTICLES))
"""Surnames that hardly ever are other words, for use inside the brackets of a pattern."""
_MEDIA = "网社报台刊号"
"""What the names of newspapers and accounts end with, and those of people do not."""
_BEFORE = frozenset("据和与对向由被把给让为是")
"""Words that the segmenter joins with a surname behind them: 据章|国华."""


def speaks_of_a_person(text: str) -> bool:
    """Tell whether `text` names a person, or says what one is called by (书记, 居民, 大妈)."""
    return any(tag in PEOPLE for _, tag in rjieba.tag(text)) or bool(_ACTOR.search(text))


def is_persons_name(text: str) -> bool:
    """Tell whether `text` is the name of one person and nothing else."""
    words = words_of(text)
    if not 2 <= len(text) <= 4 or text[0] not in SURNAMES or text[-1] in _MEDIA:
        return False
    if len(words) == 1:
        return words[0][3] in PEOPLE or len(text) < 4 and not is_everyday(text) and words[0][3] not in PROPER
    return len(text) < 4


def people_in(text: str) -> list[str]:
    """Return the people that `text` names, each with the office right before the name: 郑国华, 主任."""
    words, names, offset = rjieba.tag(text), [], 0
    for (word, tag), (following, kind) in pairwise([*words, ("", "")]):
        before = text[max(0, offset - _LONGEST_TITLE):offset]
        offset += len(word)
        if _is_surname(word, tag) and len(following) == 2 and (kind in _GIVEN or tag in PEOPLE and kind == "ns"):
            names.append(word[-1] + following)
        elif word[0] not in SURNAMES or tag not in (*PEOPLE, "ns"):
            continue
        elif len(word) == 3 and tag != "ns" or len(word) == 2 and _TITLE.search(before):
            office = _OFFICE.search(before)
            names += [word, *([office[0]] if office else ())]
    return names


def _is_surname(word: str, tag: str) -> bool:
    """Tell whether a word is a surname alone, whatever else the segmenter takes it for."""
    own = word[1:] if len(word) == 2 and word[0] in _BEFORE else word
    return own in SURNAMES and (tag in PEOPLE or own not in _PARTICLES)
