"""Fit which case answers a question, and the bar before its card: linjian eval calibrate-cases SUITE [--questions FILE ...]

SUITE is a folder of cases (eval/datasets/case_suite.py), FILE holds further wordings about it. A logistic regression weighs
what `CaseFeatures` sees of each candidate; borderline cases count for nothing. What is printed is measured with the wordings
of a topic on one side: each topic with weights fitted on the other topics. The bar is where, so measured, the harmonic mean
of cases told and cards right is highest. A case that was not found counts as not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from assistant.answer.calibration import FITTED, FITTED_RERANKED, Calibration
from assistant.answer.case_cards import CardModels, ToldFeatures, told_features
from assistant.assistant import Assistant
from assistant.evidence.case_candidates import CaseCandidate, CaseFeatures
from assistant.evidence.reranker import Reranker
from assistant.question.forms import Form
from assistant.types import Ask
from assistant.weights.logistic import LogisticModel, feature_names, named_features
from eval.datasets.case_suite import ANSWERS, BORDERLINE, CaseQuestion, CaseSuite, read_case_suite
from eval.metrics.case_scores import MOST, mean_scores, score_cases
from index.embedding.encoder import Encoder
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex

READING = ("reading", "reading_best")
FOLDS, STRENGTH = 5, 10.0
CASE_LINES = ("Cases: ", "  told ", "  whole answers: ")
"""Beginnings of the comment's lines that this command writes."""


@dataclass(frozen=True, slots=True)
class AskedCases:
    """A question, its candidates in the order of the assistant, and the gold cases that each tells with their grades."""

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
        yield AskedCases(question, state.candidates, told)


def _told(candidate: CaseCandidate, question: CaseQuestion, suite: CaseSuite) -> dict[str, int]:
    spans = [span for e in candidate.evidence for span in e.sentence.spans]
    return {i: grade for i, grade in question.grades.items()
            if i in suite.cases and suite.cases[i].parts_touched(candidate.article.file, spans)}


def fit_cards(asked: Sequence[AskedCases], names: Sequence[str]) -> LogisticModel:
    """Return the weights; all wordings of a topic count as one question."""
    wordings: dict[str, int] = defaultdict(int)
    for one in asked:
        wordings[one.question.topic] += 1
    rows = [(features_of(one, names), one.best, np.full(len(one.candidates), 1 / wordings[one.question.topic]))
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
    for one in asked:
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


def features_of(asked: AskedCases, names: Sequence[str]) -> np.ndarray:
    rows = [named_features(candidate.features) for candidate in asked.candidates]
    return np.array([[row[name] for name in names] for row in rows]).reshape(-1, len(names))


def apart(asked: Sequence[AskedCases], names: Sequence[str]) -> list[np.ndarray]:
    """Return the probabilities of each question's candidates, by weights that were fitted on other topics."""
    out: list[np.ndarray] = [np.zeros(0)] * len(asked)
    for train, test in _folds(asked):
        model = fit_cards([asked[i] for i in train], names)
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
    """What a fit gave: each bar and the figures of the suite's whole answers, both with the topic measured left out."""

    bars: tuple[AtBar, ...]
    best: AtBar
    answers: dict[str, float]


def calibrate_cases(folder: Path, more: Sequence[Path], encoder: Encoder, reranker: Reranker | None, home: Path,
                    out: Path | None) -> CaseFit:
    """Fit, write the weights and the bar to `out` or the bundled file, and return what they give, measured apart."""
    path = out or (FITTED_RERANKED if reranker else FITTED)
    base, suite = Calibration.load(path), read_case_suite(folder, more)
    Corpus(home, encoder).add([folder / "articles"])
    index = SearchIndex.open(home, encoder)
    asked = list(ask_cases(suite, Assistant(index, reranker=reranker)))
    names = [name for name in feature_names(CaseFeatures) if reranker or name not in READING]
    fitted, bars = fitted_on(asked, suite, names, base)
    told = []
    for train, test in _folds(asked):
        weights = {"reranker_calibration" if reranker else "calibration":
                   fitted_on([asked[i] for i in train], suite, names, base)[0]}
        assistant = Assistant(index, reranker=reranker, **weights)
        told += [score_cases(q, assistant.invoke(Ask(q.text)), suite) for q in (asked[i].question for i in test)
                 if q.id == q.topic and q.grades]
    result = CaseFit(tuple(bars), next(one for one in bars if one.bar == fitted.bar), mean_scores(told))
    path.write_text(fitted.to_toml(_comment_of(path, result)), encoding="utf-8")
    return result


def fitted_on(asked: Sequence[AskedCases], suite: CaseSuite, names: Sequence[str],
              base: Calibration) -> tuple[Calibration, list[AtBar]]:
    """Return `base` with everything of cases fitted to the questions, and what each bar gives, measured apart."""
    probabilities = apart(asked, names)
    bars = [at_bar(asked, probabilities, round(float(bar), 3)) for bar in np.arange(0.05, 0.9, 0.025)]
    return replace(base, cards=fit_cards(asked, names), bar=max(bars, key=lambda one: one.mean).bar,
                   card_sentences=fit_sentences(asked, suite)), bars


def _folds(asked: Sequence[AskedCases]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    topics = [one.question.topic for one in asked]
    return GroupKFold(min(FOLDS, len(set(topics)))).split(topics, groups=topics)


def _comment_of(path: Path, result: CaseFit) -> str:
    """Return the file's comment with the lines about cases said anew."""
    head = takewhile(lambda line: line.startswith("#"), path.read_text(encoding="utf-8").splitlines())
    kept = [line.removeprefix("#").removeprefix(" ") for line in head]
    best, told = result.best, ", ".join(f"{name} {value:.2f}" for name, value in result.answers.items())
    return "\n".join([*(line for line in kept if not line.startswith(CASE_LINES)),
                      "Cases: linjian eval calibrate-cases; each topic measured with weights fitted on the others:",
                      f"  told {best.told:.3f}, right {best.right:.3f}, refused {best.refused:.3f} wrongly and "
                      f"{best.absent_refused:.3f} rightly;",
                      f"  whole answers: {told}."])
