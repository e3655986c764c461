"""Read the best sentences again with the reader, which sees question and sentence together, and weigh them anew.

A cascade: the signals of `evidence.py` choose what is worth reading, windows around those sentences are read until a budget
is used up, and a second logistic model weighs the signals and what the reader says. A sentence that was not read counts as
one that the reader is sure against.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.evidence import Evidence, probability
from assistant.pace import Pace
from assistant.reader import Reader, Reading, Text
from index.errors import ReaderError
from index.types import Passage, Retrieved

logger = logging.getLogger(__name__)

BUDGET, BUDGET_FOR_CASES = 700, 1500
"""Characters read for one question, headlines counted: about as many tokens, as each window holds the question too. One
answer mostly stands among the best sentences; many cases take more reading (see eval/LOG.md)."""
WINDOW = 110
"""Characters of a window, where its sentences allow."""
UNREAD = {"read": -1.5, "read_window": -1.5, "read_best": -1.5}
"""Signals of a sentence that was not read: those of one the reader is sure against."""
RANKED = (0.4, 0.4, 0.2)
"""Shares of search, best sentence and best window in the order of passages that were read (see eval/LOG.md)."""
SCALE = 5.0
"""Logits are divided by this, to lie near [-1, 1] as the other signals do."""


def reread(question: str, evidence: Sequence[Evidence], reader: Reader, weights: Mapping[str, float],
           budget: int = BUDGET) -> list[Evidence]:
    """Return `evidence`, given best first, scored anew after reading `budget` characters of it: best first again."""
    windows = choose_windows(evidence, budget)
    texts = [Text(w.title, tuple(s.text for s in w.passage.sentences[w.first:w.end]), w.place) for w in windows]
    readings = reader.read(question, texts)
    seen: dict[tuple[str, int], dict[str, float]] = {}
    spans: dict[tuple[str, int], tuple[float, int, int] | None] = {}
    for window, reading in zip(windows, readings, strict=True):
        said = reading.spans or (None,) * len(reading.evidence)
        for i, (logit, span) in enumerate(zip(reading.evidence, said, strict=True)):
            key = (window.passage.id, window.passage.sentences[window.first + i].start)
            row = _signals(reading, logit)
            if key not in seen or row["read"] > seen[key]["read"]:
                seen[key], spans[key] = row, span
    best = max((row["read"] for row in seen.values()), default=UNREAD["read"])
    out = []
    for e in evidence:
        key = (e.passage.id, e.sentence.start)
        signals = e.signals | UNREAD | seen.get(key, {})
        signals["read_behind"] = signals["read"] - best
        signals["first"] = e.score
        out.append(replace(e, score=probability(signals, weights), signals=signals, span=spans.get(key)))
    return sorted(out, key=lambda e: -e.score)


def reread_all(rounds: Sequence[tuple[str, list[Evidence]]], reader: Reader, weights: Mapping[str, float],
               pace: Pace, budget: int = BUDGET) -> list[list[Evidence]]:
    """Return each question's evidence read again, in one turn; as it was when there is no time or the reader fails.

    `budget` is what each question may read, in characters.
    """
    found, before = sum(bool(evidence) for _, evidence in rounds), [evidence for _, evidence in rounds]
    if not found:
        return before
    with pace.turn(budget * found) as grant:
        if not grant.characters:
            return before
        grant.read = grant.characters
        try:
            return [reread(question, evidence, reader, weights, grant.characters // found) if evidence else evidence
                    for question, evidence in rounds]
        except ReaderError as error:
            logger.warning("%s", error)
            return before


def ranked(retrieved: Sequence[Retrieved], evidence: Sequence[Evidence]) -> list[Retrieved]:
    """Return the passages in the order that search, their best sentence and their best window together give them."""
    sentence: dict[str, float] = {}
    window: dict[str, float] = {}
    for e in evidence:
        sentence[e.passage.id] = max(e.score, sentence.get(e.passage.id, 0.0))
        window[e.passage.id] = max(_probability(e.signals.get("read_window", -1.5)), window.get(e.passage.id, 0.0))
    found, best, read = RANKED
    again = [replace(r, score=found * r.score + best * sentence.get(i, 0.0) + read * window.get(i, 0.0))
             for r in retrieved for i in [r.passage.id]]
    return sorted(again, key=lambda r: -r.score)


def was_read(evidence: Sequence[Evidence]) -> bool:
    """Tell whether the reader had a say in any of it."""
    return any("read" in e.signals for e in evidence)


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences `first` to `end` (exclusive) of a passage, under their place and headline."""

    passage: Passage
    title: str
    place: str
    first: int
    end: int


def as_before(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return what was read with the scores it had before, best first."""
    return sorted((replace(e, score=e.signals["first"]) for e in evidence), key=lambda e: -e.score)


def choose_windows(evidence: Sequence[Evidence], budget: int = BUDGET) -> list[Window]:
    """Return what to read: the sentences around each of the best, until the budget is used up."""
    windows: list[Window] = []
    covered: set[tuple[str, int]] = set()
    left = budget
    for e in evidence:
        if (e.passage.id, e.sentence.start) in covered:
            continue
        first, end = _around(e)
        place = e.sentence.place or e.article.place
        left -= len(e.article.title) + sum(len(s.text) for s in e.passage.sentences[first:end])
        if left < 0 and windows:
            break
        windows.append(Window(e.passage, e.article.title, place, first, end))
        covered |= {(e.passage.id, s.start) for s in e.passage.sentences[first:end]}
    return windows


def _around(e: Evidence) -> tuple[int, int]:
    """Return the range of sentences around one: what follows it first, then what stands before it."""
    sentences = e.passage.sentences
    first = next(i for i, s in enumerate(sentences) if s.start == e.sentence.start)
    end, used = first + 1, len(e.sentence.text)
    while end < len(sentences) and used + len(sentences[end].text) <= WINDOW:
        used += len(sentences[end].text)
        end += 1
    while first > 0 and used + len(sentences[first - 1].text) <= WINDOW:
        first -= 1
        used += len(sentences[first].text)
    return first, end


def _signals(reading: Reading, logit: float) -> dict[str, float]:
    return {"read": _bounded(logit), "read_window": _bounded(reading.answerable),
            "read_best": _bounded(max(reading.evidence))}


def _probability(signal: float) -> float:
    return 1 / (1 + math.exp(-SCALE * signal))


def _bounded(logit: float) -> float:
    return max(min(logit / SCALE, 1.5), -1.5)
