"""Tables of `linjian eval parts`: retrieval part by part, with the reranker and without, refusal by whole and by signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from eval.metrics.estimate import LEVEL, Estimate, auroc, difference, mean, roc_area

Parts = Mapping[str, Any]
"""One file of `linjian eval parts ask`."""

SHOWN = ("passage", "sentence", "vectors", "lexical", "reciprocal ranks", "no passage", "no sentence", "fused")
HALVES = ("vectors", "lexical")
"""The two halves of the fused search."""
RESAMPLES = 1000


def retrieval(files: Sequence[Parts]) -> str:
    """Return recall@5 of each part alone, and of the fused search against the better of its halves."""
    lines = [_head("recall@5", [*SHOWN, "fused − better half"])]
    totals: dict[str, list[float]] = {part: [] for part in SHOWN}
    for made in files:
        rows = [row["ranked"] for row in made["rows"] if row["ranked"]]
        if not rows:
            continue
        values = {part: [row[part]["recall@5"] for row in rows] for part in SHOWN}
        for part, of in values.items():
            totals[part].append(float(np.mean(of)))
        better = max(HALVES, key=lambda part: float(np.mean(values[part])))
        gain = difference(values[better], values["fused"], made["seed"])
        cells = [*(_cell(mean(values[part], made["seed"])) for part in SHOWN),
                 f"{gain.value:+.3f} ({gain.low:+.3f}–{gain.high:+.3f})"]
        lines.append(_line(f"{made['suite']} ({len(rows)} questions, {made['passages']:,} passages)", cells))
    if len(totals["fused"]) > 1:
        best = max(float(np.mean(totals[part])) for part in HALVES)
        cells = [*(f"{np.mean(totals[part]):.3f}" for part in SHOWN), f"{np.mean(totals['fused']) - best:+.3f}"]
        lines.append(_line("mean of the sets", cells))
    return _text(files, lines)


def reading(files: Sequence[Parts]) -> str:
    """Return how the search ranks and its evidence without and with the reranker, and whether the first citation answers."""
    ways = ("fused", "evidence, without reranker", "evidence, with reranker")
    lines = [_head("suite", [f"{measure}: {way}" for measure in ("hit@1", "mrr@10") for way in ways]
                   + ["first citation answers: without", "with", "milliseconds (p50): without", "with"])]
    for made in files:
        rows = [row["ranked"] for row in made["rows"] if row["ranked"]]
        cells = [_cell(mean([row[way][measure] for row in rows], made["seed"])) if rows and way in rows[0] else "–"
                 for measure in ("hit@1", "mrr@10") for way in ways]
        for which in ("without", "with"):
            first = [row["first"][which] for row in made["rows"] if which in row["first"]]
            cells.append(_cell(mean(first, made["seed"])) if first else "–")
        for which in ("without", "with"):
            ms = [row["ms"][which] for row in made["rows"] if which in row["ms"]]
            cells.append(f"{np.median(ms):.0f}" if ms else "–")
        lines.append(_line(f"{made['suite']} ({len(rows)})", cells))
    return _text(files, lines)


def refusal(files: Sequence[Parts]) -> str:
    """Return how well the probability of an answer tells answerable questions from others, and the best single signal."""
    lines = [_head("AUROC", ["questions (of them unanswerable)", "reranker", "the whole", "best single signal",
                             "whole − signal", "answerable refused", "unanswerable refused"])]
    for made in files:
        for which in _ways(made):
            yes, no = _split(made, lambda row, which=which: row["sure"][which])
            if not yes or not no:
                continue
            areas = _signals(made, which)
            name = max(areas, key=areas.__getitem__)
            best = auroc(*_oriented(made, which, name), made["seed"])
            low, high = _gain(made, which, name)
            refused = [_split(made, lambda row, which=which: float(row["refused"][which]))[side] for side in (0, 1)]
            whole = auroc(yes, no, made["seed"])
            lines.append(_line(made["suite"], [
                f"{len(yes) + len(no)} ({len(no)})", which, _cell(whole), f"{name} {_cell(best)}",
                f"{whole.value - best.value:+.3f} ({low:+.3f}–{high:+.3f})",
                *(_cell(mean(side, made["seed"])) for side in refused)]))
    return _text(files, lines)


def signals(files: Sequence[Parts]) -> str:
    """Return the AUROC of every single signal of the gate, turned round where less means more answerable."""
    shown = [made for made in files if any(row["answerable"] for row in made["rows"])
             and not all(row["answerable"] for row in made["rows"])]
    columns = [(made, which, _signals(made, which)) for made in shown for which in _ways(made)]
    names = list(dict.fromkeys(name for _, _, found in columns for name in found))
    lines = [_head("AUROC of one signal", [f"{made['suite']}, {which}" for made, which, _ in columns])]
    for name in names:
        lines.append(_line(name, [f"{found[name]:.3f}" if name in found else "–" for _, _, found in columns]))
    return _text(shown, lines)


def refit(files: Sequence[Parts]) -> str:
    """Return the AUROC of the gate as it is and of one fitted on the other files' signals: how far a fit carries."""
    shown = [made for made in files if all(_split(made, lambda row: 1.0))]
    lines = [_head("AUROC", ["reranker", "as shipped", "fitted on the others", "mean of both"])]
    for which in ("without", "with"):
        of = {made["suite"]: _table(made, which) for made in shown if which in _ways(made)}
        for suite, (x, y, sure) in of.items():
            others = [rows for name, rows in of.items() if name != suite]
            if not others:
                continue
            train, answerable = np.vstack([o[0] for o in others]), np.concatenate([o[1] for o in others])
            weight = np.concatenate([np.full(len(o[1]), 1 / len(o[1])) for o in others])  # each suite counts the same
            model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000))
            model.fit(train, answerable, logisticregression__sample_weight=weight / weight.mean())
            fitted, given = model.decision_function(x), _logits(sure)
            areas = [auroc(list(s[y]), list(s[~y]), 0) for s in (given, fitted, (given + fitted) / 2)]
            lines.append(_line(suite, [which, *(_cell(area) for area in areas)]))
    return _text(shown, lines)


def _table(made: Parts, which: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return signals (questions, names), whether each is answerable, and the probability that was given."""
    rows = [row for row in made["rows"] if row["signals"][which]]
    names = sorted(rows[0]["signals"][which])
    x = np.array([[row["signals"][which][name] for name in names] for row in rows])
    return x, np.array([row["answerable"] for row in rows]), np.array([row["sure"][which] for row in rows])


def _logits(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


TABLES: dict[str, Callable[[Sequence[Parts]], str]] = {
    "retrieval": retrieval, "reading": reading, "refusal": refusal, "signals": signals,
    "refit": refit}
"""Name of a table -> what makes it."""


def _ways(made: Parts) -> list[str]:
    return [which for which in ("without", "with") if which in made["rows"][0]["sure"]]


def _split(made: Parts, of: Callable[[Mapping[str, Any]], float]) -> tuple[list[float], list[float]]:
    """Return what `of` says of the answerable questions, and of the others."""
    rows = made["rows"]
    return [of(row) for row in rows if row["answerable"]], [of(row) for row in rows if not row["answerable"]]


def _signals(made: Parts, which: str) -> dict[str, float]:
    """Return the AUROC of each signal; there are answerable questions and others."""
    names = dict.fromkeys(name for row in made["rows"] for name in row["signals"][which])
    return {name: roc_area(*_oriented(made, which, name)) for name in names}


def _oriented(made: Parts, which: str, name: str) -> tuple[list[float], list[float]]:
    """Return a signal of answerable questions and of others, with the sign that makes more mean answerable.

    Where nothing was found, the signal is the least of all.
    """
    told = [row["signals"][which].get(name) for row in made["rows"]]
    least = min(value for value in told if value is not None)
    yes, no = _split(made, lambda row: row["signals"][which].get(name, least))
    return (yes, no) if roc_area(yes, no) >= 0.5 else ([-x for x in yes], [-x for x in no])


def _gain(made: Parts, which: str, name: str) -> tuple[float, float]:
    """Return the interval of what the whole is better by than one signal, over questions drawn again within each side."""
    whole, one = _split(made, lambda row: row["sure"][which]), _oriented(made, which, name)
    chance = np.random.default_rng(made["seed"])
    gains = []
    for _ in range(RESAMPLES):
        drawn = [chance.integers(len(side), size=len(side)) for side in whole]
        areas = [
            roc_area(*(np.asarray(side)[picked] for side, picked in zip(scores, drawn, strict=True)))
            for scores in (whole, one)
        ]
        gains.append(areas[0] - areas[1])
    low, high = np.percentile(gains, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)


def _text(files: Sequence[Parts], lines: Sequence[str]) -> str:
    commits = dict.fromkeys(f"{made['commit']}{' with changes' if made.get('changed') else ''}" for made in files)
    dates, rerankers = dict.fromkeys(made["date"] for made in files), dict.fromkeys(str(made["reranker"]) for made in files)
    said = f"Commit {', '.join(commits)}, {', '.join(dates)}; 95% intervals; {', '.join(rerankers)}."
    return "\n".join([said, "", *lines]) + "\n"


def _head(first: str, columns: Sequence[str]) -> str:
    return f"| {first} | {' | '.join(columns)} |\n" + "|---" * (len(columns) + 1) + "|"


def _line(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _cell(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f}–{estimate.high:.3f})"
