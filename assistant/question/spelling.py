"""Words that a question may mean where it has a homophone typo (法率: 法律, 工作着: 工作者), as pinyin keyboards make them.

A typo breaks a word: its character stands alone where the question is cut into words, beside characters that the articles
never print it next to. A homophone in its place that makes a word which the articles do use is taken for what was meant.
What is found is searched for besides the question's own words, never in their place: it can be wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import rjieba
from pypinyin import Style, pinyin

from index.text.language import is_han


def respelt(question: str, is_printed: Callable[[str], bool]) -> list[str]:
    """Return the words that `question` may mean by its typos, in its order.

    `is_printed` tells whether the articles hold a pair of characters anywhere.
    """
    found = []
    for at, char in enumerate(question):
        pairs = [question[i:i + 2] for i in (at - 1, at) if i >= 0 and is_han(question[i:i + 2])]
        if not pairs or any(is_printed(pair) for pair in pairs) or _word_at(question, at)[0] != char:
            continue
        for other in homophones(char):
            word, tag = _word_at(question[:at] + other + question[at + 1:], at)
            if len(word) > 1 and tag[0] in "nv" and all(is_printed(word[i:i + 2]) for i in range(len(word) - 1)):
                found.append(word)
                break
    return found


@cache
def _by_sound() -> dict[str, str]:
    """Common characters (level 1 of GB 2312) by sound: pinyin without tones, zh ch sh as z c s, -ng as -n."""
    common = (bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    sounds: dict[str, str] = {}
    for char in filter(None, common):
        for sound in _sounds(char):
            sounds[sound] = sounds.get(sound, "") + char
    return sounds


def homophones(char: str) -> str:
    """Return the common characters that sound like `char`, itself not among them; "" for what is no Chinese character."""
    if not is_han(char):
        return ""
    return "".join(dict.fromkeys(c for sound in _sounds(char) for c in _by_sound().get(sound, "") if c != char))


@cache
def _sounds(char: str) -> tuple[str, ...]:
    readings = pinyin(char, style=Style.NORMAL, heteronym=True)[0]
    return tuple(dict.fromkeys(_blurred(reading) for reading in readings))


def _blurred(sound: str) -> str:
    for exact, blurred in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if sound.startswith(exact):
            sound = blurred + sound[2:]
    return sound.removesuffix("g") if sound.endswith(("ang", "eng", "ing")) else sound


def _word_at(text: str, at: int) -> tuple[str, str]:
    """Return the dictionary word over position `at` and its tag; no guessed words, a model would make words of typos."""
    end = 0
    for word, tag in rjieba.tag(text, False):
        end += len(word)
        if at < end:
            return word, tag
    return "", ""
