"""Comparison of two models on the same test examples by a paired bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from . import intervals as bootstrap
from .intervals import Counts, Floats, Interval
from .types import Predictions, Task

PRIMARY_METRIC: Final[dict[Task, str]] = {
    "classify": "accuracy",
    "regress": "RMSE",
    "forecast": "RMSE",
}
"""The metric that models are compared by."""
MIN_DISCORDANT = 6
"""With fewer examples that differ, chance may well favour one model in all: 2 / 2^5 > 5 %."""


@dataclass(frozen=True)
class Difference:
    """By how much a model is better than another; negative where it is worse.

    Args:
        interval: difference in accuracy, or the other's RMSE minus the model's in the target's
            units, with its 95 % interval.
        enough_data: whether enough examples differ for any conclusion.
    """

    interval: Interval
    enough_data: bool

    @property
    def significant(self) -> bool:
        """Whether the difference is larger than the choice of test examples explains."""
        return self.enough_data and not self.interval.low <= 0 <= self.interval.high


def primary_score(task: Task, y_true: np.ndarray, y_pred: Predictions) -> float:
    """The primary metric such that more is better: accuracy, or the negative RMSE.

    Args:
        task: task of the model.
        y_true: labels ``(n,)``, values ``(n,)`` or future values ``(n, horizon)``.
        y_pred: the predictions.
    """
    counts = np.ones((1, len(y_true)))
    return float(_score(task, counts, _example_scores(task, y_true, y_pred))[0])


def compare_models(
    task: Task, y_true: np.ndarray, y_pred: Predictions, other: Predictions
) -> Difference:
    """Compare two models on the same test examples.

    Args:
        task: task of both models.
        y_true: labels ``(n,)``, values ``(n,)`` or future values ``(n, horizon)``.
        y_pred: predictions of the model.
        other: predictions of the model that it is compared with.

    Example:
        >>> import numpy as np
        >>> from lampas.evaluation.comparison import compare_models
        >>> y_true = np.zeros(100)
        >>> difference = compare_models("regress", y_true, y_true + 1.0, y_true + 3.0)
        >>> difference.interval.value, difference.significant
        (2.0, True)
    """
    first, second = (_example_scores(task, y_true, y) for y in (y_pred, other))
    interval = bootstrap.bootstrap_intervals(
        {"difference": lambda counts: _score(task, counts, first) - _score(task, counts, second)},
        len(y_true),
        bootstrap.block_length(y_true),
        bootstrap.num_independent_windows(y_true),
    )["difference"]
    # Neighbouring windows of a forecast share most of their steps.
    discordant = np.count_nonzero(first != second) / (y_true.shape[1] if y_true.ndim == 2 else 1)
    return Difference(interval, bool(discordant >= MIN_DISCORDANT))


def _example_scores(task: Task, y_true: np.ndarray, y_pred: Predictions) -> Floats:
    """``(n,)``: 1 for a correct prediction, 0 for a wrong one, or the mean squared error."""
    if task == "classify":
        return (y_pred.argmax(1) == y_true).astype(float)
    squared = (np.asarray(y_pred, float) - y_true) ** 2
    return squared.reshape(len(squared), -1).mean(1)


def _score(task: Task, counts: Counts, example_scores: Floats) -> Floats:
    means = counts @ example_scores / counts.sum(1)
    return means if task == "classify" else -np.sqrt(means)
