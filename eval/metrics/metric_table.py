"""The metrics: one table says what each is called, what it means, where it comes from and which way is better.

To add one, write a function of (case, answer, context) that returns a float, or None where it does not apply, and give it
a line in `METRICS`: it is then measured, stored, averaged, compared and reported. See docs/evaluate.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.types import Answer
from eval.datasets.types import EvalCase
from eval.metrics import citations, ranking, text_metrics
from eval.metrics.citations import Judge


@dataclass(frozen=True, slots=True)
class Context:
    """What a metric may look at beside case and answer: the texts by file, and who judges support."""

    texts: Mapping[str, str]
    judge: Judge


Measure = Callable[[EvalCase, Answer, Context], float | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """`better` is 1 where more is better, -1 where less is, 0 where neither."""

    name: str
    better: int
    meaning: str
    of: Measure


def _answerable(of: Measure, *needs: str) -> Measure:
    """Leave `of` out where the suite gives no answer, or not what it needs (fields of the case)."""

    def measure(case: EvalCase, answer: Answer, context: Context) -> float | None:
        return of(case, answer, context) if case.answerable and all(getattr(case, name) for name in needs) else None

    return measure


def _recall(k: int) -> Metric:
    return Metric(
        f"recall@{k}",
        1,
        f"share of the relevant documents (else gold quotes) in the first {k} retrieved; ir-measures",
        _answerable(lambda c, a, x: ranking.recall(c, a, x.texts, k)),
    )


METRICS = (
    _recall(1),
    _recall(5),
    _recall(10),
    Metric(
        "mrr@10",
        1,
        "1 / rank of the first relevant document or passage with a gold quote, 0 beyond 10; ir-measures",
        _answerable(lambda c, a, x: ranking.reciprocal_rank(c, a, x.texts)),
    ),
    Metric(
        "ndcg@10",
        1,
        "discounted gain of relevant documents by the suite's grades (Järvelin & Kekäläinen 2002); ir-measures",
        _answerable(lambda c, a, x: ranking.ndcg(c, a)),
    ),
    Metric(
        "evidence_recall",
        1,
        "share of the gold quotes that a citation overlaps by 10 characters",
        _answerable(lambda c, a, x: citations.evidence_recall(c, a, x.texts), "evidence"),
    ),
    Metric(
        "case_recall",
        1,
        "the same by community, over questions after several",
        _answerable(lambda c, a, x: citations.case_recall(c, a, x.texts), "evidence"),
    ),
    Metric(
        "evidence_precision",
        1,
        "share of the citations that overlap a gold quote or stand within 120 characters of one",
        _answerable(lambda c, a, x: citations.evidence_precision(c, a, x.texts), "evidence"),
    ),
    Metric(
        "citation_recall",
        1,
        "share of statements that their citations support (ALCE, Gao et al. 2023); the judge is stated",
        lambda c, a, x: citations.citation_recall(a, x.judge),
    ),
    Metric(
        "citation_precision",
        1,
        "share of citations that their statement needs (ALCE); the judge is stated",
        lambda c, a, x: citations.citation_precision(a, x.judge),
    ),
    Metric(
        "grounded",
        1,
        "share of citations whose quote is the file's text at their place",
        lambda c, a, x: citations.grounded(a, x.texts),
    ),
    Metric(
        "answer_recall",
        1,
        "share of the gold answers that the text holds",
        _answerable(lambda c, a, x: text_metrics.share_contained(a.text, c.answers), "answers"),
    ),
    Metric(
        "accuracy",
        1,
        "the text holds a wording of every gold answer (RGB, Chen et al. 2023)",
        _answerable(lambda c, a, x: text_metrics.contains_all(text_metrics.plain_text(a), c.groups), "groups"),
    ),
    Metric(
        "first_citation",
        1,
        "the first sentence cited holds a wording of a gold answer; 0 for a refusal",
        _answerable(lambda c, a, x: citations.first_citation(c, a), "groups"),
    ),
    Metric(
        "misled",
        -1,
        "the text holds a planted wrong answer and not the right one (RGB, counterfactual)",
        _answerable(
            lambda c, a, x: (
                text_metrics.contains_all(text_metrics.plain_text(a), (c.wrong_answers,))
                * (1 - text_metrics.contains_all(text_metrics.plain_text(a), c.groups))
            ),
            "wrong_answers",
        ),
    ),
    Metric(
        "exact_match",
        1,
        "the whole text is a gold answer (CMRC 2018, Cui et al. 2019)",
        _answerable(lambda c, a, x: text_metrics.exact_match(text_metrics.plain_text(a), c.references), "groups"),
    ),
    Metric(
        "f1",
        1,
        "F1 by character over the longest common run (CMRC 2018)",
        _answerable(lambda c, a, x: text_metrics.char_f1(text_metrics.plain_text(a), c.references), "groups"),
    ),
    Metric(
        "rouge_l",
        1,
        "F1 by character over the longest common subsequence (Lin 2004)",
        _answerable(lambda c, a, x: text_metrics.rouge_l(text_metrics.plain_text(a), c.references), "groups"),
    ),
    Metric(
        "wrong_refusal",
        -1,
        "share of the answerable questions that were refused",
        _answerable(lambda c, a, x: float(a.refused)),
    ),
    Metric(
        "right_refusal",
        1,
        "share of the unanswerable questions that were refused: recall of refusal",
        lambda c, a, x: None if c.answerable else float(a.refused),
    ),
    Metric(
        "off_topic_refusal",
        1,
        "the same over questions about something else",
        lambda c, a, x: float(a.refused) if c.off_topic else None,
    ),
    Metric(
        "near_miss_refusal",
        1,
        "the same over questions that the texts almost answer",
        lambda c, a, x: None if c.answerable or c.off_topic else float(a.refused),
    ),
    Metric(
        "refusal_precision",
        1,
        "share of the refused questions that are unanswerable",
        lambda c, a, x: float(not c.answerable) if a.refused else None,
    ),
    Metric(
        "characters",
        0,
        "length of the answer, of those that were given",
        lambda c, a, x: None if a.refused else float(len(text_metrics.squeeze(a.text))),
    ),
)
"""Every metric of one question; the refusal's AUROC is over all of them and stands in eval/run/result.py."""


def score(case: EvalCase, answer: Answer, context: Context) -> dict[str, float]:
    """Return every metric that applies to this question."""
    measured = {metric.name: metric.of(case, answer, context) for metric in METRICS}
    return {name: value for name, value in measured.items() if value is not None}
