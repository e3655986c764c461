"""What a question asks for and the articles do not say: named in a refusal, and below an answer that is only part of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.evidence.features import holds, holds_asked
from assistant.question.form_patterns import wanted_of
from assistant.question.forms import Form, Wanted
from assistant.question.understand import Question
from index.text.language import language_of
from index.text.normalize import fold, matching_form
from index.text.numbers import states_rate
from index.text.tokens import terms
from index.types import Retrieved

LOOKED_AT = 5
"""Passages whose text counts as what the nearest articles say."""
NAMED = 3
"""Words that a refusal names at most."""
_PARTS = re.compile(r"[,;:?!。、]|和|以及|还有|并且|\band\b")
_TOLD_APART = (Wanted.MONEY, Wanted.DATE, Wanted.NUMBER)
"""Kinds that a sentence either holds or does not; whether a name is the one asked for cannot be told from its looks."""
_ALONE = (Wanted.MONEY, Wanted.DATE)
"""Kinds without which there is no answer. A number may be written in ways that are not seen as one (两个, 翻番)."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Between question and articles: what of it the nearest ones speak of, and what they do not say.

    `absent` are words of the question that none of them holds; `wanted` is the kind of thing asked for.
    """

    spoken_of: tuple[str, ...]
    absent: tuple[str, ...]
    wanted: Wanted


def gap_of(question: Question, retrieved: Sequence[Retrieved], rarity: Callable[[str], float]) -> Gap:
    """Return the gap between a question that is refused and the passages nearest to it."""
    near = fold(" ".join(f"{r.passage.heading} {r.passage.text}" for r in retrieved[:LOOKED_AT]))
    places = [mention[0] for mention in question.mentions if any(fold(name) in near for name in mention)]
    topics = [(match.wording, [*match.topic.zh, match.wording]) for match in question.topics]
    said = "".join(wording for wording, _ in topics)
    # An English word is in no Chinese article; only its topics can be told.
    words = [(w, [w]) for w in question.words if len(w) > 1 and fold(w) not in said
             and not any(w in place for place in question.places)] if question.language == "zh" else []
    there = [name for name, wordings in (*topics, *words) if any(fold(w) in near for w in wordings)]
    absent = [name for name, wordings in (*topics, *words) if name not in there
              and not any(term in near for w in wordings for term in terms(w))]
    absent.sort(key=lambda word: -_rarest(word, rarity))
    return Gap(tuple(dict.fromkeys([*places, *there]))[:NAMED], tuple(dict.fromkeys(absent))[:NAMED], question.wanted)


def lacks_asked_kind(question: Question, sentences: Sequence[str]) -> bool:
    """Tell whether a question asks for nothing but an amount of money, or a date, and none of the sentences holds one."""
    if question.form is not Form.FACT or question.wanted not in _ALONE:
        return False
    return set(_kinds(question)) <= {question.wanted} and not any(
        holds_asked(question, s) or question.wanted is Wanted.MONEY and states_rate(matching_form(s)) for s in sentences)


def kinds_missing(question: Question, sentences: Sequence[str]) -> tuple[Wanted, ...]:
    """Return the kinds that a question of several parts asks for and none of the answer's sentences holds."""
    return tuple(kind for kind in _kinds(question) if kind in _TOLD_APART and not any(holds(kind, s) for s in sentences))


def _kinds(question: Question) -> list[Wanted]:
    """Return the kinds that the parts of a question ask for; [] when it has only one part."""
    parts = [part for part in _PARTS.split(question.text) if part.strip()]
    if len(parts) < 2:
        return []
    return list(dict.fromkeys(
        kind for part in parts if language_of(part) == question.language and (kind := wanted_of(part))))


def _rarest(word: str, rarity: Callable[[str], float]) -> float:
    return max((rarity(term) for term in terms(word)), default=0.0)
