"""Parse what a language model writes, as it comes: sentences with the numbers that they cite.

Markers are [1] ［1］ 【1】 [1,2] [1、2] [1-3] [1][2]; round brackets are none. A marker belongs to the sentence before it,
also where it stands behind the full stop. Reading goes character by character, so the same text gives the same statements
however the model's stream was cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.text.normalize import matching_form

LONGEST = 600
"""Characters after which a sentence is cut: a model that never ends one must not fill the memory."""
MOST_NUMBERS = 20
"""Numbers read from one marker; [1-999999] is no citation."""

_OPEN, _CLOSE = "[\u3010", "]\u3011"
_INSIDE = re.compile(r"[\d ,\-~\u2013\u2014\u3001\u81f3]*\Z")
_MARKER = 24
"""Characters of the longest marker."""
_FINAL = "\u3002!?\u2026;"
_CLOSERS = "\u201d\u2019\u300d\u300f)\u300b\"'*"
_ITEM = re.compile(r"^\s*(?:[-*+\u2022\u00b7]|\d{1,2}[.\u3001)]|[\u2460-\u2473])\s*")


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """One sentence (or clause that is cited alone) of a model's text, without markers and Markdown.

    `numbers` are those it cites, in their order; `new_line` tells whether it begins a line, `item` whether a list item.
    """

    text: str
    numbers: tuple[int, ...]
    new_line: bool = False
    item: bool = False


class CitationParser:
    """Holds the sentence that is being written. `feed` and `close` return the statements that are complete."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._numbers: list[int] = []
        self._marker = ""
        self._ended = False
        self._cited = False
        self._new_line = True

    def feed(self, chunk: str) -> list[CitedSentence]:
        """Read some more of the text."""
        return [statement for char in chunk for statement in self._read(char)]

    def close(self) -> list[CitedSentence]:
        """End the text; a marker that was never closed is left out."""
        self._marker = ""
        return self._emit()

    @property
    def unfinished(self) -> str:
        """The sentence that is being written, as plain words."""
        return without_markdown("".join(self._text))

    def _read(self, char: str) -> Iterator[CitedSentence]:
        plain = matching_form(char)
        if self._marker:
            if plain in _CLOSE:
                self._end_marker()
                return
            if len(self._marker) < _MARKER and _INSIDE.match(plain):
                self._marker += plain
                return
            yield from self._flush_marker()
        if plain in _OPEN:
            self._marker = plain
            return
        yield from self._add(char, plain)

    def _add(self, char: str, plain: str) -> Iterator[CitedSentence]:
        if char in "\n\r":
            yield from self._emit()
            self._new_line = True
            return
        if self._ended or self._cited and plain in ",;\u3001":
            if self._ended and (plain.isspace() or plain in _FINAL or plain in _CLOSERS):
                if not plain.isspace():
                    self._text.append(char)
                return
            if not self._ended:  # a clause cited alone keeps its comma out of the way
                yield from self._emit()
                return
            yield from self._emit()
        self._cited = self._cited and plain.isspace()
        if plain.isspace() and self._stopped():
            self._ended = True
            return
        self._text.append(char)
        self._ended = plain in _FINAL
        if len(self._text) >= LONGEST:
            yield from self._emit()

    def _stopped(self) -> bool:
        """Tell whether the text ends with the full stop of an English sentence: 1. begins a list item, 3.5 is a number."""
        text = "".join(self._text)
        return text.endswith(".") and not re.search(r"(?:^|\s)(?:\d{1,2}|[A-Z]|Mr|Mrs|Ms|Dr|No|St)\.$", text)

    def _end_marker(self) -> None:
        inside, self._marker = self._marker[1:], ""
        numbers = _numbers(inside)
        if not numbers:  # [], or a number that no passage can have
            return
        if self._stopped():
            self._ended = True
        self._numbers += [n for n in numbers if n not in self._numbers]
        self._cited = True

    def _flush_marker(self) -> Iterator[CitedSentence]:
        marker, self._marker = self._marker, ""
        for char in marker:
            yield from self._add(char, char)

    def _emit(self) -> list[CitedSentence]:
        written, numbers = "".join(self._text), tuple(self._numbers)
        item = self._new_line and bool(_ITEM.match(written)) and bool(_ITEM.sub("", written))
        text = without_markdown(_ITEM.sub("", written) if item else written)
        statement = CitedSentence(text, numbers, new_line=self._new_line, item=item)
        self._text, self._numbers, self._ended, self._cited = [], [], False, False
        if not re.search(r"\w", text):
            return []
        self._new_line = False
        return [statement]


def statements(text: str) -> list[CitedSentence]:
    """Return all statements of a whole text."""
    parser = CitationParser()
    return [*parser.feed(text), *parser.close()]


def without_markdown(text: str) -> str:
    """Return `text` on one line as plain words: links keep their words, images, tags and emphasis go."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"</?[A-Za-z!][^>]*>?", "", text)
    text = re.sub(r"^\s*#+\s*|^\s*>+\s*", "", text)
    return " ".join(re.sub(r"\*+|`+|__+|~~+|\|", "", text).split())


def _numbers(inside: str) -> list[int]:
    """Return the numbers of a marker, ranges spread out; at most MOST_NUMBERS."""
    found: list[int] = []
    for part in re.split(r"[,\u3001]", inside):
        ends = re.fullmatch(r"\s*(\d{1,4})\s*(?:[-~\u2013\u2014\u81f3]\s*(\d{1,4})\s*)?", part)
        if ends:
            first, last = int(ends[1]), int(ends[2] or ends[1])
            found += range(first, min(last, first + MOST_NUMBERS) + 1)
    return list(dict.fromkeys(found))[:MOST_NUMBERS]
