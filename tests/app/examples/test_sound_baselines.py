"""The baselines of sound classification."""

from __future__ import annotations

import numpy as np

from lampas.app.examples.sound_baselines import logistic_regression, majority_accuracy


def test_the_yardsticks() -> None:
    assert majority_accuracy(np.array([0, 1, 1]), np.array([1, 0, 0, 0])) == 0.25
    loud = np.random.default_rng(0).normal(size=(40, 5, 3))
    y = np.arange(40) % 2
    loud[y == 1] *= 5  # The same mean: only the spread tells.
    assert (logistic_regression(loud[:30], y[:30], loud[30:], 0) == y[30:]).mean() >= 0.8
