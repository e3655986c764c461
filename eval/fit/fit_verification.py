"""Fit claim verification and write `assistant/weights/verification.toml`: does a premise carry a claim, or not?

Each FOLDER holds corpus.jsonl (id, title, text, perhaps date and place) and claims.jsonl (id, claim, label "supported" or
"unsupported", evidence: corpus ids, kind); the sets of eval/claims that the network has not learned from stand beside them.
The articles of a folder are halved five times; what is printed is measured on the half that was not fitted (and, for each
folder, with the weights fitted on the other folders alone). Folders weigh the same. Two models are made: one that compares,
and one that has also what the network read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.verify.entailment import EntailmentReader
from assistant.verify.verify import FITTED, Content, Readings, Verifier
from assistant.weights.logistic import LogisticModel, feature_names, named_features
from eval.fit.calibrate import fit_logistic
from eval.fit.checked_claims import CLAUSE, SETS, CheckedClaim, check, cosine_zero, read_folder, read_sets
from eval.metrics.estimate import roc_area
from index.embedding.encoder import Encoder

SPLITS = 5
STOPPED = 0.9
"""Share of the unsupported claims of every folder that the threshold must stop, on the halves not fitted."""
AGAINST = {"words_missing", "opposed", "elsewhere", "unsaid"}
"""Features that may only lower the probability; the others may only raise it."""


def fit(rows: Sequence[CheckedClaim], *, read: bool = False) -> LogisticModel:
    """Fit one logistic model on the claims that lack no fact (those that do are decided already).

    Every suite and, in it, each label weighs the same. A feature that comes out with the wrong sign is left out: being
    carried word for word can never count against a claim.
    """
    rows = [r for r in rows if not r.missing]
    kinds = (type(rows[0].features), Readings) if read else (type(rows[0].features),)
    names = [name for kind in kinds for name in feature_names(kind)]
    share = {key: sum((r.suite, r.supported) == key for r in rows) for key in {(r.suite, r.supported) for r in rows}}
    weight = np.array([1 / share[r.suite, r.supported] for r in rows])
    y = np.array([r.supported for r in rows])
    while True:
        x = np.array([[named_features(r.features, r.readings)[name] for name in names] for r in rows])
        weights = fit_logistic(names, x, y, weight * len(rows) / weight.sum())
        wrong = [name for name in names if (weights[name] < 0) != (name in AGAINST)]
        if not wrong:
            return LogisticModel.of(weights, *kinds)
        names = [name for name in names if name not in wrong]


def score(rows: Sequence[CheckedClaim], model: LogisticModel) -> np.ndarray:
    """Return the probability of each claim; one that lacks a fact ranks below all that lack none."""
    return np.array([-1.0 if r.missing else model.probability(*filter(None, (r.features, r.readings))) for r in rows])


def held_out(rows: Sequence[CheckedClaim], *, read: bool = False) -> np.ndarray:
    """Return the scores of the rows in SPLITS halvings of the articles, each by weights of the half that it is not in:
    (SPLITS, rows)."""
    articles = sorted({(r.suite, r.article) for r in rows})
    out = np.full((SPLITS, len(rows)), np.nan)
    for split in range(SPLITS):
        order = np.random.default_rng(split).permutation(len(articles))
        half = {articles[i] for i in order[: len(articles) // 2]}
        for train_half in (True, False):
            train = [r for r in rows if ((r.suite, r.article) in half) == train_half]
            at = [i for i, r in enumerate(rows) if ((r.suite, r.article) in half) != train_half]
            out[split, at] = score([rows[i] for i in at], fit(train, read=read))
    return out


def fit_folders(folders: Sequence[Path], sets: tuple[Path, Path], encoder: Encoder, reader: EntailmentReader | None,
                cache: Path, *, out: Path | None, dry: bool, show_wrong: bool) -> None:
    """Fit the check on all folders and the sets (claims, articles) and print how it does; unless `dry`, write it to `out` or
    the bundled file. Without a reader the model that reads stays as it is."""
    pairs = [pair for folder in folders for pair in read_folder(folder, encoder, cache)]
    pairs += read_sets(*sets, encoder, cache) if reader else []
    base = replace(Verifier.load(), reader=reader)
    if base.encoder != encoder.name:
        base = replace(base, encoder=encoder.name, cosines=cosine_zero(pairs))
    rows, made, lines = check(pairs, base), base, []
    for read in (False, True) if reader else (False,):
        own = [r for r in rows if read or r.suite != SETS]  # to stop those, what only compares would stop all
        content, told = _content(own, read=read, show_wrong=show_wrong)
        made = replace(made, read=content) if read else replace(made, compared=content)
        lines += told
    print("\n".join(lines))
    if not dry:
        out = out or FITTED
        comment = "\n".join(["Made by: linjian eval support (see eval/LOG.md).", *(line for line in lines if line[0] != " ")])
        out.write_text(made.to_toml(comment), encoding="utf-8")
        print(f"written: {out}")


def _content(rows: Sequence[CheckedClaim], *, read: bool, show_wrong: bool) -> tuple[Content, list[str]]:
    """Return the two models with their thresholds, and lines that say what they give."""
    lines, models, thresholds = [], {}, {}
    for across in (False, True):
        own = [r for r in rows if r.across == across]
        scores = held_out(own, read=read)
        mean = scores.mean(axis=0)
        y = np.array([r.supported for r in own])
        thresholds[across] = round(float(np.clip((_best_apart if read else _stopping)(own, mean), 0.05, 0.95)), 3)
        models[across] = fit(own, read=read)
        for suite in dict.fromkeys(r.suite for r in own):
            at = np.array([r.suite == suite and r.kind != CLAUSE for r in own])
            each = [roc_area(s[at & y], s[at & ~y]) for s in scores]
            line = f"{suite}, {'across languages' if across else 'same language'}{', read' if read else ''}: " \
                   f"AUROC {np.mean(each):.3f} ({min(each):.3f} to {max(each):.3f} over {SPLITS} halvings; n={at.sum()})"
            others = [r for r in own if r.suite != suite]
            if {r.supported for r in others} == {True, False}:
                foreign = score([r for r, one in zip(own, at, strict=True) if one], fit(others, read=read))
                line += f", fitted on the other folders {roc_area(foreign[y[at]], foreign[~y[at]]):.3f}"
            passed = mean >= thresholds[across]
            lines.append(line + f"; at the threshold {passed[at & y].mean():.1%} of the supported pass, "
                                f"{passed[at & ~y].mean():.1%} of the others")
            kinds = sorted({r.kind for r, one in zip(own, at, strict=True) if one})
            lines.append("  passed: " + ", ".join(
                f"{kind} {passed[[r.suite == suite and r.kind == kind for r in own]].mean():.2f}" for kind in kinds))
            lines += [f"  {'-' if r.supported else '+'} {suite} {r.kind} {m:.2f} {'!' if r.missing else ''} {r.claim}"
                      for r, m in zip(own, mean, strict=True) if show_wrong and r.suite == suite and r.kind != CLAUSE
                      and (m >= thresholds[across]) != r.supported]
    return Content(models[False], models[True], thresholds[False], thresholds[True]), lines


def _stopping(rows: Sequence[CheckedClaim], scores: np.ndarray) -> float:
    """Return the threshold that stops STOPPED of the unsupported claims of every suite."""
    return max(np.quantile(scores[[not r.supported and r.suite == suite for r in rows]], STOPPED)
               for suite in {r.suite for r in rows if not r.supported})


def _best_apart(rows: Sequence[CheckedClaim], scores: np.ndarray) -> float:
    """Return the threshold at which the supported that pass and the unsupported that are stopped are most, all suites alike.

    To stop nearly all of the claims that differ in one point would stop most true ones too.
    """
    y = np.array([r.supported for r in rows])
    suites = [at for suite in {r.suite for r in rows} for at in [np.array([r.suite == suite for r in rows])]
              if y[at].any() and not y[at].all()]
    return max(np.arange(0.02, 0.99, 0.01), key=lambda t: np.mean(
        [(scores[at & y] >= t).mean() + (scores[at & ~y] < t).mean() for at in suites]))
