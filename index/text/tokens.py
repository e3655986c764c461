"""Text to lexical terms: character bigrams of Chinese runs, whole words of Latin letters and digits.

Bigrams need no dictionary, so local names and new coinages match as well as common words do. On CMRC 2018 the plan reports
recall@1 0.975 against 0.933 for a word segmenter (not measured again here).
"""

from __future__ import annotations

import re

from index.text.normalize import HAN, fold
from index.text.words import load

_RUN = re.compile(rf"[a-z]+|\d+(?:\.\d+)?%?|[{HAN}]+")
STOP_WORDS = {language: frozenset(words.split()) for language, words in load("stop_words").items()}
"""Words of a question that say nothing of what it is about, by language."""


def terms(text: str) -> list[str]:
    """Return the terms of `text` in order, repetitions included; a lone character is a term of its own."""
    out: list[str] = []
    for run in _RUN.findall(fold(text)):
        if run[0] >= "\u3400" and len(run) > 1:
            out.extend(run[i:i + 2] for i in range(len(run) - 1))
        else:
            out.append(run)
    return out
