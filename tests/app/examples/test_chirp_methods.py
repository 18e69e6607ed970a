"""Forecasting methods and metrics against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from lampas.app.examples.chirp_methods import linear, long_horizon_windows, persistence
from lampas.data.series import windows
from lampas.datasets.series import chirp as wave
from lampas.evaluation.metrics import correlation, count_crossings, rmse

rng = np.random.default_rng(0)


def test_the_methods_are_compared_on_the_same_values(tmp_path):
    series = wave(400, noise=0)
    _, test = windows(series.values, 10, 5).split(0.2)
    before = test.x[:7, :, 0]
    baseline = persistence(test.x[..., 0], before, 3)
    assert rmse(baseline.next_value, test.y[:, 0]) == pytest.approx(
        np.sqrt(
            np.mean((series.values[test.steps[:, 0]] - series.values[test.steps[:, 0] - 1]) ** 2)
        ),
        rel=1e-5,
    )
    np.testing.assert_array_equal(baseline.long, np.repeat(before[:, -1:], 3, 1))


def test_a_test_part_of_one_row_is_looked_one_step_ahead():
    series = wave(40)
    *_, test = windows(series.values, 8, 1).split(0.2, 1 / 40)
    assert len(test) == 1
    long = long_horizon_windows(series, test)
    assert long.origins.tolist() == [39]
    np.testing.assert_array_equal(long.targets, series.clean[None, -1:])
    np.testing.assert_array_equal(long.inputs, series.clean[None, -9:-1])


def test_a_linear_rule_is_found_and_followed():
    values = np.cos(0.3 * np.arange(200)) + 2
    train, test = windows(values, 3, 2).split(0.3)
    forecasts = linear(train, test.x[..., 0], test.x[:5, :, 0], 20)
    np.testing.assert_allclose(forecasts.next_value, test.y[:, 0], atol=1e-6)
    truth = values[test.starts[:5, None] + 3 + np.arange(20)]
    np.testing.assert_allclose(forecasts.long, truth, atol=1e-5)


def test_measures():
    a, b = rng.normal(size=(2, 3, 50))
    expected = [np.corrcoef(*rows)[0, 1] for rows in zip(a, b, strict=True)]
    np.testing.assert_allclose(correlation(a, b), expected)
    assert correlation(np.ones((1, 5)), a[:1, :5]).tolist() == [0]
    assert rmse(a, b) == pytest.approx(np.sqrt(np.mean((a - b) ** 2)))
    assert count_crossings(np.array([[0, 2, 0, 2], [2, 3, 4, 5]]), 1.0).tolist() == [3, 0]
