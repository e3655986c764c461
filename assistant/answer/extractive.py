"""The built-in answerer: picks the sentences that answer, word for word, in the form that the question asks for.

No language model is needed. A fact gets its one sentence, a "how" the few that tell it, a "which communities" one case a
community, a comparison one entry a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence.features import Evidence, holds
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

    `fact`, `how` and `other` (a comparison of places that nothing is known of) are of one article, `within_case` and
    `sequel` of one community. A community is told of whose best sentence has `cases_share` of the best score, or of `sure`
    when that is less: one perfect hit must not hide the rest.
    """

    fact: Cut
    how: Cut
    other: Cut
    within_case: Cut
    sequel: Cut
    cases_share: float
    sure: float


LONGEST_SHORT = 24
"""Characters of a short answer; what is longer is read as fast in its sentence."""


def short_answer(question: Question, cases: Sequence[AnswerCase]) -> str:
    """Return the number, name or date a fact question asks for, as the reranker saw it in the best sentence; "" if none."""
    if question.form is not Form.FACT or question.wanted is Wanted.ANY or not cases:
        return ""
    best = max(cases[0].evidence, key=lambda e: e.score)
    if best.reading is None or best.reading.span is None or best.reading.logit <= 0:
        return ""
    _, start, end = best.reading.span
    said = best.sentence.text[start:end].strip()
    return said if len(said) <= LONGEST_SHORT and holds(question.wanted, said) else ""


def choose(question: Question, evidence: Sequence[Evidence], max_cases: int, cuts: Cuts) -> list[AnswerCase]:
    """Return the cases to say, best first; [] only when there is no evidence at all."""
    if not evidence:
        return []
    match question.form:
        case Form.CASES:
            return _cases(question, evidence, max_cases, cuts)
        case Form.COMPARE:
            return _compared(question, evidence, cuts)
        case Form.FACT:
            return _one_case(evidence, cuts.fact)
    return _one_case(evidence, cuts.how)


def _one_case(evidence: Sequence[Evidence], cut: Cut) -> list[AnswerCase]:
    """The best sentence, and near ones of the same article while they are nearly as good."""
    best = evidence[0]
    near = [e for e in evidence if e.article.id == best.article.id and e.score >= cut.share * best.score]
    return _grouped(near[: cut.most])


def _cases(question: Question, evidence: Sequence[Evidence], max_cases: int, cuts: Cuts) -> list[AnswerCase]:
    """One case a community: its best sentences and, where the question asks how, what the text goes on to tell."""
    floor = cuts.cases_share * min(evidence[0].score, cuts.sure)
    placed = [e for e in evidence if e.sentence.place] or evidence
    groups: dict[str, list[Evidence]] = {}
    for e in placed:
        if e.score >= floor:
            groups.setdefault(case_key(e), []).append(e)
    cases = []
    for group in list(groups.values())[:max_cases]:
        kept = [e for e in group if e.score >= cuts.within_case.share * group[0].score][: cuts.within_case.most]
        cases.append(_case([*kept, *(_sequel(kept, evidence, cuts.sequel) if question.asks_how else ())]))
    return cases or [_case(evidence[:1])]


def _sequel(kept: Sequence[Evidence], evidence: Sequence[Evidence], cut: Cut) -> list[Evidence]:
    """Return the sentences right behind the best one that tell a measure or its result: a case is a problem and its end."""
    best = max(kept, key=lambda e: e.score)
    behind = sorted((e for e in evidence if e.passage.id == best.passage.id and e.sentence.start > best.sentence.start
                     and case_key(e) == case_key(best)), key=lambda e: e.sentence.start)[:cut.most]
    told = [e for e in behind if e.features.action or e.features.digits]
    return [e for e in told if e not in kept and e.score >= cut.share * best.score]


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
