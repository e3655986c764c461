"""A result: rows of one run, what they were made with, and the figures over them, in one JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from eval.datasets.types import SuiteError
from eval.metrics.estimate import Estimate, auroc, mean
from eval.metrics.metric_table import METRICS
from index.errors import LinjianError

FORMAT = 1
AUROC = "answerable_auroc"
BETTER = {metric.name: metric.better for metric in METRICS} | {AUROC: 1}


@dataclass(frozen=True, slots=True)
class Row:
    """One question, answered and scored. `gold` and `quotes` are what a reader of the report compares."""

    id: str
    type: str
    question: str
    answerable: bool
    refused: bool
    confidence: float | None
    text: str
    gold: tuple[str, ...]
    quotes: tuple[str, ...]
    scores: Mapping[str, float]
    timings_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run of one answerer over one suite. `made_with` is all that another run needs to give the same numbers."""

    suite: str
    suite_format: str
    corpus: str
    questions: str
    answerer: str
    judge: str
    seed: int
    made_with: Mapping[str, Any]
    rows: tuple[Row, ...]
    floor: Mapping[str, Estimate]
    ceiling: Mapping[str, Estimate]
    seconds: float = 0.0
    memory_mb: float = 0.0
    format: int = FORMAT
    summary: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def types(self) -> list[str]:
        return sorted({row.type for row in self.rows if row.type})

    def of_type(self, kind: str) -> Mapping[str, Estimate]:
        """Return the figures over the questions of one type."""
        return summarise([row for row in self.rows if row.type == kind], self.seed)


def summarise(rows: Sequence[Row], seed: int) -> dict[str, Estimate]:
    """Return mean and interval of every metric, in the order of the table of metrics, and the AUROC of the confidence."""
    figures = {}
    for metric in METRICS:
        values = [row.scores[metric.name] for row in rows if metric.name in row.scores]
        if values:
            figures[metric.name] = mean(values, seed)
    sure = [row for row in rows if row.confidence is not None]
    area = auroc(
        [row.confidence for row in sure if row.answerable], [row.confidence for row in sure if not row.answerable], seed
    )
    return figures | ({AUROC: area} if area else {})


def timings(rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """Return the median and the 95th percentile of each stage, in milliseconds."""
    stages = dict.fromkeys(stage for row in rows for stage in row.timings_ms)
    return {
        stage: tuple(
            float(x)
            for x in np.percentile([row.timings_ms[stage] for row in rows if stage in row.timings_ms], [50, 95])
        )
        for stage in stages
    }


def coverage_accuracy(rows: Sequence[Row], metric: str) -> list[tuple[float, float]]:
    """Return (share answered, mean of `metric` over them) as ever less sure questions are answered, surest first.

    An unanswerable question that is answered counts 0 (El-Yaniv and Wiener 2010 call it the risk-coverage curve).
    """
    sure = sorted((row for row in rows if row.confidence is not None), key=lambda row: -row.confidence)
    right = np.cumsum([row.scores.get(metric, 0.0) for row in sure])
    return [(n / len(sure), float(right[n - 1] / n)) for n in range(1, len(sure) + 1)]


def reliability(rows: Sequence[Row], bins: int = 10) -> list[tuple[float, float, int]]:
    """Return (mean confidence, share answerable, number) of the questions of each tenth of confidence."""
    out = []
    for b in range(bins):
        held = [row for row in rows if row.confidence is not None and min(int(row.confidence * bins), bins - 1) == b]
        if held:
            out.append(
                (
                    float(np.mean([row.confidence for row in held])),
                    float(np.mean([row.answerable for row in held])),
                    len(held),
                )
            )
    return out


def write_result(report: RunReport, path: Path) -> None:
    """Write a result; it appears whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(
        json.dumps(asdict(report), ensure_ascii=False, indent=1, allow_nan=False), "utf-8", errors="backslashreplace"
    )
    part.replace(path)


def read_result(path: Path) -> RunReport:
    """Read a result; LinjianError when the file is none, or of another release."""
    try:
        values = json.loads(path.read_text("utf-8"))
        if values["format"] != FORMAT:
            raise LinjianError(
                f"{str(path)!r} has format {values['format']}, this release reads {FORMAT}. Run it again."
            )
        rows = tuple(row_of(row) for row in values.pop("rows"))
        figures = {
            name: {k: Estimate(**v) for k, v in values.pop(name).items()} for name in ("floor", "ceiling", "summary")
        }
        return RunReport(**values, rows=rows, **figures)
    except OSError as error:
        raise LinjianError(
            f"{str(path)!r} cannot be read: {error.strerror or error}. Make it: linjian eval run"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SuiteError(f"{str(path)!r} is no result of `linjian eval run`: {error!r}.") from error


def row_of(values: Mapping[str, Any]) -> Row:
    """Return a row from its JSON."""
    return Row(**{**values, "gold": tuple(values["gold"]), "quotes": tuple(values["quotes"])})
