"""The numbers that are kept of a run."""

import numpy as np
import pytest

from lampas.own.numbers import result_numbers
from tests.own.told import told, yardstick


def test_the_network_beside_the_strongest_yardstick():
    y = np.arange(100) % 2
    said = np.eye(2)[np.where(np.arange(100) < 90, y, 1 - y)]
    other = np.eye(2)[np.where(np.arange(100) < 70, y, 1 - y)]
    others = [yardstick("majority class", np.eye(2)[0 * y], False), yardstick("boosting", other)]
    found = result_numbers(told("classify", y, said, others, "ab"))
    assert found.measure == "accuracy"
    assert (found.score, found.yardstick, found.yardstick_score) == (0.9, "boosting", 0.7)
    assert found.low < 0.9 < found.high
    assert found.ahead == pytest.approx(0.2)
    assert 0 < found.ahead_low < 0.2 < found.ahead_high


def test_less_error_is_ahead():
    y = np.random.default_rng(0).normal(size=50)
    found = result_numbers(told("regress", y, y + 1, [yardstick("mean", y + 3, False)]))
    assert found.measure == "RMSE"
    assert (found.score, found.yardstick_score, found.ahead) == pytest.approx((1, 3, 2))
