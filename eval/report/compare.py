"""Two results side by side: what differs, by how much, and whether more than chance has been shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import false_discovery_control

from eval.metrics.estimate import Difference, difference
from eval.metrics.metric_table import METRICS
from eval.run.result import Row, RunReport
from index.errors import LinjianError

ALPHA = 0.05
NOT_SHOWN = "no difference shown"


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric of two results; `p` is corrected for the number of metrics compared (Benjamini and Hochberg 1995)."""

    metric: str
    better: int
    difference: Difference
    p: float

    @property
    def verdict(self) -> str:
        if self.p >= ALPHA:
            return NOT_SHOWN
        if not self.better:
            return "B has more" if self.difference.value > 0 else "B has less"
        return "B is better" if self.difference.value * self.better > 0 else "A is better"


def compare(a: RunReport, b: RunReport) -> list[Compared]:
    """Compare the questions that both results hold; LinjianError when the results are of different corpora."""
    if a.corpus != b.corpus:
        raise LinjianError(
            f"The results are of different corpora ({a.suite}: {a.corpus[:12]}, {b.suite}: {b.corpus[:12]}) and cannot be "
            "compared. Run both over the same suite with the same --documents and --seed."
        )
    if a.judge != b.judge:
        raise LinjianError(
            f"The results were judged differently ({a.judge!r}, {b.judge!r}). Run one of them again: --judge"
        )
    pairs = in_common(a, b)
    if not pairs:
        raise LinjianError("The results have no question in common. Run both with the same --limit and --seed.")
    found: list[tuple[str, int, Difference]] = []
    for metric in METRICS:
        values = [
            (x.scores[metric.name], y.scores[metric.name])
            for x, y in pairs
            if metric.name in x.scores and metric.name in y.scores
        ]
        if values:
            found.append((metric.name, metric.better, difference(*zip(*values, strict=True), seed=a.seed)))
    corrected = false_discovery_control([d.p for _, _, d in found])
    return [Compared(name, better, d, float(p)) for (name, better, d), p in zip(found, corrected, strict=True)]


def in_common(a: RunReport, b: RunReport) -> list[tuple[Row, Row]]:
    """Return the rows of the questions that both results hold."""
    rows = {row.id: row for row in a.rows}
    return [(rows[other.id], other) for other in b.rows if other.id in rows and rows[other.id].question == other.question]


def as_markdown(a: RunReport, b: RunReport, rows: Sequence[Compared]) -> str:
    """Return the comparison as a Markdown table, with what it rests on."""
    lines = [
        f"A: {a.answerer}, commit {a.made_with.get('commit', 'unknown')}; B: {b.answerer}, commit "
        f"{b.made_with.get('commit', 'unknown')}; suite {a.suite}, {len(in_common(a, b))} questions in common.",
        "",
        "| metric | n | A | B | B - A (95%) | p | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        d = row.difference
        lines.append(
            f"| {row.metric} | {d.n} | {d.a:.3f} | {d.b:.3f} | {d.value:+.3f} ({d.low:+.3f} to {d.high:+.3f}) | "
            f"{row.p:.3f} | {row.verdict} |"
        )
    lines += ["", f"Paired permutation test, corrected for {len(rows)} metrics; below {ALPHA} counts as shown."]
    return "\n".join(lines)
