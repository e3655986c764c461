"""Results for people: one HTML file that needs no network, or a Markdown table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import jinja2

from eval.metrics.estimate import Estimate
from eval.metrics.metric_table import METRICS
from eval.report import plots
from eval.run.result import AUROC, BETTER, Row, RunReport, coverage_accuracy, reliability, timings
from index.errors import LinjianError

MEANINGS = {metric.name: metric.meaning for metric in METRICS} | {
    AUROC: "chance that an answerable question is surer than an unanswerable one"
}
SHORT = (
    "recall@10",
    "mrr@10",
    "evidence_recall",
    "case_recall",
    "evidence_precision",
    "grounded",
    "accuracy",
    "f1",
    "wrong_refusal",
    "off_topic_refusal",
    "near_miss_refusal",
    AUROC,
    "characters",
)
"""Metrics of the table in a README."""
JUDGED_BY = ("evidence_recall", "accuracy", "recall@10")
"""What makes a question bad, first of those that a suite has; also the accuracy of the coverage curve."""
WORST = 20


def as_html(reports: Sequence[RunReport]) -> str:
    """Return one page: tables, plots and the worst questions with their evidence. Every text of a result is escaped."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["figure"] = figure
    template = environment.from_string(Path(__file__).with_name("report.html").read_text("utf-8"))
    return template.render(
        reports=reports,
        tables=list(_tables(reports)),
        plots=list(_plots(reports)),
        by_type=[_by_type(r) for r in reports if len(r.types) > 1],
        worst=[(report, worst(report)) for report in reports],
    )


def as_markdown(reports: Sequence[RunReport], *, short: bool = False) -> str:
    """Return a table for each suite, floor and ceiling beside the results; `short` leaves the lesser metrics out."""
    parts = []
    for suite, columns, table in _tables(reports):
        first = next(report for report in reports if report.suite == suite)
        lines = [
            f"**{suite}**: {len(first.rows)} questions{_shortened(first)}; commit {_commit(first)}, "
            f"{first.made_with.get('date', 'no date')}; 95% intervals; support judged by {first.judge.partition(':')[0]}",
            "",
            f"| metric | {' | '.join(columns)} |",
            "|---" * (len(columns) + 1) + "|",
        ]
        for name, _, cells in table:
            if not short or name in SHORT:
                lines.append(f"| {name} | {' | '.join(_cell(cell) for cell in cells)} |")
        for report in (report for report in reports if report.suite == suite):
            times = ", ".join(f"{stage} {p50:.0f} / {p95:.0f} ms" for stage, (p50, p95) in timings(report.rows).items())
            held = f"{report.memory_mb:.0f} MB at most"
            lines += ["", f"{_plain(report.answerer)}: {times} (p50 / p95){_indexed(report)}, {held}"]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def put_into(path: Path, name: str, text: str) -> None:
    """Put `text` between `<!-- name -->` and `<!-- /name -->` of a file; LinjianError when they are not there."""
    before = path.read_text("utf-8") if path.is_file() else ""
    block = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- /{re.escape(name)} -->)", re.DOTALL)
    if not block.search(before):
        raise LinjianError(f"{str(path)!r} has no lines <!-- {name} --> and <!-- /{name} --> to put the table between.")
    path.write_text(block.sub(lambda found: f"{found[1]}{text}{found[2]}", before, count=1), "utf-8")


def worst(report: RunReport) -> list[Row]:
    """Return the questions that went worst, unanswerable ones that were answered among them."""

    def goodness(row: Row) -> float:
        if not row.answerable:
            return float(row.refused)
        return next((row.scores[name] for name in JUDGED_BY if name in row.scores), 1.0)

    bad = sorted((row for row in report.rows if goodness(row) < 1), key=lambda row: (goodness(row), row.id))
    return bad[:WORST]


def figure(value: float) -> str:
    """Return a figure with three digits behind the point, or none where it is large."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.0f}"


def _tables(reports: Sequence[RunReport]) -> Iterable[tuple[str, list[str], list[tuple[str, str, list[Estimate | None]]]]]:
    for suite in dict.fromkeys(report.suite for report in reports):
        own = [report for report in reports if report.suite == suite]
        if len({report.corpus for report in own}) > 1:
            raise LinjianError(f"Results of {suite!r} are of different corpora. Report them apart, or run them again.")
        columns: dict[str, Mapping[str, Estimate]] = {"random": own[0].floor, "oracle": own[0].ceiling}
        for report in own:
            name = report.answerer
            while name in columns:
                name += "'"
            columns[name] = report.summary
        ordered = {name: columns[name] for name in [*list(columns)[2:], "random", "oracle"]}
        names = [name for name in BETTER if any(name in report.summary for report in own)]
        yield suite, list(ordered), [(n, MEANINGS[n], [column.get(n) for column in ordered.values()]) for n in names]


def _plots(reports: Sequence[RunReport]) -> Iterable[tuple[str, str]]:
    names = {id(r): r.answerer if len({x.suite for x in reports}) == 1 else f"{r.answerer}, {r.suite}" for r in reports}
    recall = {
        names[id(r)]: [(k, r.summary[f"recall@{k}"].value) for k in (1, 5, 10) if f"recall@{k}" in r.summary]
        for r in reports
    }
    if any(recall.values()):
        yield "Recall", plots.lines({n: p for n, p in recall.items() if p}, across="first k retrieved", up="recall")
    sure = {names[id(r)]: r for r in reports if any(row.confidence is not None for row in r.rows)}
    if sure:
        yield (
            "Reliability: is it as answerable as it says?",
            plots.lines(
                {n: [(x, y) for x, y, _ in reliability(r.rows)] for n, r in sure.items()},
                across="stated probability",
                up="answerable",
                diagonal=True,
            ),
        )
        yield (
            "Coverage and accuracy",
            plots.lines(
                {
                    n: coverage_accuracy(r.rows, next((m for m in JUDGED_BY if m in r.summary), "accuracy"))
                    for n, r in sure.items()
                },
                across="share answered, surest first",
                up="right",
                dots=False,
            ),
        )
    times = {
        names[id(r)]: {
            f"{stage} {p}": value
            for stage, pair in timings(r.rows).items()
            for p, value in zip(("p50", "p95"), pair, strict=True)
        }
        for r in reports
    }
    yield "Time of each stage", plots.bars(times, up="milliseconds")


def _by_type(report: RunReport) -> tuple[RunReport, list[str], list[tuple[str, list[Estimate | None]]]]:
    figures = {kind: report.of_type(kind) for kind in report.types}
    return report, report.types, [(name, [figures[kind].get(name) for kind in report.types]) for name in report.summary]


def _cell(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    return f"{figure(estimate.value)} ({figure(estimate.low)}–{figure(estimate.high)})"


def _indexed(report: RunReport) -> str:
    """Return how long it took to load the model and index, by the clock and of the processor; "" where nothing was."""
    if not (seconds := report.made_with.get("index_seconds")):
        return ""
    cpu = report.made_with.get("index_cpu_seconds")
    return f", {seconds:.0f} s to load and index" + (f" ({cpu:.0f} s cpu)" if cpu else "")


def _shortened(report: RunReport) -> str:
    """Return the options that made the suite smaller, as they are typed; "" where it is whole."""
    options = report.made_with.get("options", {})
    given = [f"--{name} {options[name]}" for name in ("limit", "documents", "hard") if options.get(name)]
    return f" ({' '.join(given)})" if given else ""


def _commit(report: RunReport) -> str:
    return f"{report.made_with.get('commit', 'unknown')}{' with changes' if report.made_with.get('changed') else ''}"


def _plain(text: str) -> str:
    return re.sub(r"[|\n]", " ", text)
