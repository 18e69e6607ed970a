"""Metrics of classification, regression and forecasting with 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import intervals as bootstrap
from .intervals import Counts, Floats, Interval, Metric
from .types import Predictions, Task

MIN_PROBABILITY = 1e-7
"""Smaller probabilities of the true class are raised to this in the log loss."""
METRIC_DESCRIPTIONS: Mapping[str, str] = {
    "accuracy": "share of correct predictions",
    "balanced accuracy": "mean of the accuracies of the classes: every class counts equally",
    "log loss": "mean negative log probability of the true class; confident mistakes cost most; "
    "0 is perfect",
    "ROC AUC": "probability that of two examples, one per class, the probabilities rank them "
    "correctly; 0.5 is chance",
    "sensitivity": "share of the examples of this class that are recognized (recall)",
    "specificity": "share of the other examples that are not assigned to this class",
    "F1": "harmonic mean of the sensitivity and of the precision for this class",
    "RMSE": "root mean squared error, in the target's units; large errors count most",
    "MAE": "mean absolute error, in the target's units",
    "R²": "share of the target's variance that is explained; predicting the mean gives 0",
}
"""Each metric in a clause. Sensitivity, specificity and F1 are followed by a class in brackets."""
AnyFloats = npt.NDArray[np.floating[Any]]


def compute_metrics(
    task: Task, y_true: np.ndarray, y_pred: Predictions, classes: Sequence[str]
) -> dict[str, Interval]:
    """The metrics of a task with 95 % intervals, the primary one first.

    Intervals are percentiles of 2,000 bootstrap resamples. For forecasts blocks of windows are
    resampled, and the intervals are widened where few windows share no time step. A proportion
    that is equal in all resamples, such as an accuracy of 1, has Wilson's interval (1927).

    Args:
        task: ``"classify"``, ``"regress"`` or ``"forecast"``.
        y_true: labels ``(n,)``, values ``(n,)`` or future values ``(n, horizon)``; n > 0.
        y_pred: probabilities ``(n, classes)``, values ``(n,)`` or forecasts ``(n, horizon)``.
        classes: names by label. For two classes, sensitivity, specificity and F1 are those of the
            class that is rarer in ``y_true``; ROC AUC needs examples of both.

    Example:
        >>> import numpy as np
        >>> from lampas.evaluation.metrics import compute_metrics
        >>> y_true, y_pred = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
        >>> metrics = compute_metrics("regress", y_true, y_pred, ())
        >>> {name: round(interval.value, 3) for name, interval in metrics.items()}
        {'RMSE': 0.645, 'MAE': 0.5, 'R²': 0.732}
    """
    if task == "classify":
        metrics = _classification_metrics(y_true, np.asarray(y_pred, float), classes)
    else:
        metrics = _regression_metrics(y_true, np.asarray(y_pred, float))
    block, windows = bootstrap.block_length(y_true), bootstrap.num_independent_windows(y_true)
    intervals = bootstrap.bootstrap_intervals(metrics, len(y_true), block, windows)
    if task == "forecast":  # a widened interval may reach below 0, which no error does
        intervals = {name: i._replace(low=max(i.low, 0.0)) for name, i in intervals.items()}
    for name, metric in metrics.items():
        if isinstance(metric, Proportion) and intervals[name].low == intervals[name].high:
            intervals[name] = metric.wilson()
    return intervals


@dataclass(frozen=True)
class Proportion:
    """Proportion of the examples in ``among`` that are in ``hits``.

    Args:
        hits: mask of the examples that are counted, ``(n,)``.
        among: mask of the examples that they are a proportion of, ``(n,)``.
    """

    hits: npt.NDArray[np.bool_]
    among: npt.NDArray[np.bool_]

    def __call__(self, counts: Counts) -> Floats:
        return _divide(counts @ (self.hits & self.among), counts @ self.among)

    def wilson(self) -> Interval:
        """The proportion with Wilson's interval, which has a width even where it is 0 or 1."""
        return bootstrap.wilson_interval(self.hits[self.among])


def _classification_metrics(
    y: np.ndarray, probabilities: Floats, classes: Sequence[str]
) -> dict[str, Metric]:
    correct = probabilities.argmax(1) == y
    true_class = np.clip(probabilities[np.arange(len(y)), y], MIN_PROBABILITY, 1)
    metrics: dict[str, Metric] = {
        "accuracy": Proportion(correct, np.ones(len(y), bool)),
        "balanced accuracy": lambda counts: _balanced(counts, y, correct, len(classes)),
        "log loss": lambda counts: counts @ -np.log(true_class) / counts.sum(1),
    }
    if len(classes) == 2 and len(np.unique(y)) == 2:
        metrics |= _binary_metrics(y, probabilities, correct, classes)
    return metrics


def rarer_class(y: np.ndarray) -> int:
    """The label of two, 0 and 1, that is rarer; 1 where both are equally frequent."""
    return int(2 * np.count_nonzero(y == 1) <= len(y))


def _binary_metrics(
    y: np.ndarray, probabilities: Floats, correct: npt.NDArray[np.bool_], classes: Sequence[str]
) -> dict[str, Metric]:
    label = rarer_class(y)
    positive, name = y == label, classes[label]
    predicted = probabilities.argmax(1) == label
    hits = positive & predicted

    def f1(counts: Counts) -> Floats:
        return _divide(2 * (counts @ hits), counts @ positive + counts @ predicted)

    return {
        "ROC AUC": _roc_auc(positive, probabilities[:, label]),
        f"sensitivity ({name})": Proportion(correct, positive),
        f"specificity ({name})": Proportion(correct, ~positive),
        f"F1 ({name})": f1,
    }


def _regression_metrics(y: np.ndarray, y_pred: Floats) -> dict[str, Metric]:
    errors = (y_pred - y).reshape(len(y), -1)
    squared, absolute = (errors**2).mean(1), np.abs(errors).mean(1)
    metrics: dict[str, Metric] = {
        "RMSE": lambda counts: np.sqrt(counts @ squared / counts.sum(1)),
        "MAE": lambda counts: counts @ absolute / counts.sum(1),
    }
    if y.ndim == 1 and np.ptp(y) > 0:
        centred = y - y.mean()

        def r_squared(counts: Counts) -> Floats:
            variation = counts @ centred**2 - (counts @ centred) ** 2 / counts.sum(1)
            return 1 - _divide(counts @ squared, variation)

        metrics["R²"] = r_squared
    return metrics


def _balanced(counts: Counts, y: np.ndarray, correct: np.ndarray, classes: int) -> Floats:
    """Mean accuracy of the classes that occur in the resample."""
    one_hot = np.eye(classes)[y]
    accuracies = _divide(counts @ (one_hot * correct[:, None]), counts @ one_hot)
    present = ~np.isnan(accuracies)
    return np.asarray(np.where(present, accuracies, 0).sum(1) / present.sum(1))


def _roc_auc(positive: npt.NDArray[np.bool_], score: Floats) -> Metric:
    """Area under the ROC curve: the Mann-Whitney statistic, ties count half."""
    order = np.argsort(score, kind="stable")
    positive = positive[order]
    group_starts = np.unique(score[order], return_index=True)[1]

    def roc_auc(counts: Counts) -> Floats:
        counts = counts[:, order]
        positives = np.add.reduceat(counts * positive, group_starts, axis=1)
        negatives = np.add.reduceat(counts * ~positive, group_starts, axis=1)
        below = negatives.cumsum(1) - negatives / 2
        return _divide((positives * below).sum(1), positives.sum(1) * negatives.sum(1))

    return roc_auc


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """The quotient; NaN where the denominator is 0."""
    quotient = np.full_like(numerator, np.nan, dtype=float)
    return np.divide(numerator, denominator, out=quotient, where=denominator > 0)


def rmse(y_pred: AnyFloats, y_true: AnyFloats, axis: int | None = None) -> Any:
    """Root mean squared error of all values or along an axis.

    Args:
        y_pred: predicted values, of any shape.
        y_true: true values, of the same shape.
        axis: axis over which the mean is taken; None for all.
    """
    return np.sqrt(np.mean(np.square(y_pred - y_true, dtype=np.float64), axis))


def correlation(y_pred: AnyFloats, y_true: AnyFloats) -> npt.NDArray[np.float64]:
    """Pearson correlation of each forecast with the true values, ``(n,)``.

    It is 0 for a constant forecast.

    Args:
        y_pred: forecasts, ``(n, horizon)``.
        y_true: true values, ``(n, horizon)``.
    """
    a, b = (v - v.mean(1, keepdims=True, dtype=np.float64) for v in (y_pred, y_true))
    norm = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return np.divide((a * b).sum(1), norm, out=np.zeros(len(a)), where=norm > 1e-12)


def count_crossings(values: AnyFloats, level: float) -> npt.NDArray[np.intp]:
    """Number of times that each row ``(n, steps)`` crosses the level, ``(n,)``."""
    return np.count_nonzero(np.diff(values > level, axis=1), axis=1)
