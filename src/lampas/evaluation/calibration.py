"""Does a network that says 80 % come true in 80 of 100 cases? (Guo et al., 2017.)"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .intervals import Floats, Interval, accuracy

BINS, FEWER, MANY = 10, 5, 100
DRAWS, PERCENTILE = 500, 95


class Bin(NamedTuple):
    """Answers about as sure as each other.

    Args:
        said: mean probability of the answer.
        right: share of right answers, with Wilson's interval.
        answers: how many.
    """

    said: float
    right: Interval
    answers: int


class Calibration(NamedTuple):
    """How well probabilities can be believed.

    Args:
        bins: those that have answers, from unsure to sure.
        error: the expected calibration error: mean distance of ``said`` from ``right``, each bin
            counting by its answers.
        by_chance: that error or a smaller one has a perfectly calibrated network 95 times in 100
            on as many answers as sure as these.
    """

    bins: list[Bin]
    error: float
    by_chance: float

    @property
    def off(self) -> bool:
        """Whether the error is more than chance explains."""
        return self.error > self.by_chance

    @property
    def surer(self) -> float:
        """Mean probability of the answers less their share of right ones."""
        counts = [one.answers for one in self.bins]
        return float(np.average([one.said - one.right.value for one in self.bins], weights=counts))


def calibration(targets: np.ndarray, said: npt.NDArray[np.floating]) -> Calibration:
    """Sort answers into equal bins by their probability, and count the right ones in each.

    There are ten bins, or five for fewer than 100 answers.

    Args:
        targets: labels ``(n,)``.
        said: probabilities ``(n, classes)``.
    """
    sure = said.max(1).astype(float)
    right = said.argmax(1) == targets
    bins = BINS if len(sure) >= MANY else FEWER
    number = np.minimum((sure * bins).astype(int), bins - 1)
    filled = [
        Bin(float(sure[number == one].mean()), accuracy(right[number == one]), int(count))
        for one, count in enumerate(np.bincount(number, minlength=bins))
        if count
    ]
    random = np.random.default_rng(0)
    drawn = [_error(number, sure, random.random(len(sure)) < sure) for _ in range(DRAWS)]
    return Calibration(filled, _error(number, sure, right), float(np.percentile(drawn, PERCENTILE)))


def _error(number: np.ndarray, sure: Floats, right: npt.NDArray[np.bool_]) -> float:
    """The expected calibration error: a bin's share of answers cancels its mean's divisor."""
    return float(np.abs(np.bincount(number, weights=sure - right)).sum() / len(sure))
