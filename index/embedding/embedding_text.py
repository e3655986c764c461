"""What of a passage and a sentence is embedded: the place and the headline tell what the sentences leave unsaid.

All of it is in simplified script: what is asked is folded to it too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from index.text.normalize import simplified
from index.types import Passage, Sentence


def passage_input(passage: Passage) -> str:
    """Return the text that is embedded for a passage: its heading, then its sentences."""
    return simplified(f"{passage.heading}\n{passage.text}")


def sentence_input(sentence: Sentence) -> str:
    """Return the text that is embedded for a sentence, its place first."""
    return simplified(f"{sentence.place}:{sentence.text}" if sentence.place else sentence.text)


def inputs_of(passages: Iterable[Passage]) -> tuple[list[str], list[str]]:
    """Return what is embedded for the passages and for all their sentences, in order."""
    passages = list(passages)
    return [passage_input(p) for p in passages], [sentence_input(s) for p in passages for s in p.sentences]


def inputs_digest(passages: Iterable[Passage]) -> str:
    """Return a SHA-256 over all that the derived indexes take from an article's passages."""
    total = hashlib.sha256()
    for passage in passages:
        for text in (passage.id, passage.heading, *(sentence_input(s) for s in passage.sentences)):
            total.update(f"{len(text)}:{text}\n".encode("utf-8", "replace"))
    return total.hexdigest()
