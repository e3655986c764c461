"""What was retrieved: recall, reciprocal rank and nDCG.

Where a suite names relevant documents, a document's rank is that of its first passage and ir-measures (trec_eval) counts.
Where it quotes evidence on pages, passages of any cut are compared by the quotes they overlap.
"""

from __future__ import annotations

from collections.abc import Mapping

import ir_measures
from ir_measures import RR, R, nDCG

from assistant.types import Answer
from eval.datasets.types import EvalCase, overlaps

Texts = Mapping[str, str]


def recall(case: EvalCase, answer: Answer, texts: Texts, k: int) -> float | None:
    """Return the share of the relevant documents, else of the gold quotes, among the first `k` retrieved."""
    if case.relevant:
        return _measured(R @ k, case, answer)
    ranks = _quote_ranks(case, answer, texts)
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else None


def reciprocal_rank(case: EvalCase, answer: Answer, texts: Texts, k: int = 10) -> float | None:
    """Return 1 / rank of the first relevant document (else of the first passage with a gold quote) of the first `k`."""
    if case.relevant:
        return _measured(RR @ k, case, answer)
    ranks = _quote_ranks(case, answer, texts)
    found = [rank for rank in ranks if rank is not None and rank <= k]
    return (1 / min(found) if found else 0.0) if ranks else None


def ndcg(case: EvalCase, answer: Answer, k: int = 10) -> float | None:
    """Return nDCG with the grades of the suite (Järvelin and Kekäläinen 2002); None without relevant documents."""
    return _measured(nDCG @ k, case, answer) if case.relevant else None


def _measured(measure: ir_measures.Measure, case: EvalCase, answer: Answer) -> float:
    ranking = list(dict.fromkeys(found.file for found in answer.retrieved))
    run = {"q": {document: float(-rank) for rank, document in enumerate(ranking)} or {"": 0.0}}
    return next(iter(ir_measures.iter_calc([measure], {"q": dict(case.relevant)}, run))).value


def _quote_ranks(case: EvalCase, answer: Answer, texts: Texts) -> list[int | None]:
    """Return for each gold quote the rank (from 1) of the first passage that overlaps it, None where none does."""
    return [
        next(
            (
                rank
                for rank, found in enumerate(answer.retrieved, start=1)
                if overlaps(gold, found.file, [(found.start, found.end)], texts.get(found.file, ""))
            ),
            None,
        )
        for gold in case.evidence
    ]
