"""Which part does the work: each search signal alone, each signal of the gate alone, the reranker off and on.

`linjian eval parts ask` indexes the suite as `linjian eval run` does and asks every question without and with the reranker.
It stores, a row for each question: how each part ranks what is relevant, what the gate says, and whether the first citation
answers. `--off-topic` adds questions that nothing answers, `--among` documents of another corpus that nothing asks about.
`linjian eval parts report` makes tables of it, all suites with the one setting they were asked under
(eval/components/component_tables.py).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.answer.answerability import answerability_features
from assistant.answer.calibration import Calibration
from assistant.assistant import Assistant
from assistant.evidence.features import Evidence
from assistant.evidence.reranker import Reranker
from assistant.types import Answer, Ask, Found
from assistant.weights.logistic import named_features
from eval.components.signal_rankings import matched_words, rankings
from eval.datasets.own import read_cases, read_documents
from eval.datasets.types import EvalCase, Suite
from eval.metrics import ranking
from eval.metrics.citations import first_citation
from eval.run.corpora import index_suite, texts_of
from eval.run.run_suite import environment
from eval.training.training_data import half_of
from index.embedding.encoder import Encoder
from index.progress import Bar, pace
from index.search.engine import SearchIndex, bundled_weights
from index.search.versions import current, manifest_of
from index.types import Passage


@dataclass(frozen=True, slots=True)
class QuestionRanks:
    """One question: how well each part ranks (`ranked`: part -> measure -> value; {} where nothing is relevant), and for the
    whole "without" and "with" the reranker the gate's `signals`, the probability that it is answered (`sure`), whether it
    was `refused`, and whether the first citation holds a gold answer (`first`, where there is one). `matched` is the best
    BM25 score as a share of what a passage with all the question's terms could reach."""

    id: str
    type: str
    answerable: bool
    ranked: Mapping[str, Mapping[str, float]]
    signals: Mapping[str, Mapping[str, float]]
    sure: Mapping[str, float]
    refused: Mapping[str, bool]
    first: Mapping[str, float]
    matched: float = 0.0
    ms: Mapping[str, float] = field(default_factory=dict)


def ask(case: EvalCase, assistants: Mapping[str, Assistant], texts: Mapping[str, str]) -> QuestionRanks:
    """Ask one question of every assistant and measure the parts."""
    ranked, signals, sure, refused, first, ms = {}, {}, {}, {}, {}, {}
    scale = Calibration.load().cosines
    for name, assistant in assistants.items():
        state = assistant.find(Ask(case.question, case.history))
        question, evidence = state.question, state.evidence
        answer = replace(state.answer, timings_ms=dict(state.timings_ms))
        if not ranked:
            matched = matched_words(assistant.index, question)
            ranked = {part: _measured(case, answer, passages, texts)
                      for part, passages in rankings(assistant.index, question).items()}
        ranked[f"evidence, {name} reranker"] = _measured(case, answer, _by_evidence(evidence), texts)
        found = answerability_features(question, evidence, state.ranked, scale)
        signals[name] = named_features(found, found and found.reading)
        sure[name], refused[name] = answer.answerable, answer.refused
        if case.answerable and case.groups:
            first[name] = first_citation(case, answer)
        ms[name] = sum(answer.timings_ms.values())
    relevant = case.answerable and (case.relevant or case.evidence)
    return QuestionRanks(case.id, case.type, case.answerable, ranked if relevant else {}, signals, sure, refused, first, matched, ms)


def _by_evidence(evidence: Sequence[Evidence]) -> list[tuple[str, Passage]]:
    return list({e.passage.id: (e.article.file, e.passage) for e in evidence}.values())


def _measured(
    case: EvalCase, answer: Answer, passages: Sequence[tuple[str, Passage]], texts: Mapping[str, str]
) -> dict[str, float]:
    found = tuple(Found(p.id, p.article_id, "", "", file, p.start, p.end, 0.0) for file, p in passages)
    ranked = replace(answer, retrieved=found)
    measures: dict[str, Callable[[], float | None]] = {
        "recall@5": lambda: ranking.recall(case, ranked, texts, 5),
        "recall@10": lambda: ranking.recall(case, ranked, texts, 10),
        "hit@1": lambda: ranking.reciprocal_rank(case, ranked, texts, 1),
        "hit@5": lambda: float(bool(ranking.reciprocal_rank(case, ranked, texts, 5))),
        "mrr@10": lambda: ranking.reciprocal_rank(case, ranked, texts, 10),
    }
    return {name: value for name, of in measures.items() if (value := of()) is not None}


def extended(suite: Suite, *, off_topic: Sequence[Path], half: int | None, among: Path | None, among_documents: int,
             seed: int) -> Suite:
    """Return a suite with questions that nothing answers, one half of its own, or documents of another corpus."""
    for path in off_topic:
        foreign = read_cases(path, all_off_topic=True)
        suite = replace(suite, name=f"{suite.name}+{path.parent.name}", cases=(*suite.cases, *foreign))
    if half is not None:
        suite = replace(suite, name=f"{suite.name} half {half}",
                        cases=tuple(case for case in suite.cases if half_of(case.question) == half))
    if among:
        known = {document.id for document in suite.documents}
        others = read_documents(among)
        drawn = random.Random(seed).sample(others, min(among_documents, len(others)))
        suite = replace(suite, name=f"{suite.name}+{among.parent.name}",
                        documents=(*suite.documents, *(d for d in drawn if d.id not in known)))
    return suite


def ask_all(suite: Suite, home: Path, encoder: Encoder, reranker: Reranker | None, seed: int) -> dict[str, Any]:
    """Index a suite in `home`, ask all its questions, and return what is stored: how it was made, and a row a question."""
    texts, made_by = texts_of(suite), environment()
    with Bar() as bar:
        index_suite(suite, home, encoder, bar)
    index = SearchIndex.open(home, encoder)
    assistants = {"without": Assistant(index)} | ({"with": Assistant(index, reranker=reranker)} if reranker else {})
    rows = [ask(case, assistants, texts) for case in tqdm(suite.cases, desc="asking", unit="question", mininterval=pace())]
    return {
        "suite": suite.name, "corpus": suite.corpus_fingerprint, "questions": suite.questions_fingerprint, "seed": seed,
        "date": datetime.now(UTC).date().isoformat(), **made_by,
        "reranker": reranker.name if reranker else None, "documents": len(suite.documents),
        "passages": manifest_of(current(home)).passages, "weights": asdict(bundled_weights()),
        "rows": [asdict(row) for row in rows],
    }
