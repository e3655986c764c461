"""Means with bootstrap confidence intervals, and the paired test behind `linjian eval compare`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score

RESAMPLES = 2000
PERMUTATIONS = 9999
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over `n` questions with its 95% confidence interval."""

    value: float
    low: float
    high: float
    n: int


def mean(values: Sequence[float], seed: int) -> Estimate:
    """Return the mean with a percentile bootstrap interval (Efron 1979) over the questions."""
    x = np.asarray(values, dtype=float)
    if len(x) < 2 or np.ptp(x) == 0:
        return Estimate(float(x.mean()), float(x.min()), float(x.max()), len(x))
    drawn = stats.bootstrap(
        (x,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Estimate(float(x.mean()), float(drawn.low), float(drawn.high), len(x))


def roc_area(positive: Sequence[float] | np.ndarray, negative: Sequence[float] | np.ndarray) -> float:
    """Return the chance that a positive scores above a negative (ties half); nan when one side is empty."""
    if not len(positive) or not len(negative):
        return float("nan")
    return float(roc_auc_score([True] * len(positive) + [False] * len(negative), np.concatenate([positive, negative])))


def auroc(positive: Sequence[float], negative: Sequence[float], seed: int) -> Estimate | None:
    """Return `roc_area` with its interval, resampled within each side; None if one is empty."""
    if not positive or not negative:
        return None
    x, y = np.asarray(positive, float), np.asarray(negative, float)
    value, n = roc_area(x, y), len(x) + len(y)
    if len(x) < 2 or len(y) < 2:
        return Estimate(value, 0.0, 1.0, n)
    drawn = stats.bootstrap(
        (x, y),
        roc_area,
        n_resamples=500,
        confidence_level=LEVEL,
        method="percentile",
        vectorized=False,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Estimate(value, float(drawn.low), float(drawn.high), n)


@dataclass(frozen=True, slots=True)
class Difference:
    """B minus A over the questions that both answered, and the chance of one as large if they were the same."""

    a: float
    b: float
    low: float
    high: float
    p: float
    n: int

    @property
    def value(self) -> float:
        return self.b - self.a


def difference(a: Sequence[float], b: Sequence[float], seed: int) -> Difference:
    """Compare paired values: mean difference, its bootstrap interval, and a two-sided paired permutation test (Fisher)."""
    x, y = np.asarray(a, float), np.asarray(b, float)
    gain = mean(y - x, seed)
    if len(x) < 2 or not np.any(y - x):
        return Difference(float(x.mean()), float(y.mean()), gain.low, gain.high, 1.0, len(x))
    test = stats.permutation_test(
        (y, x),
        lambda u, v, axis: np.mean(u - v, axis=axis),
        permutation_type="samples",
        n_resamples=PERMUTATIONS,
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    return Difference(float(x.mean()), float(y.mean()), gain.low, gain.high, float(test.pvalue), len(x))
