"""95 % confidence intervals: Wilson's for proportions, the bootstrap for any metric."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

Z = 1.96
"""Standard deviations on either side that hold 95 % of a normal distribution."""
Floats = npt.NDArray[np.float64]
Counts = Floats
"""``(resamples, examples)``: how often each example was drawn."""
Metric = Callable[[Counts], Floats]
"""``(resamples, examples) -> (resamples,)``; NaN where a resample cannot be evaluated.

A metric is a function of how often each example counts, so that many resamples are evaluated at
once.
"""

MAX_RESAMPLES, MIN_RESAMPLES = 2_000, 200
MAX_DRAWS = 60_000_000
"""Upper limit of the examples drawn in total: large test sets get fewer resamples."""
DRAWS_PER_CHUNK = 4_000_000
PERCENTILES = (2.5, 97.5)
MIN_WINDOWS = 3
"""The smallest number of independent windows that is assumed: with fewer, an interval would be
meaninglessly wide."""


class Interval(NamedTuple):
    """A measured value and its 95 % confidence interval."""

    value: float
    low: float
    high: float


def wilson_interval(correct: np.ndarray) -> Interval:
    """Proportion of correct predictions with Wilson's score interval (1927).

    Args:
        correct: whether each prediction is correct, ``(n,)``.

    Example:
        >>> import numpy as np
        >>> from lampas.evaluation.intervals import wilson_interval
        >>> [round(value, 2) for value in wilson_interval(np.arange(10) < 8)]
        [0.8, 0.49, 0.94]
    """
    n, p = len(correct), float(np.mean(correct))
    center = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return Interval(p, max(0.0, center - half), min(1.0, center + half))


def bootstrap_intervals(
    metrics: Mapping[str, Metric],
    num_examples: int,
    block: int = 1,
    num_windows: float = math.inf,
    seed: int = 0,
) -> dict[str, Interval]:
    """Each metric on all examples, with its 95 % percentile interval (Efron, 1979).

    Args:
        metrics: metrics by name.
        num_examples: number of test examples.
        block: number of neighbouring examples that are drawn together, for examples that overlap
            in time.
        num_windows: number of windows that share no time step; the interval is widened where
            there are few.
        seed: seed of the resampling.
    """
    factor = small_sample_factor(num_windows)
    resampled: dict[str, list[Floats]] = {name: [] for name in metrics}
    for counts in resample_counts(num_examples, block, seed):
        for name, metric in metrics.items():
            resampled[name].append(metric(counts))
    each_once = np.ones((1, num_examples))
    values = {name: float(metric(each_once)[0]) for name, metric in metrics.items()}
    return {name: _percentile_interval(values[name], resampled[name], factor) for name in metrics}


def resample_counts(num_examples: int, block: int = 1, seed: int = 0) -> Iterator[Counts]:
    """How often each example is drawn, with replacement, several resamples at a time.

    Blocks of neighbours are drawn together (Künsch, 1989); the last example is followed by the
    first, so that all are drawn equally often (Politis & Romano, 1992).

    Args:
        num_examples: number of examples.
        block: number of neighbours that are drawn together.
        seed: seed of the resampling.
    """
    random = np.random.default_rng(seed)
    remaining = num_resamples(num_examples)
    while remaining:
        rows = min(remaining, max(1, DRAWS_PER_CHUNK // num_examples))
        starts = random.integers(num_examples, size=(rows, math.ceil(num_examples / block), 1))
        drawn = (starts + np.arange(block)).reshape(rows, -1)[:, :num_examples] % num_examples
        bins = drawn + num_examples * np.arange(rows)[:, None]
        counts = np.bincount(bins.ravel(), minlength=rows * num_examples)
        yield counts.reshape(rows, num_examples).astype(float)
        remaining -= rows


def num_resamples(num_examples: int) -> int:
    """Number of resamples that are drawn for that many examples."""
    return int(np.clip(MAX_DRAWS // num_examples, MIN_RESAMPLES, MAX_RESAMPLES))


def block_length(targets: np.ndarray) -> int:
    """Number of neighbours to draw together: 1, or twice the horizon for windows ``(n, horizon)``.

    With the horizon itself the intervals of a mean would be a fifth too narrow. A block is never
    longer than a sixth of all examples, because the resamples would hardly differ.
    """
    if targets.ndim == 1:
        return 1
    return max(1, min(_dependence_length(targets), len(targets) // 6))


def num_independent_windows(targets: np.ndarray) -> float:
    """Number of independent blocks of forecast windows; infinite for independent examples."""
    return math.inf if targets.ndim == 1 else len(targets) / _dependence_length(targets)


def _dependence_length(targets: np.ndarray) -> int:
    """Number of neighbouring windows ``(n, horizon)`` whose errors depend on each other."""
    num_examples, horizon = targets.shape
    return max(2 * horizon, math.ceil(num_examples ** (1 / 3)))


def small_sample_factor(num_windows: float) -> float:
    """Factor by which an interval is widened, since the spread of few windows is uncertain.

    It is the ratio of the quantiles of Student's t and of the normal distribution.
    """
    if math.isinf(num_windows):
        return 1.0
    number = max(MIN_WINDOWS, num_windows)
    share = PERCENTILES[1] / 100
    return float(stdtrit(number - 1, share) / ndtri(share) * math.sqrt(number / (number - 1)))


def _percentile_interval(value: float, resampled: list[Floats], factor: float) -> Interval:
    with warnings.catch_warnings():
        # Where no resample can be evaluated the interval is NaN, as it should be.
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        low, high = np.nanpercentile(np.concatenate(resampled), PERCENTILES).tolist()
    return Interval(value, value - factor * (value - low), value + factor * (high - value))
