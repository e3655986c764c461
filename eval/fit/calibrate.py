"""Fit the weights of evidence and answerability and write `assistant/weights/evidence.toml`.

    linjian eval calibrate PAGES QUESTIONS [PAGES QUESTIONS ...] [--off-topic QUESTIONS] [--reranker] [--only-gate]
                           [--out FILE]

PAGES is a folder of newspaper pages, QUESTIONS a file in the layout of examples/questions.jsonl about them; --off-topic is a
list of questions that no page answers, asked against every suite. Both models are logistic regressions; what is printed is
measured on each suite with the weights fitted on the other suites only, so it is never the fit that is praised. --only-gate
keeps the evidence model and the threshold that FILE has. The cuts stay as the bundled file has them; of another encoder
than the bundled one, the height of the cosines is measured too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.answer.answerability import (
    AnswerabilityFeatures,
    BestReading,
    CosineScale,
    answerability_features,
    combined_probability,
)
from assistant.answer.calibration import FITTED, FITTED_RERANKED, Calibration
from assistant.assistant import Assistant
from assistant.evidence.features import Evidence, Features, Reading
from assistant.evidence.rerank import as_before, was_reranked
from assistant.evidence.reranker import Reranker
from assistant.question.forms import Form
from assistant.question.understand import Question
from assistant.types import Ask
from assistant.weights.logistic import LogisticModel, feature_names, named_features
from eval.datasets.own import read_cases
from eval.datasets.types import EvalCase, overlaps
from eval.metrics.estimate import roc_area
from index.catalog.catalog import Catalog
from index.embedding.encoder import Encoder
from index.ingest.corpus import Corpus
from index.search.engine import SearchIndex
from index.search.glossary import Glossary
from index.search.versions import current
from index.types import Retrieved

EVIDENCE = (
    "cosine_rank", "coverage", "beside", "context", "passage", "wanted", "length", "digits", "action", "speech", "plan",
    "placed",
)
CASES = (*EVIDENCE, "topic", "coverage_rank")
ANSWERABILITY = tuple(feature_names(AnswerabilityFeatures))
OFF_TOPIC_REFUSED = 0.985
"""Share of the off-topic questions that the threshold must refuse."""
WRONGLY_REFUSED = 0.03
"""Share of the answerable questions that the threshold of both gates together may refuse."""
READING, ANSWERABILITY_READING = tuple(feature_names(Reading)), tuple(feature_names(BestReading))
"""Features of a sentence, and of the whole, that only the reranker gives."""
SAME_SPREAD = 30 * 0.03
"""What a standard deviation of the highest cosines amounts to: that of e5-small's, on its scale."""
OFF_TOPIC_WEIGHT, NEAR_MISS_WEIGHT = 0.7, 1.0


@dataclass(frozen=True, slots=True)
class FitQuestion:
    """One question, asked: its candidates as evidence, and which of them are gold."""

    suite: str
    case: EvalCase
    question: Question
    retrieved: tuple[Retrieved, ...]
    evidence: tuple[Evidence, ...]
    gold: list[bool]
    assistant: Assistant


def ask_all(name: str, home: Path, encoder: Encoder, cases: Sequence[EvalCase], reranker: Reranker | None,
            glossary: Glossary | None = None) -> list[FitQuestion]:
    """Search for every question of a suite; with a reranker, as the bundled first weights choose what is read."""
    # Without a reranker any weights find the same candidates: only the order of sentences depends on them.
    assistant = Assistant(SearchIndex.open(home, encoder), reranker=reranker, glossary=glossary)
    texts = stored_texts(home)
    asked = []
    for case in cases:
        state = assistant.find(Ask(case.question, case.history))
        if not state.evidence:
            continue  # refused without asking the gate
        gold = [any(overlaps(g, e.article.file, e.sentence.spans, texts[e.article.file]) for g in case.evidence)
                for e in state.evidence]
        asked.append(FitQuestion(name, case, state.question, state.retrieved, state.evidence, gold, assistant))
    return asked


def stored_texts(home: Path) -> dict[str, str]:
    """Return the text of every page of the current version, by file."""
    with closing(Catalog(current(home))) as catalog:
        return {row.file: catalog.text(row.file) for row in catalog.files()}


def fit_sentences(asked: Sequence[FitQuestion], base: Calibration, without: Container[str] = ()) -> Calibration:
    """Return `base` with new weights of sentences; every question counts the same, however many candidates it has.

    Features named in `without` are left out.
    """
    models = {}
    read = READING if any(was_reranked(a.evidence) for a in asked) else ()
    for cases, plain in ((False, EVIDENCE), (True, CASES)):
        names = [name for name in (*plain, *read) if name not in without]
        rows = [(named_features(e.features, e.reading), gold, 1 / len(a.evidence)) for a in asked
                if a.case.answerable and (a.question.form is Form.CASES) == cases
                for e, gold in zip(a.evidence, a.gold, strict=True)]
        if not rows:
            models[cases] = base.cases if cases else base.evidence
            continue
        x = np.array([[row[name] for name in names] for row, _, _ in rows])
        weight = np.array([w for _, _, w in rows])
        fitted = fit_logistic(names, x, np.array([gold for _, gold, _ in rows]), weight / weight.mean())
        models[cases] = LogisticModel.of(fitted, Features, Reading)
    return replace(base, evidence=models[False], cases=models[True])


def fit_answerability(asked: Sequence[FitQuestion], rows: Sequence[AnswerabilityFeatures],
                      without: Container[str] = ()) -> LogisticModel:
    """Fit which questions are answered, from their `answerability_rows`; features in `without` are left out."""
    names = [name for name in (*ANSWERABILITY, *(ANSWERABILITY_READING if rows[0].reading else ())) if name not in without]
    x = np.array([[values[name] for name in names] for values in (named_features(row, row.reading) for row in rows)])
    weight = np.array([1.0 if a.case.answerable else OFF_TOPIC_WEIGHT if a.case.off_topic else NEAR_MISS_WEIGHT
                       for a in asked])
    return LogisticModel.of(fit_logistic(names, x, np.array([a.case.answerable for a in asked]), weight),
                            AnswerabilityFeatures, BestReading)


def scored(asked: FitQuestion, sentences: Calibration) -> list[Evidence]:
    """Return the evidence of a question scored anew with the weights given, best first."""
    model = sentences.for_form(asked.question.form)
    again = [replace(e, score=model.probability(e.features, e.reading)) for e in asked.evidence]
    return sorted(again, key=lambda e: -e.score)


def answerability_rows(asked: Sequence[FitQuestion], sentences: Calibration) -> list[AnswerabilityFeatures]:
    """Return the features of each question as a whole, its evidence scored anew with the weights given."""
    return [answerability_features(a.question, scored(a, sentences), a.retrieved, sentences.cosines) for a in asked]


def sure(model: LogisticModel, rows: Sequence[AnswerabilityFeatures]) -> np.ndarray:
    """Return how likely each question is answered, by one model."""
    return np.array([model.probability(row, row.reading) for row in rows])


def sure_of_both(asked: Sequence[FitQuestion], rows: Sequence[AnswerabilityFeatures], model: LogisticModel,
                 counts: float) -> np.ndarray:
    """Return how likely each question is answered, as the assistant with a reranker sees it; `rows` are those of `asked`."""
    plain = Calibration.for_encoder(asked[0].assistant.index.encoder.name)
    before = [answerability_features(a.question, as_before(a.evidence), a.retrieved, plain.cosines) for a in asked]
    return np.array([combined_probability(*both, counts)
                     for both in zip(sure(model, rows), sure(plain.answerability, before), strict=True)])


def threshold_of_both(asked: Sequence[FitQuestion], base: Calibration) -> float:
    """Return the highest threshold, in steps of 0.05, that refuses at most WRONGLY_REFUSED of the answerable questions.

    Each suite is measured with weights fitted on the others.
    """
    found = []
    for suite in dict.fromkeys(a.suite for a in asked):
        others = [a for a in asked if a.suite != suite] or asked
        weights = fit_sentences(others, base)
        answerable = [a for a in asked if a.suite == suite and a.case.answerable]
        model = fit_answerability(others, answerability_rows(others, weights))
        found.append(sure_of_both(answerable, answerability_rows(answerable, weights), model, base.reading.counts))
    p = np.concatenate(found)
    steps = np.arange(0.05, 0.96, 0.05)
    return float(max((t for t in steps if (p < t).mean() <= WRONGLY_REFUSED), default=steps[0]))


def cosine_scale(asked: Sequence[FitQuestion]) -> CosineScale:
    """Return where the highest cosines of an encoder lie: their means, Chinese ones where no question is in English."""
    def means(of: Callable[[FitQuestion], float]) -> dict[str, float]:
        found = {language: [of(a) for a in asked if a.question.language == language] for language in ("zh", "en")}
        return {language: round(float(np.mean(found[language] or found["zh"] or found["en"])), 3) for language in found}

    highest = [max(e.features.raw_cosine for e in a.evidence) for a in asked]
    return CosineScale(sentence=means(lambda a: max(e.features.raw_cosine for e in a.evidence)),
                       passage=means(lambda a: max(r.dense for r in a.retrieved)),
                       slope=round(SAME_SPREAD / max(float(np.std(highest)), 1e-3), 1))


def fit_logistic(names: Sequence[str], x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """Return the weights of a logistic regression by name, "bias" among them."""
    model = LogisticRegression(C=1.0, max_iter=5000).fit(x, y, sample_weight=weight)
    return {"bias": float(model.intercept_[0])} | dict(zip(names, map(float, model.coef_[0]), strict=True))


def report(asked: Sequence[FitQuestion], held_out: str, base: Calibration, *, only_gate: bool = False) -> str:
    """Measure on one suite what was fitted on the others (on itself, and said so, where it is the only one).

    With `only_gate` the sentences' weights are those of `base`.
    """
    train = [a for a in asked if a.suite != held_out]
    test = [a for a in asked if a.suite == held_out]
    weights = base if only_gate else fit_sentences(train or test, base)
    model = fit_answerability(train or test, answerability_rows(train or test, weights))
    p = sure(model, answerability_rows(test, weights))
    first = [_first_is_gold(a, weights) for a in test if a.case.answerable]
    answerable = np.array([a.case.answerable for a in test])
    off = np.array([a.case.off_topic for a in test])
    near = ~answerable & ~off
    return (
        f"{held_out}{'' if train else ' (fitted on itself)'}: first sentence is gold {np.mean(first):.3f} "
        f"(n={len(first)}); gate AUROC off-topic {roc_area(p[answerable], p[off]):.3f} (n={off.sum()}), "
        f"near-miss {roc_area(p[answerable], p[near]):.3f} (n={near.sum()})"
    )


def _first_is_gold(a: FitQuestion, sentences: Calibration) -> bool:
    model = sentences.for_form(a.question.form)
    return a.gold[int(np.argmax([model.probability(e.features, e.reading) for e in a.evidence]))]


def fit(pairs: Sequence[tuple[Path, Path]], off_topic: Sequence[Path], encoder: Encoder, reranker: Reranker | None, folder: Path,
        *, only_gate: bool, out: Path | None) -> None:
    """Fit both models on the suites, indexed in `folder`, print how they do, and write them to `out` or the bundled file."""
    bundled = FITTED_RERANKED if reranker else FITTED
    out = out or bundled
    base = Calibration.load(out if only_gate else bundled)
    foreign = [case for path in off_topic for case in read_cases(path, all_off_topic=True)]
    asked: list[FitQuestion] = []
    for number, (pages, questions) in enumerate(pairs):
        name, home = f"{questions.parent.name}/{questions.name}", folder / f"{number}"
        Corpus(home, encoder).add([pages])
        asked += ask_all(name, home, encoder, [*read_cases(questions), *foreign], reranker)
        print(f"{name}: asked {sum(a.suite == name for a in asked)} questions", flush=True)
    if base.encoder != encoder.name:
        base = replace(base, encoder=encoder.name, cosines=cosine_scale(asked))
    weights = base if only_gate else fit_sentences(asked, base)
    asked = [a for a in asked if a.question.form is not Form.CASES]  # each case has a bar of its own: calibrate_cases.py
    lines = [report(asked, name, base, only_gate=only_gate) for name in dict.fromkeys(a.suite for a in asked)]
    rows = answerability_rows(asked, weights)
    model = fit_answerability(asked, rows)
    p = sure_of_both(asked, rows, model, base.reading.counts) if base.reading else sure(model, rows)
    if only_gate:
        threshold = base.threshold
    elif reranker:
        threshold = threshold_of_both(asked, base)
    else:
        threshold = float(np.quantile(p[[a.case.off_topic for a in asked]], OFF_TOPIC_REFUSED))
    off = float(np.mean(p[[a.case.off_topic for a in asked]] < threshold)) if any(a.case.off_topic for a in asked) else 1.0
    refused = float(np.mean(p[[a.case.answerable for a in asked]] < threshold))
    lines.append(f"threshold: refuses {off:.1%} of the off-topic, {refused:.1%} of the answerable questions")
    options = " --reranker" * (reranker is not None) + " --only-gate" * only_gate
    if only_gate:
        lines.append("The weights of sentences and the threshold are those that the file had before.")
    comment = [f"Made by: linjian eval calibrate{options} (see eval/LOG.md).",
               "Measured on each suite with weights fitted on the others:", *lines]
    fitted = replace(weights, answerability=model, threshold=round(threshold, 3))
    out.write_text(fitted.to_toml("\n".join(comment)), encoding="utf-8")
    print("\n".join([*lines, f"threshold {threshold:.3f}; written: {out}"]))
