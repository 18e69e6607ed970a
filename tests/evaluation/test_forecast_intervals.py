"""Prediction intervals: ranks by hand, and their coverage of simulated series."""

import numpy as np
import pytest
from scipy import stats

from lampas import ArgumentError
from lampas.evaluation.forecast_intervals import (
    ForecastIntervals,
    back_tested_intervals,
    half_width,
    min_errors,
)


@pytest.mark.parametrize(
    ("number", "level", "ahead", "rank"),
    [
        # Rank ceil((n + 1) level), or none beyond n.
        (3, 0.8, 1, None),  # ceil(3.2) = 4 of 3
        (4, 0.8, 1, 4),  # ceil(4.0)
        (9, 0.8, 1, 8),
        (10, 0.8, 1, 9),  # ceil(8.8)
        (18, 0.95, 1, None),  # ceil(18.05) = 19 of 18
        (19, 0.95, 1, 19),
        (39, 0.95, 1, 38),
        (40, 0.95, 1, 39),  # ceil(38.95)
        (12, 0.8, 3, 11),  # 4 do not overlap; ceil(13 · 0.8) = 11
        (11, 0.8, 3, None),  # 3 do not overlap
        (38, 0.95, 2, 38),  # 19 do not overlap; ceil(37.05)
        (37, 0.95, 2, None),  # 18 do not overlap
        (5, 0.8, 6, None),
        (0, 0.8, 1, None),
    ],
)
def test_half_widths_are_the_errors_of_the_rank(number, level, ahead, rank):
    errors = np.random.default_rng(0).permutation(np.arange(1.0, number + 1))
    assert half_width(errors, level, ahead) == rank


@pytest.mark.parametrize(("level", "number"), [(0.8, 4), (0.95, 19), (0.9, 9), (0.5, 1)])
def test_the_smallest_number_of_errors(level, number):
    assert min_errors(level) == number
    assert half_width(np.ones(number), level, 1) == 1
    assert half_width(np.ones(number - 1), level, 1) is None


def test_each_step_has_its_own_errors_and_unknown_values_do_not_count():
    errors = np.column_stack([-np.arange(1.0, 10), np.full(9, 30.0)])
    errors[[0, 4], 0] = np.nan  # leaves 2, 3, 4, 6, 7, 8, 9: rank ceil(8 · 0.8) = 7
    found = back_tested_intervals(errors)
    assert found == ForecastIntervals((0.8, 0.95), ((9.0, 30.0), (None, None)), (7, 9))


def test_bounds_are_the_forecast_plus_and_minus_the_half_width():
    intervals = ForecastIntervals((0.8, 0.95), ((1.5, 2.0), (3.0, None)), (30, 29))
    narrow, wide = intervals.around(np.array([10.0, -1.0]))
    assert narrow == (0.8, [8.5, -3.0], [11.5, 1.0])
    assert wide == (0.95, [7.0, None], [13.0, None])


def test_missing_intervals_are_reported():
    complete = ForecastIntervals((0.8,), ((1.5, 2.0),), (30, 29))
    assert complete.shortage == ""
    few = ForecastIntervals((0.8, 0.95), ((1.5, 2.0), (None, None)), (9, 8))
    assert few.shortage == (
        "There is no 95% interval for 2 of 2 steps, since it needs 19 back-tests that do not "
        "overlap."
    )


def test_a_prediction_that_is_not_a_number_is_no_small_error():
    assert half_width(np.array([1.0, 2, 3, np.inf]), 0.8, 1) is None


def test_lengths_that_differ_are_an_error():
    with pytest.raises(ArgumentError, match="half_widths must be 1 tuples"):
        ForecastIntervals((0.8,), ((1.0, 2.0),), (5,))


def coverage(errors, origins, level, ahead):
    """Share of simulated series ``(series, steps)`` whose last error lies in the interval."""
    inside = 0
    for row in errors:
        width = half_width(np.abs(row[:origins]), level, ahead)
        inside += abs(row[-1]) <= width
    return inside


def h_step_errors(random, kind, series, origins, ahead):
    """Errors of the best forecast ``ahead`` steps ahead: of ``origins`` back-tests, and later."""
    noise = random.normal(size=(series, origins + 4 * ahead))
    if kind == "noise":
        return noise
    weight = {"random walk": 1.0, "AR(1)": 0.7}[kind]
    weights = weight ** np.arange(ahead)
    windows = np.lib.stride_tricks.sliding_window_view(noise, ahead, 1)
    return windows @ weights


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_independent_errors_are_covered_as_often_as_they_should(level):
    """With ``n`` errors and rank ``k`` the probability is ``k / (n + 1)`` exactly."""
    random = np.random.default_rng(1)
    inside = coverage(h_step_errors(random, "noise", 4000, 39, 1), 39, level, 1)
    low, high = stats.binom.interval(0.9999, 4000, np.ceil(40 * level - 1e-9) / 40)
    assert low <= inside <= high


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("ahead", [3, 7])
@pytest.mark.parametrize("kind", ["random walk", "AR(1)"])
def test_errors_that_overlap_are_covered_nearly_as_often(kind, ahead, level):
    random = np.random.default_rng(2)
    origins = 20 * ahead
    inside = coverage(h_step_errors(random, kind, 2000, origins, ahead), origins, level, ahead)
    assert inside >= stats.binom.ppf(1e-3, 2000, level - 0.01)
    assert inside <= stats.binom.ppf(1 - 1e-3, 2000, level + 0.01)
