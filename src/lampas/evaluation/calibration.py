"""Calibration: whether confidence agrees with accuracy (Guo et al., 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .intervals import Floats, Interval, wilson_interval

BINS, FEWER_BINS, SMALL_TEST_SET = 10, 5, 100
SIMULATIONS, PERCENTILE = 500, 95


@dataclass(frozen=True)
class Bin:
    """Predictions with similar confidence.

    Args:
        confidence: mean probability of the predicted classes.
        accuracy: share of correct predictions, with Wilson's interval.
        count: number of predictions.
    """

    confidence: float
    accuracy: Interval
    count: int


@dataclass(frozen=True)
class Calibration:
    """How well the predicted probabilities agree with the accuracy.

    Args:
        bins: non-empty bins, by rising confidence.
        error: the expected calibration error: the mean distance between confidence and accuracy,
            each bin weighted by its number of predictions.
        chance_level: the error that a perfectly calibrated model stays below in 95 of 100 cases,
            on as many predictions of the same confidence.
    """

    bins: list[Bin]
    error: float
    chance_level: float

    @property
    def is_miscalibrated(self) -> bool:
        """Whether the error is larger than chance explains."""
        return self.error > self.chance_level

    @property
    def overconfidence(self) -> float:
        """Mean confidence minus accuracy."""
        excess = [bin_.confidence - bin_.accuracy.value for bin_ in self.bins]
        return float(np.average(excess, weights=[bin_.count for bin_ in self.bins]))


def calibration(y_true: np.ndarray, probabilities: npt.NDArray[np.floating]) -> Calibration:
    """Bin predictions by confidence, in bins of equal width, and compare with the accuracy.

    There are ten bins, or five for fewer than 100 predictions.

    Args:
        y_true: labels, ``(n,)``.
        probabilities: predicted, ``(n, classes)``.

    Example:
        >>> import numpy as np
        >>> from lampas.evaluation.calibration import calibration
        >>> probabilities = np.array([[0.9, 0.1]] * 10)
        >>> result = calibration(np.array([0] * 9 + [1]), probabilities)
        >>> round(result.error, 3), result.is_miscalibrated
        (0.0, False)
    """
    confidence = probabilities.max(1).astype(float)
    correct = probabilities.argmax(1) == y_true
    bins = BINS if len(confidence) >= SMALL_TEST_SET else FEWER_BINS
    indices = np.minimum((confidence * bins).astype(int), bins - 1)
    non_empty = [
        Bin(float(confidence[in_bin].mean()), wilson_interval(correct[in_bin]), int(in_bin.sum()))
        for in_bin in (indices == i for i in np.unique(indices))
    ]
    random = np.random.default_rng(0)
    simulated = [
        _error(indices, confidence, random.random(len(confidence)) < confidence)
        for _ in range(SIMULATIONS)
    ]
    chance_level = float(np.percentile(simulated, PERCENTILE))
    return Calibration(non_empty, _error(indices, confidence, correct), chance_level)


def _error(indices: np.ndarray, confidence: Floats, correct: npt.NDArray[np.bool_]) -> float:
    """The expected calibration error: a bin's weight cancels the divisor of its mean."""
    return float(np.abs(np.bincount(indices, weights=confidence - correct)).sum() / len(confidence))
