"""Fit the weights of the evidence and gate models and write `assistant/calibration.toml`.

    python -m eval.calibrate --suite PAGES QUESTIONS [--suite PAGES QUESTIONS ...] [--off-topic QUESTIONS ...]
                             [--reader] [--only-gate] [--out FILE]

PAGES is a folder of newspaper pages, QUESTIONS a file in the layout of examples/questions.jsonl about them; --off-topic is a
list of questions that no page answers, asked against every suite. Both models are logistic regressions; what is printed is
measured on each suite with the weights fitted on the other suites only, so it is never the fit that is praised. --only-gate
keeps the evidence model and the threshold that FILE has.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.assistant import Assistant
from assistant.calibration import BUNDLED, Calibration
from assistant.calibration import READ as READ_WEIGHTS
from assistant.evidence import Evidence, probability
from assistant.gate import gate_signals, of_both_gates
from assistant.question import Form, Question
from assistant.reader import NetworkReader, Reader
from assistant.rerank import as_before
from assistant.types import Ask
from eval.metrics.estimate import roc_area
from eval.suites import Case, overlaps, read_cases
from index.catalog import Catalog
from index.corpus import Corpus
from index.e5 import restore_e5
from index.encoder import BUNDLED as E5
from index.encoder import Encoder, load_encoder
from index.glossary import Glossary
from index.search import SearchIndex
from index.types import Retrieved
from index.versions import current

EVIDENCE = (
    "cosine_rank", "coverage", "beside", "context", "passage", "wanted", "length", "digits", "action", "speech", "plan",
    "placed",
)
CASES = (*EVIDENCE, "topic", "coverage_rank")
GATE = (
    "evidence", "cosine", "passage_cosine", "covered", "near", "topic_absent", "wanted", "wanted_best", "cases", "english",
    "no_words",
)
OFF_TOPIC_REFUSED = 0.985
"""Share of the off-topic questions that the threshold must refuse."""
WRONGLY_REFUSED = 0.03
"""Share of the answerable questions that the threshold of both gates together may refuse."""
READ = ("first", "read", "read_window", "read_best", "read_behind")
"""Signals of a sentence, and of the whole, that only the reader gives."""
GATE_READ = ("read", "read_window", "read_top")
UNFITTED = Calibration(evidence={"bias": 0.0}, cases={"bias": 0.0}, gate={"bias": 0.0}, threshold=0.0)
"""Finds the same candidates as any other calibration: only the order of sentences depends on the weights."""
OFF_TOPIC_WEIGHT, NEAR_MISS_WEIGHT = 0.7, 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, asked: its candidates as evidence, and which of them are gold."""

    suite: str
    case: Case
    question: Question
    retrieved: tuple[Retrieved, ...]
    evidence: tuple[Evidence, ...]
    gold: list[bool]
    assistant: Assistant


def ask_all(name: str, home: Path, encoder: Encoder, cases: Sequence[Case], reader: Reader | None,
            glossary: Glossary | None = None) -> list[Asked]:
    """Search for every question of a suite; with a reader, as the bundled first weights choose what is read."""
    assistant = Assistant(SearchIndex.open(home, encoder), calibration=None if reader else UNFITTED, reader=reader,
                          reader_calibration=UNFITTED, glossary=glossary)
    texts = {row.file: Catalog(current(home)).text(row.file) for row in Catalog(current(home)).files()}
    asked = []
    for case in cases:
        state = assistant.find(Ask(case.question, case.history))
        if not state.evidence:
            continue  # refused without asking the gate
        gold = [any(overlaps(g, e.article.file, e.sentence.spans, texts[e.article.file]) for g in case.evidence)
                for e in state.evidence]
        asked.append(Asked(name, case, state.question, state.retrieved, state.evidence, gold, assistant))
    return asked


def fit_sentences(asked: Sequence[Asked], without: Container[str] = ()) -> Calibration:
    """Fit which sentences are evidence; every question counts the same, however many candidates it has.

    Signals named in `without` are left out.
    """
    models = {}
    read = READ if any("read" in e.signals for a in asked for e in a.evidence) else ()
    for cases, plain in ((False, EVIDENCE), (True, CASES)):
        names = [name for name in (*plain, *read) if name not in without]
        rows = [(e.signals, gold, 1 / len(a.evidence)) for a in asked
                if a.case.answerable and (a.question.form is Form.CASES) == cases
                for e, gold in zip(a.evidence, a.gold, strict=True)]
        x = np.array([[signals[name] for name in names] for signals, _, _ in rows])
        weight = np.array([w for _, _, w in rows])
        models[cases] = _fit(names, x, np.array([gold for _, gold, _ in rows]), weight / weight.mean())
    return Calibration(evidence=models[False], cases=models[True], gate={}, threshold=0.0)


def fit_gate(asked: Sequence[Asked], rows: Sequence[Mapping[str, float]], without: Container[str] = ()) -> dict[str, float]:
    """Fit which questions are answered by the articles, from their `gate_rows`; signals in `without` are left out."""
    names = [name for name in (*GATE, *(GATE_READ if "read" in rows[0] else ())) if name not in without]
    x = np.array([[s[name] for name in names] for s in rows])
    weight = np.array([1.0 if a.case.answerable else OFF_TOPIC_WEIGHT if a.case.off_topic else NEAR_MISS_WEIGHT
                       for a in asked])
    return _fit(names, x, np.array([a.case.answerable for a in asked]), weight)


def gate_rows(asked: Sequence[Asked], sentences: Calibration) -> list[dict[str, float]]:
    """Return the gate's signals of each question, its evidence scored anew with the weights given."""
    out = []
    for a in asked:
        weights = sentences.for_form(a.question.form)
        again = [replace(e, score=probability(e.signals, weights)) for e in a.evidence]
        best_first = sorted(again, key=lambda e: -e.score)
        out.append(gate_signals(a.question, best_first, a.retrieved, a.assistant.index.rarity))
    return out


def both_gates(asked: Sequence[Asked], rows: Sequence[Mapping[str, float]], gate: Mapping[str, float]) -> np.ndarray:
    """Return how likely each question is answered, as the assistant with a reader sees it.

    `rows` are the questions' `gate_rows`.
    """
    plain = Calibration.load().gate
    before = [probability(gate_signals(a.question, as_before(a.evidence), a.retrieved, a.assistant.index.rarity), plain)
              for a in asked]
    return np.array([of_both_gates(probability(row, gate), p)
                     for row, p in zip(rows, before, strict=True)])


def threshold_of_both(asked: Sequence[Asked]) -> float:
    """Return the highest threshold, in steps of 0.05, that refuses at most WRONGLY_REFUSED of the answerable questions.

    Each suite is measured with weights fitted on the others.
    """
    found = []
    for suite in dict.fromkeys(a.suite for a in asked):
        others = [a for a in asked if a.suite != suite] or asked
        weights = fit_sentences(others)
        answerable = [a for a in asked if a.suite == suite and a.case.answerable]
        gate = fit_gate(others, gate_rows(others, weights))
        found.append(both_gates(answerable, gate_rows(answerable, weights), gate))
    p = np.concatenate(found)
    steps = np.arange(0.05, 0.96, 0.05)
    return float(max((t for t in steps if (p < t).mean() <= WRONGLY_REFUSED), default=steps[0]))


def _fit(names: Sequence[str], x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    model = LogisticRegression(C=1.0, max_iter=5000).fit(x, y, sample_weight=weight)
    return {"bias": float(model.intercept_[0])} | dict(zip(names, map(float, model.coef_[0]), strict=True))


def report(asked: Sequence[Asked], held_out: str, kept: Calibration | None = None) -> str:
    """Measure on one suite what was fitted on the others (on itself, and said so, where it is the only one); the sentences'
    weights are `kept`, if any."""
    train = [a for a in asked if a.suite != held_out]
    test = [a for a in asked if a.suite == held_out]
    weights = kept or fit_sentences(train or test)
    gate = fit_gate(train or test, gate_rows(train or test, weights))
    p = np.array([probability(row, gate) for row in gate_rows(test, weights)])
    first = [_first_is_gold(a, weights) for a in test if a.case.answerable]
    answerable = np.array([a.case.answerable for a in test])
    off = np.array([a.case.off_topic for a in test])
    near = ~answerable & ~off
    return (
        f"{held_out}{'' if train else ' (fitted on itself)'}: first sentence is gold {np.mean(first):.3f} "
        f"(n={len(first)}); gate AUROC off-topic {roc_area(p[answerable], p[off]):.3f} (n={off.sum()}), "
        f"near-miss {roc_area(p[answerable], p[near]):.3f} (n={near.sum()})"
    )


def _first_is_gold(a: Asked, sentences: Calibration) -> bool:
    weights = sentences.for_form(a.question.form)
    scores = [probability(e.signals, weights) for e in a.evidence]
    return a.gold[int(np.argmax(scores))]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("--suite", nargs=2, action="append", required=True, metavar=("PAGES", "QUESTIONS"), type=Path)
    parser.add_argument("--off-topic", type=Path, action="append", default=[], metavar="QUESTIONS")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache" / "linjian", help="keeps the model")
    parser.add_argument("--encoder", default="e5-small")
    parser.add_argument("--reader", action="store_true", help="fit the weights for what the reader reads")
    parser.add_argument("--only-gate", action="store_true", help="keep the evidence model and the threshold of the file")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args(argv)
    out = args.out or (READ_WEIGHTS if args.reader else BUNDLED)
    kept = Calibration.load(out) if args.only_gate else None
    encoder = load_encoder(args.encoder, cache=args.models, threads=1)
    reader = NetworkReader(restore_e5(args.models / E5)) if args.reader else None
    foreign = [case for path in args.off_topic for case in read_cases(path, all_off_topic=True)]
    asked: list[Asked] = []
    with tempfile.TemporaryDirectory() as folder:
        for pages, questions in args.suite:
            name = f"{questions.parent.name}/{questions.name}"
            home = Path(folder) / f"{len(asked)}"
            Corpus(home, encoder).add([pages])
            asked += ask_all(name, home, encoder, [*read_cases(questions), *foreign], reader)
            print(f"{name}: asked {sum(a.suite == name for a in asked)} questions", flush=True)
        lines = [report(asked, name, kept) for name in dict.fromkeys(a.suite for a in asked)]
        weights = kept or fit_sentences(asked)
        rows = gate_rows(asked, weights)
        gate = fit_gate(asked, rows)
        p = both_gates(asked, rows, gate) if reader else np.array([probability(row, gate) for row in rows])
        if kept:
            threshold = kept.threshold
        elif reader:
            threshold = threshold_of_both(asked)
        else:
            threshold = float(np.quantile(p[[a.case.off_topic for a in asked]], OFF_TOPIC_REFUSED))
    off = float(np.mean(p[[a.case.off_topic for a in asked]] < threshold)) if any(a.case.off_topic for a in asked) else 1.0
    refused = float(np.mean(p[[a.case.answerable for a in asked]] < threshold))
    lines.append(f"threshold: refuses {off:.1%} of the off-topic, {refused:.1%} of the answerable questions")
    options = " --reader" * args.reader + " --only-gate" * args.only_gate
    if kept:
        lines.append("The weights of sentences and the threshold are those that the file had before.")
    comment = [f"Made by: python -m eval.calibrate{options} (see eval/LOG.md).",
               "Measured on each suite with weights fitted on the others:", *lines]
    fitted = replace(weights, gate=gate, threshold=round(threshold, 3))
    out.write_text(fitted.to_toml("\n".join(comment)), encoding="utf-8")
    print("\n".join([*lines, f"threshold {threshold:.3f}; written: {out}"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
