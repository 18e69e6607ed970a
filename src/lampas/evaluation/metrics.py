"""How good answers are, in the measures of the field, each with a 95 % interval.

How good a forecast is: by its error, and by whether it stays in step with the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..app.automl.task import Said, Task
from .intervals import (
    Counts,
    Floats,
    Interval,
    Measure,
    accuracy,
    block_length,
    intervals,
    stretches,
)

LEAST_PROBABILITY = 1e-7
"""What is said to be impossible counts in the log loss as if it had been given this."""
MEANINGS: Mapping[str, str] = {
    "accuracy": "share of right answers",
    "balanced accuracy": "share of right answers in each class, averaged: every class counts alike",
    "log loss": "how little probability the true class was given; sure mistakes cost most; "
    "0 is perfect",
    "ROC AUC": "how often one of each class is put in the right order by its probability; "
    "0.5 is chance",
    "sensitivity": "share of the examples of this class that are found",
    "specificity": "share of the other examples that are not taken for it",
    "F1": "harmonic mean of the sensitivity and of how often it is right in saying this class",
    "RMSE": "root of the mean squared error, in the target's units; large errors count most",
    "MAE": "mean size of the error, in the target's units",
    "R²": "share of the target's variance that is explained; 0 is what the mean alone does",
}
"""Each measure in a clause; sensitivity, specificity and F1 bear a class's name in brackets."""


def measures(
    task: Task, targets: np.ndarray, said: Said, classes: Sequence[str]
) -> dict[str, Interval]:
    """What can be measured of these answers; the first is the headline.

    Intervals are percentiles of 2,000 bootstrap resamples; for forecasts of blocks of windows, and
    the wider the fewer windows share no step.
    Shares of which no resample differs, as when all answers are right, have Wilson's (1927).

    Args:
        task: what was done.
        targets: labels ``(n,)``, values ``(n,)`` or what follows ``(n, horizon)``; n > 0.
        said: the answers: ``(n, classes)``, ``(n,)`` or ``(n, horizon)``.
        classes: names by label. Of two the rarer among the targets has a sensitivity, a
            specificity and an F1; where only one of the two occurs there is no ROC AUC.
    """
    if task == "classify":
        wanted = _of_classes(targets, np.asarray(said, float), classes)
    else:
        wanted = _of_values(targets, np.asarray(said, float))
    found = intervals(wanted, len(targets), block_length(targets), stretches(targets))
    if task == "forecast":  # few stretches make intervals wide, but no error is below 0
        found = {name: one._replace(low=max(one.low, 0.0)) for name, one in found.items()}
    shares = {name: one for name, one in wanted.items() if isinstance(one, Share)}
    return found | {
        name: share.wilson()
        for name, share in shares.items()
        if found[name].low == found[name].high
    }


@dataclass(frozen=True)
class Share:
    """The measure of how many examples ``of`` some there are ``among`` others, ``(n,)`` each."""

    of: npt.NDArray[np.bool_]
    among: npt.NDArray[np.bool_]

    def __call__(self, counts: Counts) -> Floats:
        return _ratio(counts @ (self.of & self.among), counts @ self.among)

    def wilson(self) -> Interval:
        """With the interval for shares that are 0 or 1."""
        return accuracy(self.of[self.among])


def _of_classes(y: np.ndarray, said: Floats, classes: Sequence[str]) -> dict[str, Measure]:
    right = said.argmax(1) == y
    given = np.clip(said[np.arange(len(y)), y], LEAST_PROBABILITY, 1)
    found: dict[str, Measure] = {
        "accuracy": Share(right, np.ones(len(y), bool)),
        "balanced accuracy": lambda counts: _balanced(counts, y, right, len(classes)),
        "log loss": lambda counts: counts @ -np.log(given) / counts.sum(1),
    }
    if len(classes) == 2 and len(np.unique(y)) == 2:
        found |= _of_two(y, said, right, classes)
    return found


def rarer(y: np.ndarray) -> int:
    """The label of the two, 0 and 1, that is the rarer; 1 where both are as many."""
    return int(2 * np.count_nonzero(y == 1) <= len(y))


def _of_two(
    y: np.ndarray, said: Floats, right: npt.NDArray[np.bool_], classes: Sequence[str]
) -> dict[str, Measure]:
    label = rarer(y)
    asked, name = y == label, classes[label]
    alarm = said.argmax(1) == label

    def f1(counts: Counts) -> Floats:
        return _ratio(2 * (counts @ (asked & alarm)), counts @ asked + counts @ alarm)

    return {
        "ROC AUC": _RocAuc(asked, said[:, label]),
        f"sensitivity ({name})": Share(right, asked),
        f"specificity ({name})": Share(right, ~asked),
        f"F1 ({name})": f1,
    }


def _of_values(y: np.ndarray, said: Floats) -> dict[str, Measure]:
    flat = (said - y).reshape(len(y), -1)
    squares, sizes = (flat**2).mean(1), np.abs(flat).mean(1)
    found: dict[str, Measure] = {
        "RMSE": lambda counts: np.sqrt(counts @ squares / counts.sum(1)),
        "MAE": lambda counts: counts @ sizes / counts.sum(1),
    }
    if y.ndim == 1 and np.ptp(y) > 0:
        centred = y - y.mean()

        def explained(counts: Counts) -> Floats:
            spread = counts @ centred**2 - (counts @ centred) ** 2 / counts.sum(1)
            return 1 - _ratio(counts @ squares, spread)

        found["R²"] = explained
    return found


def _balanced(counts: Counts, y: np.ndarray, right: np.ndarray, classes: int) -> Floats:
    """Mean of the classes' shares of right answers, over the classes that there are."""
    of_class = np.eye(classes)[y]
    shares = _ratio(counts @ (of_class * right[:, None]), counts @ of_class)
    there = ~np.isnan(shares)
    return np.asarray(np.where(there, shares, 0).sum(1) / there.sum(1))


class _RocAuc:
    """Area under the ROC curve: the Mann-Whitney statistic, ties as half."""

    def __init__(self, positive: npt.NDArray[np.bool_], score: Floats) -> None:
        self.order = np.argsort(score, kind="stable")
        self.positive = positive[self.order]
        self.first = np.unique(score[self.order], return_index=True)[1]

    def __call__(self, counts: Counts) -> Floats:
        counts = counts[:, self.order]
        hits = np.add.reduceat(counts * self.positive, self.first, axis=1)
        others = np.add.reduceat(counts * ~self.positive, self.first, axis=1)
        below = others.cumsum(1) - others / 2
        return _ratio((hits * below).sum(1), hits.sum(1) * others.sum(1))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """``part / whole``, NaN where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full_like(part, np.nan, dtype=float), where=whole > 0)


AnyFloats = npt.NDArray[np.floating[Any]]


def rmse(said: AnyFloats, truth: AnyFloats, axis: int | None = None) -> Any:
    """Root of the mean square of the error, of all values or along an axis."""
    return np.sqrt(np.mean(np.square(said - truth, dtype=np.float64), axis))


def correlation(said: AnyFloats, truth: AnyFloats) -> npt.NDArray[np.float64]:
    """Pearson's, of each row with its truth, ``(rows,)``; 0 for a forecast that never moves."""
    a, b = (v - v.mean(1, keepdims=True, dtype=np.float64) for v in (said, truth))
    size = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return np.divide((a * b).sum(1), size, out=np.zeros(len(a)), where=size > 1e-12)


def crossings(values: AnyFloats, level: float) -> npt.NDArray[np.intp]:
    """How often each row crosses the level, ``(rows,)``."""
    return np.count_nonzero(np.diff(values > level, axis=1), axis=1)
