"""The two sides of claim verification, each prepared once: a statement of a model, and the premise that is to carry it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import rjieba
from pypinyin import lazy_pinyin

from assistant.verify.names import names_in
from index.text.language import language_of
from index.text.normalize import HAN, fold, matching_form
from index.text.numbers import Number, in_digits, numbers_in
from index.text.tokens import terms

NO_TERM = re.compile(f"[^a-z{HAN}#]+")
_RUN = re.compile(f"[a-z]+|[{HAN}]+")
_EMPTY_EN = frozenset(["the", "an", "of", "for", "and", "in", "to", "by", "at", "on", "is", "was", "were", "are", "be", "been", "with", "from", "as", "it", "its", "each", "than", "that", "this", "their", "they", "who", "or", "has", "had", "have"])
EMPTY = set("的了是在和与及对把被为将由也都就还并而且其该这那个有于以从到向又等着过所之")


@dataclass(frozen=True)
class Statement:
    """A claim, and what of it is compared: whatever is asked for is made once, however many premises it is held against."""

    text: str

    @cached_property
    def matching(self) -> str:
        """The text in one width and script; same length, same offsets."""
        return matching_form(self.text)

    @cached_property
    def in_digits(self) -> tuple[str, list[int]]:
        """The text as it is read, its numbers in digits, and for each character of that its offset in the text."""
        return in_digits(self.text)

    @cached_property
    def folded(self) -> str:
        """The text in one case too, without punctuation."""
        return NO_TERM.sub("", fold(self.text))

    @cached_property
    def is_chinese(self) -> bool:
        return language_of(self.text) == "zh"

    @cached_property
    def numbers(self) -> list[Number]:
        """Its numbers; their bounds are offsets into `matching`."""
        return numbers_in(self.matching)

    @cached_property
    def names(self) -> list[str]:
        return names_in(self.matching)

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(terms(self.text))

    @cached_property
    def bare(self) -> str:
        return _bare(self.matching, self.numbers)

    @cached_property
    def characters(self) -> list[str]:
        return _characters(self.bare)

    @cached_property
    def bigrams(self) -> list[str]:
        return _bigrams(self.bare)

    @cached_property
    def words(self) -> list[str]:
        """Its content words, folded; numbers are none."""
        return [fold(word) for word, tag in rjieba.tag(self.matching)
                if len(word) > 1 and tag[:1] in "nvaijlz" and not numbers_in(word)]


@dataclass(frozen=True)
class Premise:
    """What a claim is checked against: the sentences of a passage, and what is printed around them (headline, place,
    date); `heading` is as much of that as is read with them."""

    sentences: tuple[str, ...]
    around: str = ""
    heading: str = ""

    @cached_property
    def text(self) -> str:
        return matching_form("".join(self.sentences))

    @cached_property
    def in_digits(self) -> tuple[str, ...]:
        """The sentences as they are read, their numbers in digits."""
        return tuple(in_digits(sentence)[0] for sentence in self.sentences)

    @cached_property
    def everything(self) -> str:
        return fold(f"{self.around}\n{self.text}")

    @cached_property
    def numbers(self) -> list[Number]:
        return numbers_in(f"{self.around}\n{self.text}")

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(terms(self.everything))

    @cached_property
    def is_chinese(self) -> bool:
        return language_of(self.text) == "zh"

    @cached_property
    def pinyin(self) -> str:
        return "".join(lazy_pinyin(self.everything))

    @cached_property
    def characters(self) -> tuple[frozenset[str], ...]:
        """Those of each sentence."""
        return tuple(frozenset(_characters(bare(s))) for s in self.sentences)

    @cached_property
    def bigrams(self) -> tuple[frozenset[str], ...]:
        """Those of each sentence."""
        return tuple(frozenset(_bigrams(bare(s))) for s in self.sentences)

    @cached_property
    def context(self) -> tuple[frozenset[str], frozenset[str]]:
        """Characters and bigrams of what is printed around the sentences."""
        return frozenset(_characters(bare(self.around))), frozenset(_bigrams(bare(self.around)))


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """Return `text` folded, its numbers as # (they are compared by value) and empty words and punctuation left out."""
    text = matching_form(text)
    return _bare(text, numbers_in(text))


def _bare(text: str, numbers: Sequence[Number]) -> str:
    for n in reversed(numbers):
        text = f"{text[:n.start]}#{text[n.end:]}"
    return NO_TERM.sub(" ", fold(text))


def _characters(bare: str) -> list[str]:
    """Return single Chinese characters and Latin words, empty ones left out."""
    return [one for run in _RUN.findall(bare) for one in (_stem(run) if run.isascii() else run) if one not in EMPTY]


def _bigrams(bare: str) -> list[str]:
    """Return pairs of neighbouring Chinese characters, and Latin words."""
    return [one for run in _RUN.findall(bare)
            for one in (_stem(run) if run.isascii() else [run[i:i + 2] for i in range(len(run) - 1)])]


def _stem(word: str) -> list[str]:
    """Return an English word without its ending, [] when it is an empty one."""
    if word in _EMPTY_EN or len(word) < 2:
        return []
    return [re.sub(r"(?:ing|ed|es|ly|s|e|d)$", "", word) if len(word) > 4 else word]
