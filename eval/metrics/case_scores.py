"""What an answer to "how did others …" tells: which cases, what they did, what came of it, and how much beside the point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

from assistant.types import Answer, Citation
from eval.datasets.case_suite import BORDERLINE, CaseQuestion, CaseSuite, GoldCase

MOST = 8
"""Cases that an answer has to tell at most."""


@dataclass(frozen=True, slots=True)
class CaseScores:
    """One answer's figures; None where there is nothing to count.

    `cases_told` of those that answer; `cards_right`: cards that tell a case which answers or comes near; of the right cases
    told, `measures_told` and, where the article has one, `results_told`; `loose` citations, in no part of any case;
    `refused`; `characters` of the text.
    """

    cases_told: float | None
    cards_right: float | None
    measures_told: float | None
    results_told: float | None
    loose: float | None
    refused: float
    characters: float


def score_cases(question: CaseQuestion, answer: Answer, suite: CaseSuite) -> CaseScores:
    """Score one answer; the claims about one place are a card."""
    cited = {c.number: c for c in answer.citations}
    cards: dict[str, list[Citation]] = defaultdict(list)
    for claim in answer.claims:
        cards[claim.place] += [cited[n] for n in claim.citations if n in cited]
    told: dict[str, set[str]] = defaultdict(set)
    right = 0
    for card in cards.values():
        found = [(i, parts) for c in card for i, grade in question.grades.items() if grade >= BORDERLINE
                 and i in suite.cases and (parts := suite.cases[i].parts_touched(c.file, c.spans))]
        right += bool(found)
        for i, parts in found:
            told[i] |= parts
    best = [i for i in question.best if i in told]
    ended = [i for i in best if suite.cases[i].spans["results"]]
    citations = [c for card in cards.values() for c in card]
    by_file: dict[str, list[GoldCase]] = defaultdict(list)
    for case in suite.cases.values():
        by_file[case.file].append(case)
    return CaseScores(
        cases_told=min(1.0, len(best) / min(len(question.best), MOST)) if question.best else None,
        cards_right=right / len(cards) if cards else None,
        measures_told=fmean("measures" in told[i] for i in best) if best else None,
        results_told=fmean("results" in told[i] for i in ended) if ended else None,
        loose=fmean(not any(case.parts_touched(c.file, c.spans) for case in by_file[c.file.rpartition("/")[2]])
                    for c in citations) if citations else None,
        refused=float(answer.refused), characters=float(len(answer.text)))


def mean_scores(scores: Iterable[CaseScores]) -> dict[str, float]:
    """Return the mean of each figure over the answers that have it."""
    rows = [asdict(one) for one in scores]
    return {name: fmean(values) for name in (rows[0] if rows else ())
            if (values := [row[name] for row in rows if row[name] is not None])}


def same_cards(answers: Sequence[Answer]) -> float:
    """Return how alike the cards of several wordings' answers are: the mean share of articles that two have in common."""
    told = [frozenset(c.article_id for c in answer.citations) for answer in answers]
    pairs = [(a, b) for n, a in enumerate(told) for b in told[n + 1:]]
    return fmean(len(a & b) / len(a | b) if a | b else 1.0 for a, b in pairs) if pairs else 1.0


def grouped(questions: Sequence[CaseQuestion], answers: Mapping[str, Answer]) -> dict[str, list[Answer]]:
    """Return the answers by topic."""
    out: dict[str, list[Answer]] = defaultdict(list)
    for question in questions:
        out[question.topic].append(answers[question.id])
    return out
