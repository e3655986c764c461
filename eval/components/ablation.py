"""What each feature is worth: switch it off, fit the rest again on the other suites, and see what a suite loses.

Suites and questions as for `linjian eval calibrate`; each suite is measured with weights fitted on the others. What is
printed are the figures with all signals, and the differences without one: how often the best sentence is gold, evidence
recall and precision of the sentences that the built-in answer would say if it never refused, and the gate's AUROC against
questions off the topic and near-misses. The signals of the search (passage, sentence, lexical) are weighed, not fitted;
what they are worth stands in the table "retrieval" of `linjian eval parts`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.answer.answer_text import cite
from assistant.answer.calibration import FITTED, FITTED_RERANKED, Calibration
from assistant.answer.extractive import Cuts, choose
from assistant.evidence.features import Evidence
from assistant.evidence.rerank import was_reranked
from assistant.evidence.reranker import Reranker
from assistant.question.forms import Form
from assistant.types import Answer
from eval.datasets.own import read_cases
from eval.fit.calibrate import (
    ANSWERABILITY,
    ANSWERABILITY_READING,
    CASES,
    EVIDENCE,
    READING,
    FitQuestion,
    answerability_rows,
    ask_all,
    fit_answerability,
    fit_sentences,
    scored,
    stored_texts,
    sure,
)
from eval.metrics.citations import evidence_precision, evidence_recall
from eval.metrics.estimate import roc_area
from index.embedding.encoder import Encoder
from index.ingest.corpus import Corpus
from index.search.glossary import Glossary


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one suite: share of answerable questions whose best sentence is gold, evidence recall and precision, AUROCs."""

    first: float
    recall: float
    precision: float
    off_topic: float
    near_miss: float

    def __sub__(self, other: Figures) -> Figures:
        return Figures(*(a - b for a, b in zip(self.row(), other.row(), strict=True)))

    def row(self) -> tuple[float, ...]:
        return (self.first, self.recall, self.precision, self.off_topic, self.near_miss)


def measure(
    train: Sequence[FitQuestion], test: Sequence[FitQuestion], texts: Mapping[str, str], base: Calibration, without: Container[str] = ()
) -> Figures:
    """Fit on `train` without some features of the sentences, and measure on `test`; all else is as `base` has it."""
    weights = fit_sentences(train, base, without)
    near, far = answerability_areas(train, test, weights)
    first, recall, precision = [], [], []
    for asked in test:
        if not asked.case.answerable or not asked.case.evidence or asked.question.form is Form.CASES:
            continue  # what a list of cases says is weighed by calibrate-cases
        best_first = scored(asked, weights)
        answer = _said(asked, best_first, weights.cuts)
        gold = dict(zip(map(_key, asked.evidence), asked.gold, strict=True))
        first.append(bool(best_first) and gold[_key(best_first[0])])
        recall.append(evidence_recall(asked.case, answer, texts))
        precision.append(evidence_precision(asked.case, answer, texts))
    return Figures(
        float(np.mean(first)), float(np.mean(recall)), float(np.mean([p for p in precision if p is not None])), far, near)


def answerability_areas(
    train: Sequence[FitQuestion], test: Sequence[FitQuestion], weights: Calibration, without: Container[str] = ()
) -> tuple[float, float]:
    """Fit what is answerable on `train` without some features; return the AUROCs on `test`: near-misses, off-topic."""
    model = fit_answerability(train, answerability_rows(train, weights), without)
    p = sure(model, answerability_rows(test, weights))
    yes = np.array([a.case.answerable for a in test])
    off = np.array([a.case.off_topic for a in test])
    return roc_area(p[yes], p[~yes & ~off]), roc_area(p[yes], p[off])


def _key(e: Evidence) -> tuple[str, int]:
    return e.passage.id, e.sentence.start


def _said(asked: FitQuestion, best_first: Sequence[Evidence], cuts: Cuts) -> Answer:
    citations = cite(choose(asked.question, best_first, cuts))
    return Answer(question=asked.case.question, standalone_question=asked.question.text, language=asked.question.language,
                  text="", claims=(), citations=citations, retrieved=(), model="", index_version="")


def table(asked: Sequence[FitQuestion], without_glossary: Sequence[FitQuestion], texts: Mapping[str, Mapping[str, str]]) -> str:
    """Return a Markdown table for each suite."""
    read = any(was_reranked(a.evidence) for a in asked)
    base = Calibration.load(FITTED_RERANKED if read else FITTED)
    sentence = {f"sentence: {name}": (name,) for name in dict.fromkeys([*EVIDENCE, *CASES, *(READING if read else ())])}
    whole_question = {f"answerability: {name}": (name,)
                      for name in [*ANSWERABILITY, *(ANSWERABILITY_READING if read else ())]}
    if read:
        sentence["sentence: all that the reranker says"] = READING
        whole_question["answerability: all that the reranker says"] = ANSWERABILITY_READING
    parts = []
    for suite in dict.fromkeys(a.suite for a in asked):
        train, test = _apart(asked, suite)
        whole, weights = measure(train, test, texts[suite], base), fit_sentences(train, base)
        lines = [f"**{suite}**, fitted on {'itself' if train is test else 'the others'}", "",
                 "| without | best is gold | evidence recall | evidence precision | AUROC off-topic | AUROC near-miss |",
                 "|---|---|---|---|---|---|", _line("(nothing: all features)", whole, sign=False)]
        for name, left_out in sentence.items():
            lines.append(_line(name, measure(train, test, texts[suite], base, left_out) - whole, sign=True))
        for name, left_out in whole_question.items():
            near, far = answerability_areas(train, test, weights, left_out)
            lines.append(_line(name, replace(whole, off_topic=far, near_miss=near) - whole, sign=True))
        lines.append(_line("the glossary", measure(*_apart(without_glossary, suite), texts[suite], base) - whole, sign=True))
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _apart(asked: Sequence[FitQuestion], suite: str) -> tuple[Sequence[FitQuestion], Sequence[FitQuestion]]:
    test = [a for a in asked if a.suite == suite]
    return [a for a in asked if a.suite != suite] or test, test


def _line(name: str, figures: Figures, *, sign: bool) -> str:
    cells = [f"{value:{'+' if sign else ''}.3f}" if value == value else "–" for value in figures.row()]
    return f"| {name} | {' | '.join(cells)} |"


def ask_suites(pairs: Sequence[tuple[Path, Path]], off_topic: Sequence[Path], encoder: Encoder, reranker: Reranker | None,
               folder: Path) -> tuple[list[FitQuestion], list[FitQuestion], Mapping[str, Mapping[str, str]]]:
    """Ask all questions about their pages with and without the glossary; return both, and each suite's texts by file."""
    foreign = [case for path in off_topic for case in read_cases(path, all_off_topic=True)]
    asked: list[FitQuestion] = []
    plain: list[FitQuestion] = []
    texts: dict[str, dict[str, str]] = {}
    for pages, questions in pairs:
        name, home = f"{questions.parent.name}/{questions.name}", folder / f"{len(texts)}"
        Corpus(home, encoder).add([pages])
        texts[name] = stored_texts(home)
        cases = [*read_cases(questions), *foreign]
        asked += ask_all(name, home, encoder, cases, reranker)
        plain += ask_all(name, home, encoder, cases, reranker, glossary=Glossary([]))
        print(f"{name}: asked {len(cases)} questions twice", flush=True)
    return asked, plain, texts
