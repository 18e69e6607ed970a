"""Intervals against scipy and against the theory of means."""

import numpy as np
import pytest
from scipy import stats

from lampas.evaluation import intervals as bootstrap
from lampas.evaluation.intervals import (
    block_length,
    bootstrap_intervals,
    num_independent_windows,
    resample_counts,
    wilson_interval,
)


def mean_of(values):
    return lambda counts: counts @ values / counts.sum(1)


@pytest.mark.parametrize(("correct", "total"), [(8, 10), (790, 1000), (0, 5), (5, 5)])
def test_a_proportion_has_wilsons_interval(correct, total):
    interval = wilson_interval(np.arange(total) < correct)
    truth = stats.binomtest(correct, total).proportion_ci(method="wilson")
    assert interval.value == correct / total
    assert interval.low == pytest.approx(truth.low, abs=1e-4)
    assert interval.high == pytest.approx(truth.high, abs=1e-4)


def test_an_interval_of_proportions_stays_between_0_and_1():
    low, high = wilson_interval(np.zeros(12, bool)), wilson_interval(np.ones(12, bool))
    assert low.low == 0.0 <= low.high < 0.3
    assert 0.7 < high.low <= high.high == 1.0


@pytest.mark.parametrize("block", [1, 4, 7])
def test_each_resample_has_as_many_examples_each_drawn_as_often(block):
    counts = np.concatenate(list(resample_counts(30, block)))
    assert counts.shape == (2000, 30)
    assert (counts.sum(1) == 30).all()
    assert counts.mean(0) == pytest.approx(np.ones(30), abs=0.15)


def test_blocks_are_neighbours_and_the_last_is_followed_by_the_first():
    for counts in np.concatenate(list(resample_counts(12, block=6)))[:50]:
        drawn = np.flatnonzero(counts == 2)
        assert set(counts) <= {0, 1, 2}
        gaps = np.diff(np.append(drawn, drawn[:1] + 12))
        assert (gaps > 1).sum() <= 1  # one run of examples drawn twice, in the ring


def test_the_interval_of_a_mean_is_that_of_the_central_limit_theorem():
    values = np.random.default_rng(1).normal(5, 2, 400)
    found = bootstrap_intervals({"mean": mean_of(values)}, 400)["mean"]
    half = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_overlapping_windows_need_blocks(monkeypatch):
    monkeypatch.setattr(bootstrap, "MAX_RESAMPLES", 400)
    horizon = 10
    halves = {1: [], 2 * horizon: []}
    for seed in range(6):
        steps = np.random.default_rng(seed).normal(size=1010)
        windows = np.lib.stride_tricks.sliding_window_view(steps, horizon)
        means = windows.mean(1)
        assert block_length(windows) == 2 * horizon
        for block, found in halves.items():
            one = bootstrap_intervals({"mean": mean_of(means)}, len(means), block)["mean"]
            found.append((one.high - one.low) / 2)
    true = 1.96 / np.sqrt(1010)  # a mean of windows is all but the mean of independent steps
    assert 0.75 < np.mean(halves[2 * horizon]) / true < 1.1
    assert np.mean(halves[1]) / true == pytest.approx(1 / np.sqrt(horizon), rel=0.1)


@pytest.mark.parametrize(
    ("examples", "horizon", "weight"), [(69, 7, 1.0), (60, 12, 0.7), (75, 1, 1.0)]
)
def test_few_stretches_of_time_make_an_interval_wide(monkeypatch, examples, horizon, weight):
    """Of 100 series of an AR(1) process with known errors of its best forecasts."""
    monkeypatch.setattr(bootstrap, "MAX_RESAMPLES", 300)
    weights = weight ** np.arange(horizon)
    truth = np.sqrt(np.mean(np.cumsum(weights**2)))
    inside = {False: 0, True: 0}
    for seed in range(100):
        noise = np.random.default_rng(seed).normal(size=examples + horizon)
        errors = np.column_stack(
            [
                np.convolve(noise, weights[:step])[step - 1 :][:examples]
                for step in range(1, horizon + 1)
            ]
        )
        squares = (errors**2).mean(1)
        for widened in inside:
            few = num_independent_windows(errors) if widened else np.inf
            measure = {"rmse": lambda counts, s=squares: np.sqrt(counts @ s / counts.sum(1))}
            found = bootstrap_intervals(measure, examples, block_length(errors), few)["rmse"]
            inside[widened] += found.low <= truth <= found.high
    assert inside[True] >= max(86, inside[False])
    assert inside[False] < 95


def test_windows_are_independent_if_their_blocks_are():
    assert num_independent_windows(np.zeros(50)) == np.inf
    assert num_independent_windows(np.zeros((70, 7))) == 5
    assert num_independent_windows(np.zeros((60, 1))) == 15  # blocks of the cube root


def test_blocks_are_never_so_long_that_resamples_are_alike():
    assert block_length(np.zeros(1000)) == 1
    assert block_length(np.zeros((1000, 3))) == 10  # the cube root
    assert block_length(np.zeros((20, 24))) == 3
    assert block_length(np.zeros((2, 24))) == 1


def test_the_same_is_found_twice_and_another_seed_finds_another():
    values = np.random.default_rng(5).normal(size=20)
    one, two, other = (
        bootstrap_intervals({"mean": mean_of(values)}, 20, seed=seed)["mean"] for seed in (0, 0, 1)
    )
    assert one == two
    assert one.low != other.low


def test_what_no_resample_measures_is_unknown_and_what_some_do_not_is_left_out():
    def none(counts):
        return np.full(len(counts), np.nan)

    def some(counts):
        return np.where(counts[:, 0] > 0, 3.0, np.nan)

    found = bootstrap_intervals({"none": none, "some": some}, 5)
    assert np.isnan(found["none"]).all()
    assert found["some"] == (3, 3, 3)


def test_very_many_examples_are_drawn_fewer_times(monkeypatch):
    monkeypatch.setattr(bootstrap, "MAX_DRAWS", 30_000)
    monkeypatch.setattr(bootstrap, "DRAWS_PER_CHUNK", 1_000)
    assert [len(counts) for counts in resample_counts(100)] == [10] * 30
    assert sum(map(len, resample_counts(10_000))) == bootstrap.MIN_RESAMPLES
