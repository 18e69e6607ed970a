"""How sure a measured accuracy is.

How sure a measured number is: measure again on examples drawn from the same ones (Efron, 1979).

A measure is a function of how often each example counts, so that all resamples of a chunk are
measured at once.
"""

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


class Interval(NamedTuple):
    """A measured value and where, at 95 % confidence, the true one lies."""

    value: float
    low: float
    high: float


def accuracy(right: np.ndarray) -> Interval:
    """Share of right answers ``(n,)`` with Wilson's interval (1927)."""
    n, p = len(right), float(np.mean(right))
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return Interval(p, middle - half, middle + half)


def lead(right: np.ndarray, other: np.ndarray) -> Interval:
    """By how much the accuracy of one is above another's, both asked the same ``n`` questions.

    Only questions that one alone gets right count, as in McNemar's test.
    """
    difference = np.asarray(right, float) - np.asarray(other, float)
    mean = float(difference.mean())
    half = Z * float(difference.std()) / math.sqrt(len(difference))
    return Interval(mean, mean - half, mean + half)


Floats = npt.NDArray[np.float64]
Counts = Floats
"""``(resamples, examples)``: how often each example was drawn."""
Measure = Callable[[Counts], Floats]
"""``(resamples, examples) -> (resamples,)``; NaN where a resample can not be measured."""

RESAMPLES, FEWEST = 2_000, 200
DRAWS = 60_000_000
"""Examples drawn in all at most: of very many examples fewer resamples are taken."""
AT_ONCE = 4_000_000
TAILS = (2.5, 97.5)
"""Percentiles between which 95 % lie."""
LEAST_STRETCHES = 3
"""Of fewer an interval would say nothing at all."""


def intervals(
    measures: Mapping[str, Measure],
    examples: int,
    block: int = 1,
    stretches: float = math.inf,
    seed: int = 0,
) -> dict[str, Interval]:
    """Each measure of all examples, with its 95 % percentile interval.

    Args:
        measures: by name.
        examples: how many there are.
        block: neighbours that are drawn together, for examples in time that overlap.
        stretches: of time that share no step; of few the interval is made wider.
        seed: of the drawing.
    """
    wider = _wider(stretches)
    drawn: dict[str, list[Floats]] = {name: [] for name in measures}
    for counts in resamples(examples, block, seed):
        for name, measure in measures.items():
            drawn[name].append(measure(counts))
    all_once = np.ones((1, examples))
    return {
        name: _interval(float(measure(all_once)[0]), np.concatenate(drawn[name]), wider)
        for name, measure in measures.items()
    }


def resamples(examples: int, block: int = 1, seed: int = 0) -> Iterator[Counts]:
    """How often each example is drawn, with replacement, some resamples at a time.

    Blocks of neighbours are drawn whole (Künsch, 1989), the last example followed by the first so
    that all are drawn as often (Politis & Romano, 1992).
    """
    random = np.random.default_rng(seed)
    left = resamples_of(examples)
    while left:
        rows = min(left, max(1, AT_ONCE // examples))
        starts = random.integers(examples, size=(rows, math.ceil(examples / block), 1))
        chosen = (starts + np.arange(block)).reshape(rows, -1)[:, :examples] % examples
        places = chosen + examples * np.arange(rows)[:, None]
        counts = np.bincount(places.ravel(), minlength=rows * examples)
        yield counts.reshape(rows, examples).astype(float)
        left -= rows


def resamples_of(examples: int) -> int:
    """How many resamples are drawn of so many examples."""
    return int(np.clip(DRAWS // examples, FEWEST, RESAMPLES))


def block_length(targets: np.ndarray) -> int:
    """Neighbours to draw together: 1, or for windows ``(n, horizon)`` twice as many as overlap.

    With just as many the intervals of a mean would be a fifth too narrow. Never more than a sixth
    of all, or the resamples would hardly differ.
    """
    if targets.ndim == 1:
        return 1
    examples, horizon = targets.shape
    return max(1, min(max(2 * horizon, math.ceil(examples ** (1 / 3))), examples // 6))


def stretches(targets: np.ndarray) -> float:
    """How many windows ``(n, horizon)`` share no step; of other examples none does."""
    return math.inf if targets.ndim == 1 else len(targets) / targets.shape[1]


def _wider(stretches: float) -> float:
    """How much wider than by resampling: by Student's t, for the spread of few is not known."""
    if math.isinf(stretches):
        return 1.0
    number = max(LEAST_STRETCHES, stretches)
    share = TAILS[1] / 100
    return float(stdtrit(number - 1, share) / ndtri(share) * math.sqrt(number / (number - 1)))


def _interval(value: float, drawn: Floats, wider: float) -> Interval:
    with warnings.catch_warnings():
        # No resample can be measured: the interval is NaN, as it should be.
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        low, high = np.nanpercentile(drawn, TAILS)
    return Interval(
        value, value - wider * (value - float(low)), value + wider * (float(high) - value)
    )
