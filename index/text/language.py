"""Which of the two languages a text is written in."""

from __future__ import annotations

import re

from index.text.normalize import HAN

_HAN = re.compile(f"[{HAN}]")
_HAN_RUN = re.compile(f"[{HAN}]+")
_WORD = re.compile("[A-Za-z]+")


def is_english(text: str) -> bool:
    """Tell whether `text` is made of Latin words only: at least two of them and no Chinese character."""
    return not _HAN.search(text) and len(re.findall("[A-Za-z]{2,}", text)) >= 2


def language_of(text: str) -> str:
    """Return "zh" when Chinese characters make up a third of the letters of `text`, else "en"."""
    return "zh" if sum(map(len, _HAN_RUN.findall(text))) * 2 >= len(_WORD.findall(text)) else "en"


def is_han(text: str) -> bool:
    """Tell whether `text` is Chinese characters and nothing else."""
    return bool(_HAN_RUN.fullmatch(text))
