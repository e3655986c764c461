"""The built-in answerer: picks the sentences that answer, word for word, in the form that the question asks for.

No language model is needed. A fact gets its one sentence, a "how" the few that tell it, a comparison one entry a place. What
a list of cases says is chosen in case_cards.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence.features import Evidence, holds_asked
from assistant.question.forms import Form, Wanted
from assistant.question.understand import Question
from index.cases.cut import place_key
from index.text.normalize import simplified
from index.types import SentenceRole


@dataclass(frozen=True, slots=True)
class AnswerCase:
    """Sentences of one article about one place, in the order of telling; `roles` are theirs, () where none are known."""

    place: str
    evidence: tuple[Evidence, ...]
    roles: tuple[SentenceRole, ...] = ()

    @property
    def score(self) -> float:
        return max(e.score for e in self.evidence)


@dataclass(frozen=True, slots=True)
class Cut:
    """How far below the best sentence (as a share of its score) another may stand and still be said; at most `most`."""

    share: float
    most: int


@dataclass(frozen=True, slots=True)
class Cuts:
    """What is said by the form of the question; what was reranked is told apart more sharply, and is cut nearer to the best.

    `other` is a comparison of places that nothing is known of.
    """

    fact: Cut
    how: Cut
    other: Cut


_ASKS_BEFORE = re.compile("原来|原先|原本|以前|之前|从前|先前")
_NOW = re.compile("(?:[升降涨减增加调提改高整]{1,3}[到至为成]|现在|如今|目前)[^，。；,;]{0,6}$")
"""What stands before the figure that came in place of an earlier one."""
LONGEST_SHORT = 24
"""Characters of a short answer; what is longer is read as fast in its sentence."""


def short_answer(question: Question, cases: Sequence[AnswerCase]) -> str:
    """Return the number, name or date a fact question asks for, as the reranker saw it in the best sentence; "" if none.

    Nor is there one where the question asks how it was before and the reranker saw what it became.
    """
    if question.form is not Form.FACT or question.wanted is Wanted.ANY or not cases:
        return ""
    best = max(cases[0].evidence, key=lambda e: e.score)
    if best.reading is None or best.reading.span is None or best.reading.logit <= 0:
        return ""
    _, start, end = best.reading.span
    said = best.sentence.text[start:end].strip()
    if _ASKS_BEFORE.search(simplified(question.text)) and _NOW.search(simplified(best.sentence.text[:start])):
        return ""
    return said if len(said) <= LONGEST_SHORT and holds_asked(question, said) else ""


def choose(question: Question, evidence: Sequence[Evidence], cuts: Cuts) -> list[AnswerCase]:
    """Return what to say of each place, best first; [] only when there is no evidence at all."""
    if not evidence:
        return []
    if question.form is Form.COMPARE:
        return _compared(question, evidence, cuts)
    return _one_case(evidence, cuts.fact if question.form is Form.FACT else cuts.how)


def _one_case(evidence: Sequence[Evidence], cut: Cut) -> list[AnswerCase]:
    """The best sentence, and near ones of the same article while they are nearly as good."""
    best = evidence[0]
    near = [e for e in evidence if e.article.id == best.article.id and e.score >= cut.share * best.score]
    return _grouped(near[: cut.most])


def _compared(question: Question, evidence: Sequence[Evidence], cuts: Cuts) -> list[AnswerCase]:
    cases = []
    for mention in question.mentions:
        own = [e for e in evidence
               if any(name in e.sentence.place or name in simplified(e.sentence.text) for name in mention)]
        if own:
            cases.append(_case([e for e in own if e.score >= cuts.fact.share * own[0].score][: cuts.fact.most]))
    return cases or _one_case(evidence, cuts.other)


def case_key(evidence: Evidence) -> str:
    """Return what makes two sentences one case: the community (a compound counts to its community), else the place."""
    return place_key(evidence.sentence.chain) or f"article {evidence.article.id}"


def _grouped(evidence: Sequence[Evidence]) -> list[AnswerCase]:
    groups: dict[str, list[Evidence]] = {}
    for e in evidence:
        groups.setdefault(case_key(e), []).append(e)
    return [_case(group) for group in groups.values()]


def _case(evidence: Sequence[Evidence]) -> AnswerCase:
    ordered = sorted(evidence, key=lambda e: (e.article.file, e.sentence.start))
    return AnswerCase(place=max(evidence, key=lambda e: e.score).sentence.place, evidence=tuple(ordered))
