"""Text to lexical terms: character bigrams of Chinese runs, whole words of Latin letters and digits.

Bigrams need no dictionary, so local names and new coinages match as well as common words do. On CMRC 2018 the plan reports
recall@1 0.975 against 0.933 for a word segmenter (not measured again here).
"""

from __future__ import annotations

import re
import unicodedata

from index.width import simplified

_RUN = re.compile(r"[a-z]+|\d+(?:\.\d+)?%?|[\u3400-\u9fff]+")


_ZHE = ("\u8457", "\u7740")
"""Where traditional script has 著 for the particle 着 (隨著): only here, as elsewhere 著名 must stay a word."""


def fold(text: str) -> str:
    """Return `text` in one width, case and script (NFKC, lower case, simplified); not offset-preserving."""
    return simplified(unicodedata.normalize("NFKC", text).lower()).replace(*_ZHE)


def terms(text: str) -> list[str]:
    """Return the terms of `text` in order, repetitions included; a lone character is a term of its own."""
    out: list[str] = []
    for run in _RUN.findall(fold(text)):
        if run[0] >= "\u3400" and len(run) > 1:
            out.extend(run[i:i + 2] for i in range(len(run) - 1))
        else:
            out.append(run)
    return out
