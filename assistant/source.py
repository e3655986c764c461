"""What a claim of a language model is checked against, and what is left of a text when it is compared with another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pypinyin import lazy_pinyin

from index.text.language import language_of
from index.text.normalize import HAN, fold, matching_form
from index.text.numbers import Number, numbers_in
from index.text.tokens import terms

NO_TERM = re.compile(f"[^a-z{HAN}#]+")
_RUN = re.compile(f"[a-z]+|[{HAN}]+")
_EMPTY_EN = frozenset(["the", "an", "of", "for", "and", "in", "to", "by", "at", "on", "is", "was", "were", "are", "be", "been", "with", "from", "as", "it", "its", "each", "than", "that", "this", "their", "they", "who", "or", "has", "had", "have"])
EMPTY = set("的了是在和与及对把被为将由也都就还并而且其该这那个有于以从到向又等着过所之")


@dataclass(frozen=True)
class Source:
    """What a claim is checked against: the sentences of a passage, and what is printed around them (headline, place, date).
    """

    sentences: tuple[str, ...]
    around: str = ""

    @cached_property
    def text(self) -> str:
        return matching_form("".join(self.sentences))

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
    def chinese(self) -> bool:
        return language_of(self.text) == "zh"

    @cached_property
    def pinyin(self) -> str:
        return "".join(lazy_pinyin(self.everything))

    @cached_property
    def letters(self) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(letters_of(s)) for s in self.sentences)

    @cached_property
    def pairs(self) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(pairs_of(s)) for s in self.sentences)

    @cached_property
    def context(self) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(letters_of(self.around)), frozenset(pairs_of(self.around))


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """Return `text` folded, its numbers as # (they are compared by value) and empty words and punctuation left out."""
    text = matching_form(text)
    for n in reversed(numbers_in(text)):
        text = f"{text[:n.start]}#{text[n.end:]}"
    return NO_TERM.sub(" ", fold(text))


def letters_of(text: str) -> list[str]:
    """Return single Chinese characters and Latin words, empty ones left out."""
    return [one for run in _RUN.findall(bare(text))
            for one in (_stem(run) if run.isascii() else run) if one not in EMPTY]


def _stem(word: str) -> list[str]:
    """Return an English word without its ending, [] when it is an empty one."""
    if word in _EMPTY_EN or len(word) < 2:
        return []
    return [re.sub(r"(?:ing|ed|es|ly|s|e|d)$", "", word) if len(word) > 4 else word]


def pairs_of(text: str) -> list[str]:
    pairs: list[str] = []
    for run in _RUN.findall(bare(text)):
        pairs += _stem(run) if run.isascii() else [run[i:i + 2] for i in range(len(run) - 1)]
    return pairs
