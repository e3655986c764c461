"""What a card of the casebook tells: need, measures, result, each in the article's own sentences.

There is no question to weigh sentences by, so their roles alone decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.text.numbers import numbers_in
from index.types import TELLING, CaseSentence, SentenceRole

FOLDED = 200
"""Characters of a card before it is unfolded."""
DATES = {"year", "month", "months", "day", "weekday", "clock"}
"""Units of numbers that say when, not how much."""


@dataclass(frozen=True, slots=True)
class Told:
    """Text of one sentence, and what it tells; `is_cut` when the sentence goes on."""

    role: SentenceRole
    text: str
    is_cut: bool = False


def whole(sentences: Sequence[CaseSentence]) -> list[Told]:
    """Return all sentences that tell the case: the need, then the measures, then what came of it, each in printed order."""
    return [Told(role, s.sentence.text) for role in TELLING for s in sentences if s.role is role]


def folded(sentences: Sequence[CaseSentence]) -> list[Told]:
    """Return one sentence of each role in at most `FOLDED` characters: the first, of results the first with a figure.

    What a short sentence leaves is for the longer ones.
    """
    told = whole(sentences)
    leads = [lead for role in TELLING if (lead := _lead([t for t in told if t.role is role]))]
    room, texts = FOLDED, dict[SentenceRole, Told]()
    for left, lead in zip(range(len(leads), 0, -1), sorted(leads, key=lambda t: len(t.text)), strict=True):
        texts[lead.role] = _cut(lead, room // left)
        room -= len(texts[lead.role].text)
    return [texts[lead.role] for lead in leads]


def figures(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces, each with whether it is a figure: a number with its unit that is no date."""
    end = 0
    for number in numbers_in(text):
        if number.unit not in DATES and number.start >= end:
            yield from ((text[end:number.start], False), (text[number.start:number.end], True))
            end = number.end
    yield text[end:], False


def has_figure(text: str) -> bool:
    """Tell whether a text holds a figure."""
    return any(is_figure for _, is_figure in figures(text))


def documented(sentences: Sequence[CaseSentence]) -> int:
    """Return how well a case is documented: one each for a need, a measure, a result, and a figure in a result."""
    results = [s.sentence.text for s in sentences if s.role is SentenceRole.RESULT]
    return len({s.role for s in sentences} & set(TELLING)) + any(map(has_figure, results))


def _lead(told: Sequence[Told]) -> Told | None:
    results = (t for t in told if t.role is SentenceRole.RESULT and has_figure(t.text))
    return next(results, told[0] if told else None)


def _cut(told: Told, room: int) -> Told:
    return told if len(told.text) <= room else Told(told.role, told.text[:room - 1], is_cut=True)
