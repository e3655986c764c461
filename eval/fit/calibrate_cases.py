"""Fit which case answers a question, and the bar before its card: linjian eval calibrate-cases SUITE [--questions FILE ...]

SUITE is a folder of cases (eval/datasets/case_suite.py), FILE holds further wordings about it. A logistic regression weighs
what `CaseFeatures` sees of each candidate; borderline cases count for nothing. What is printed is measured with the wordings
of a topic on one side: each topic with weights fitted on the other topics. The bar is where, so measured, the harmonic mean
of cases told and cards right is highest. A case that was not found counts as not told. Suites of pages may stand beside
SUITE, so that weights and bar fit small libraries too; which sentences a card shows is learned from SUITE alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from assistant.answer.case_cards import CardModels, ToldFeatures, told_features
from assistant.answer.case_weights import FITTED, CaseWeights
from assistant.assistant import Assistant
from assistant.evidence.case_candidates import CaseCandidate, CaseFeatures
from assistant.question.forms import Form
from assistant.types import Ask
from assistant.weights.logistic import LogisticModel, feature_names, named_features
from eval.datasets.case_suite import ANSWERS, BORDERLINE, CaseQuestion, CaseSuite, read_case_suite, read_page_cases
from eval.metrics.case_scores import MOST, CaseScores, mean_scores, score_cases
from index.embedding.encoder import Encoder
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex

FOLDS, STRENGTH = 5, 10.0


@dataclass(frozen=True, slots=True)
class AskedCases:
    """A question, its candidates in the order of the assistant, and the gold cases that each tells with their grades."""

    suite: CaseSuite
    question: CaseQuestion
    candidates: tuple[CaseCandidate, ...]
    grades: tuple[Mapping[str, int], ...]

    @property
    def best(self) -> np.ndarray:
        return np.array([max(grades.values(), default=0) for grades in self.grades])


def ask_cases(suite: CaseSuite, assistant: Assistant) -> Iterator[AskedCases]:
    """Ask every question as one after cases, whatever form it is taken for."""
    for question in suite.questions:
        state = assistant.find(Ask(question.text, form=Form.CASES))
        told = tuple(_told(candidate, question, suite) for candidate in state.candidates)
        yield AskedCases(suite, question, state.candidates, told)


def _told(candidate: CaseCandidate, question: CaseQuestion, suite: CaseSuite) -> dict[str, int]:
    spans = [span for e in candidate.evidence for span in e.sentence.spans]
    return {i: grade for i, grade in question.grades.items()
            if i in suite.cases and suite.cases[i].parts_touched(candidate.article.file, spans)}


def fit_cards(asked: Sequence[AskedCases]) -> LogisticModel:
    """Return the weights; all wordings of a topic count as one question."""
    wordings: dict[str, int] = defaultdict(int)
    for one in asked:
        wordings[one.question.topic] += 1
    names = feature_names(CaseFeatures)
    rows = [(features_of(one), one.best, np.full(len(one.candidates), 1 / wordings[one.question.topic]))
            for one in asked if one.candidates]
    x, best, counts = (np.concatenate(column) for column in zip(*rows, strict=True))
    kept = best != BORDERLINE
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(x[kept], best[kept] == ANSWERS, sample_weight=counts[kept])
    return LogisticModel.of({"bias": float(model.intercept_[0])} | dict(zip(names, map(float, model.coef_[0]), strict=True)),
                            CaseFeatures)


def fit_sentences(asked: Sequence[AskedCases], suite: CaseSuite) -> CardModels:
    """Return which sentences of a case are wanted on its card, and which tell what came of it."""
    rows: list[list[float]] = []
    parts: list[frozenset[str]] = []
    names = feature_names(ToldFeatures)
    seen: set[tuple[str, str]] = set()
    for one in (one for one in asked if one.suite is suite):
        for candidate, grades in zip(one.candidates, one.grades, strict=True):
            best = [i for i, grade in grades.items() if grade == ANSWERS]
            if best and (one.question.topic, candidate.case.id) not in seen:
                seen.add((one.question.topic, candidate.case.id))
                rows += [list(named_features(features).values()) for features in told_features(candidate)]
                parts += [frozenset[str]().union(*(suite.cases[i].parts_touched(candidate.article.file, e.sentence.spans)
                                                   for i in best)) for e in candidate.evidence]

    def fitted(told: Sequence[bool]) -> LogisticModel:
        model = LogisticRegression(C=1.0, max_iter=2000).fit(np.array(rows), np.array(told))
        weights = dict(zip(names, map(float, model.coef_[0]), strict=True))
        return LogisticModel.of({"bias": float(model.intercept_[0])} | weights, ToldFeatures)

    return CardModels(fitted([bool(one) for one in parts]), fitted(["results" in one for one in parts]))


def features_of(asked: AskedCases) -> np.ndarray:
    """Return the features of each candidate: (candidates, features)."""
    rows = [list(named_features(candidate.features).values()) for candidate in asked.candidates]
    return np.array(rows).reshape(-1, len(feature_names(CaseFeatures)))


def apart(asked: Sequence[AskedCases]) -> list[np.ndarray]:
    """Return the probabilities of each question's candidates, by weights that were fitted on other topics."""
    out: list[np.ndarray] = [np.zeros(0)] * len(asked)
    for train, test in _folds(asked):
        model = fit_cards([asked[i] for i in train])
        for i in test:
            out[i] = np.array([model.probability(c.features) for c in asked[i].candidates])
    return out


@dataclass(frozen=True, slots=True)
class AtBar:
    """What a bar gives, over the questions that something answers and those that nothing does."""

    bar: float
    told: float
    right: float
    refused: float
    absent_refused: float

    @property
    def mean(self) -> float:
        return 2 * self.told * self.right / max(self.told + self.right, 1e-9)


def at_bar(asked: Sequence[AskedCases], probabilities: Sequence[np.ndarray], bar: float) -> AtBar:
    """Measure one bar: shares of the cases told, of the cards that are right, of the questions refused."""
    told, right, refused, absent = [], [], [], []
    for one, p in zip(asked, probabilities, strict=True):
        shown = [i for i in np.argsort(-p, kind="stable")[:MOST] if p[i] >= bar]
        if not one.question.grades:
            absent.append(not shown)
            continue
        refused.append(not shown)
        right += [one.best[i] >= BORDERLINE for i in shown]
        seen = {case for i in shown for case, grade in one.grades[i].items() if grade == ANSWERS}
        if one.question.best:
            told.append(min(1.0, len(seen) / min(MOST, len(one.question.best))))
    return AtBar(bar, *(float(np.mean(values)) if values else float("nan") for values in (told, right, refused, absent)))


@dataclass(frozen=True, slots=True)
class CaseFit:
    """What a fit gave: each bar, and the figures of each suite's whole answers, both with the topic measured left out."""

    bars: tuple[AtBar, ...]
    best: AtBar
    answers: dict[str, dict[str, float]]


def calibrate_cases(folder: Path, more: Sequence[Path], beside: Sequence[tuple[Path, Path]], encoder: Encoder, home: Path,
                    out: Path | None) -> CaseFit:
    """Fit, write the weights and the bar to `out` or the bundled file, and return what they give, measured apart.

    `beside` are pairs of a folder of pages and the file of questions about them.
    """
    base, main = CaseWeights.load(), read_case_suite(folder, more)
    suites = {folder.name: (main, folder / "articles")}
    suites |= {"/".join(q.parts[-2:]): (read_page_cases(q, pages), pages) for pages, q in beside}
    indexes = {}
    for number, (name, (_, articles)) in enumerate(suites.items()):
        Corpus(home / str(number), encoder).add([articles])
        indexes[name] = SearchIndex.open(home / str(number), encoder)
    asked = [one for name, (suite, _) in suites.items()
             for one in ask_cases(suite, Assistant(indexes[name]))]
    fitted, bars = fitted_on(asked, main, base)
    told: dict[str, list[CaseScores]] = {name: [] for name in suites}
    for train, test in _folds(asked):
        weights = fitted_on([asked[i] for i in train], main, base)[0]
        for name, (suite, _) in suites.items():
            assistant = Assistant(indexes[name], case_weights=weights)
            told[name] += [score_cases(q, assistant.invoke(Ask(q.text)), suite) for q in (
                asked[i].question for i in test if asked[i].suite is suite) if q.id == q.topic and q.grades]
    answers = {name: mean_scores(scores) for name, scores in told.items()}
    result = CaseFit(tuple(bars), next(one for one in bars if one.bar == fitted.bar), answers)
    (out or FITTED).write_text(fitted.to_toml(_comment_of(result)), encoding="utf-8")
    return result


def fitted_on(asked: Sequence[AskedCases], suite: CaseSuite, base: CaseWeights) -> tuple[CaseWeights, list[AtBar]]:
    """Return `base` with everything fitted to the questions, and what each bar gives, measured apart."""
    probabilities = apart(asked)
    bars = [at_bar(asked, probabilities, round(float(bar), 3)) for bar in np.arange(0.05, 0.9, 0.025)]
    return replace(base, answers=fit_cards(asked), bar=max(bars, key=lambda one: one.mean).bar,
                   sentences=fit_sentences(asked, suite)), bars


def _folds(asked: Sequence[AskedCases]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    topics = [one.question.topic for one in asked]
    return GroupKFold(min(FOLDS, len(set(topics)))).split(topics, groups=topics)


def _comment_of(result: CaseFit) -> str:
    best = result.best
    return "\n".join([
        "Made by: linjian eval calibrate-cases (see eval/LOG.md); each topic measured with weights fitted on the others:",
        f"  told {best.told:.3f}, right {best.right:.3f}, refused {best.refused:.3f} wrongly, {best.absent_refused:.3f} "
        "rightly;",
        *(f"  whole answers, {suite}: " + ", ".join(f"{name} {value:.2f}" for name, value in told.items())
          for suite, told in result.answers.items())])
