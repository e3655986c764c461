"""The nouns of a suite: a question with what a right answer to it is, and the texts that it is asked about."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.types import Turn
from index.errors import ReadError
from index.types import Span


class SuiteError(ReadError):
    """Seen by evaluators: a suite or a file of answers is malformed; the message names the first ten faults."""


@dataclass(frozen=True, slots=True)
class Gold:
    """One piece of gold evidence: `quote` stands word for word in `file` and speaks about `community`."""

    file: str
    community: str
    quote: str


@dataclass(frozen=True, slots=True)
class EvalCase:
    """One question of a suite.

    `answers` are the short texts of the file; `groups` says how they count: a right answer holds one wording of every
    group. `relevant` holds (document, grade) pairs, `negatives` documents that were judged not to answer. Where `given` is
    not empty, the question is asked about these documents alone (RGB); `wrong_answers` are what documents with planted
    errors say.
    """

    id: str
    question: str
    type: str
    answerable: bool
    history: tuple[Turn, ...] = ()
    answers: tuple[str, ...] = ()
    evidence: tuple[Gold, ...] = ()
    notes: str = ""
    lang: str = ""
    groups: tuple[tuple[str, ...], ...] = ()
    relevant: tuple[tuple[str, int], ...] = ()
    negatives: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    wrong_answers: tuple[str, ...] = ()

    @property
    def off_topic(self) -> bool:
        return not self.answerable and self.notes.startswith("off-topic")

    @property
    def references(self) -> tuple[str, ...]:
        """Whole answers to compare a text with: the wordings of a single group, else one text that names them all."""
        if len(self.groups) == 1:
            return self.groups[0]
        return ("\u3001".join(group[0] for group in self.groups),) if self.groups else ()


@dataclass(frozen=True, slots=True)
class Document:
    """A ready passage or article of a corpus."""

    id: str
    title: str
    text: str

    @property
    def full_text(self) -> str:
        """What is indexed, and what offsets count in: the title on a line of its own, then the text."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class Suite:
    """Questions and what they are asked about: either `documents`, or newspaper `pages` (files, or folders of them)."""

    name: str
    format: str
    cases: tuple[EvalCase, ...]
    documents: tuple[Document, ...] = ()
    pages: Path | None = None

    @property
    def corpus_fingerprint(self) -> str:
        """SHA-256 over the texts asked about: equal only for the same corpus."""
        total = hashlib.sha256()
        if self.pages:
            for path in sorted(p for p in self.pages.rglob("*") if p.is_file()):
                total.update(f"{path.relative_to(self.pages).as_posix()}\0".encode() + path.read_bytes())
        for document in sorted(self.documents, key=lambda d: d.id):
            total.update(repr((document.id, document.full_text)).encode())
        return total.hexdigest()

    @property
    def questions_fingerprint(self) -> str:
        """SHA-256 over the questions and all that counts as right."""
        return hashlib.sha256(repr(self.cases).encode("utf-8", "backslashreplace")).hexdigest()


def overlaps(gold: Gold, file: str, spans: Sequence[Span], text: str) -> bool:
    """Tell whether `spans` of `file` share 10 characters with the gold quote (or all of it, where it is shorter).

    An empty quote is never found.
    """
    if file != gold.file or not gold.quote:
        return False
    need = min(10, len(gold.quote))
    places = [(m.start(), m.end()) for m in re.finditer(re.escape(gold.quote), text)]
    return any(min(b, end) - max(a, start) >= need for a, b in spans for start, end in places)
