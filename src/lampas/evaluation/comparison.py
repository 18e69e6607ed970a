"""The one number that methods are compared by: accuracy, or the root of the mean squared error."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ..app.automl.task import Said, Task
from .intervals import Counts, Floats, Interval, block_length, intervals, stretches

HEADLINE: Final[dict[Task, str]] = {"classify": "accuracy", "regress": "RMSE", "forecast": "RMSE"}
DECISIVE = 6
"""Of fewer examples that differ, all may well fall to one side by chance: 2 / 2^5 > 5 %."""


class Lead(NamedTuple):
    """By how much one method is ahead of another; above 0 it is the better.

    Args:
        by: points of accuracy as a share, or RMSE in the target's units.
        enough: whether as many examples differ as any conclusion needs.
    """

    by: Interval
    enough: bool

    @property
    def sure(self) -> bool:
        """Whether the difference is more than the choice of test examples explains."""
        return self.enough and not self.by.low <= 0 <= self.by.high


def score(task: Task, targets: np.ndarray, said: Said) -> float:
    """The headline, of which more is better: accuracy, or RMSE with its sign turned."""
    counts = np.ones((1, len(targets)))
    return float(_score(task, counts, _worth(task, targets, said))[0])


def lead(task: Task, targets: np.ndarray, said: Said, other: Said) -> Lead:
    """Compare two methods that were asked the same questions, by a paired bootstrap.

    Args:
        task: that both do.
        targets: what is true.
        said: what the one says.
        other: what the other says.
    """
    one, two = (_worth(task, targets, answers) for answers in (said, other))
    by = intervals(
        {"lead": lambda counts: _score(task, counts, one) - _score(task, counts, two)},
        len(targets),
        block_length(targets),
        stretches(targets),
    )["lead"]
    # Neighbouring windows of a forecast share most of their steps.
    apart = np.count_nonzero(one != two) / (targets.shape[1] if targets.ndim == 2 else 1)
    return Lead(by, bool(apart >= DECISIVE))


def _worth(task: Task, targets: np.ndarray, said: Said) -> Floats:
    """``(n,)``: 1 for a right answer and 0 for a wrong one, or the squared error."""
    if task == "classify":
        return (said.argmax(1) == targets).astype(float)
    squares = (np.asarray(said, float) - targets) ** 2
    return squares.reshape(len(squares), -1).mean(1)


def _score(task: Task, counts: Counts, worth: Floats) -> Floats:
    means = counts @ worth / counts.sum(1)
    return means if task == "classify" else -np.sqrt(means)
