"""Claims made false by rule, beside those that people wrote: more of each kind than anyone would write by hand.

Every edit takes a true claim and returns the false one with the characters that are wrong, or None where it does not apply.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import rjieba

from index.text.numbers import numbers_in

Edited = tuple[str, tuple[tuple[int, int], ...]]
_NOT = ("没有", "并未", "不", "未", "没")
_NEGATED = re.compile("没有|并未|不再|未能|不|未|没")
_DIGIT = re.compile(r"\d|[一二三四五六七八九](?=[十百千万个名户人次年月日天套处部位家元成])")
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Words:
    """What an edit may put in another's place: words of the same article and of all, by their tag, and clauses of others."""

    near: dict[str, list[str]]
    far: dict[str, list[str]]
    clauses: Sequence[str]


def edit(claim: str, words: Words, chance: random.Random) -> Edited | None:
    """Return the claim with one point changed, None when no edit that was tried applies."""
    ways: list[Callable[[str, Words, random.Random], Edited | None]] = [
        _number, _number, _swapped, _negation, _word, _word, _word, _tail, _head]
    for way in chance.sample(ways, 3):
        if found := way(claim, words, chance):
            return found
    return None


def tagged(text: str) -> list[tuple[str, str, int]]:
    """Return the words of a text with their tags and first characters."""
    out, at = [], 0
    for word, tag in rjieba.tag(text):
        at = text.find(word, at)
        out.append((word, tag, at))
        at += len(word)
    return out


def _put(claim: str, start: int, end: int, text: str) -> Edited:
    return claim[:start] + text + claim[end:], ((start, start + len(text)),)


def _number(claim: str, words: Words, chance: random.Random) -> Edited | None:
    digits = [m.start() for m in _DIGIT.finditer(claim)]
    if not digits:
        return None
    at = chance.choice(digits)
    kind = "0123456789" if claim[at].isdigit() else _DIGITS[1:]
    return _put(claim, at, at + 1, chance.choice([d for d in kind[1:] if d != claim[at]]))


def _swapped(claim: str, words: Words, chance: random.Random) -> Edited | None:
    found = numbers_in(claim)
    texts = [claim[n.start:n.end] for n in found]
    if len(found) < 2 or texts[0] == texts[1]:
        return None
    a, b = sorted(chance.sample(range(len(found)), 2))
    if texts[a] == texts[b] or found[a].end > found[b].start:
        return None
    made = claim[:found[a].start] + texts[b] + claim[found[a].end:found[b].start] + texts[a] + claim[found[b].end:]
    moved = len(texts[b]) - len(texts[a])
    return made, ((found[a].start, found[a].start + len(texts[b])), (found[b].start + moved, found[b].end))


def _negation(claim: str, words: Words, chance: random.Random) -> Edited | None:
    if (found := list(_NEGATED.finditer(claim))) and chance.random() < 0.7:
        one = chance.choice(found)
        return claim[:one.start()] + claim[one.end():], ((max(one.start() - 1, 0), one.start() + 1),)
    verbs = [at for word, tag, at in tagged(claim) if tag == "v" and len(word) > 1]
    if not verbs:
        return None
    at = chance.choice(verbs)
    return _put(claim, at, at, chance.choice(_NOT))


def _word(claim: str, words: Words, chance: random.Random) -> Edited | None:
    own = [(word, tag, at) for word, tag, at in tagged(claim) if len(word) > 1 and tag in words.far]
    if not own:
        return None
    word, tag, at = chance.choice(own)
    others = words.near.get(tag, []) if chance.random() < 0.7 else words.far[tag]
    others = [o for o in others if o not in claim and not set(o) & set(word)]
    return _put(claim, at, at + len(word), chance.choice(others)) if others else None


def _tail(claim: str, words: Words, chance: random.Random) -> Edited | None:
    if not claim.endswith("。") or not words.clauses:
        return None
    return _put(claim, len(claim) - 1, len(claim) - 1, "，" + chance.choice(words.clauses))


def _head(claim: str, words: Words, chance: random.Random) -> Edited | None:
    if not claim.endswith("。") or not words.clauses:
        return None
    return _put(claim, 0, 0, chance.choice(words.clauses) + "，")
