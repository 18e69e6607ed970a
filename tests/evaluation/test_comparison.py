"""Comparison of two models: difference, interval, significance."""

import numpy as np
import pytest

from lampas.evaluation.comparison import compare_models, primary_score


def analytic(correct, other):
    """Difference in accuracy with Wald's interval, of the same examples as in McNemar's test."""
    difference = np.asarray(correct, float) - np.asarray(other, float)
    half = 1.96 * difference.std() / np.sqrt(len(difference))
    return difference.mean(), difference.mean() - half, difference.mean() + half


def test_the_analytic_interval_counts_discordant_examples():
    one, other = np.zeros((2, 100), bool)
    one[:60] = True
    other[50:80] = True
    # 50 against 20: (50 - 20) / 100, variance (70 - 30**2 / 100) / 100**2.
    half = 1.96 * np.sqrt(70 - 9) / 100
    assert analytic(one, other) == pytest.approx((0.3, 0.3 - half, 0.3 + half))


def one_hot(labels):
    return np.eye(2)[np.asarray(labels, int)]


def test_more_is_better_whatever_is_done():
    y = np.array([0, 1, 1, 0])
    assert primary_score("classify", y, one_hot([0, 1, 0, 0])) == 0.75
    assert primary_score("regress", np.array([1.0, 2.0]), np.array([4.0, -2.0])) == -np.sqrt(12.5)
    assert primary_score("forecast", np.zeros((2, 2)), np.array([[1.0, 1], [1, 5]])) == -np.sqrt(7)


def test_a_lead_is_paired_question_by_question():
    random = np.random.default_rng(0)
    y = np.zeros(300, int)
    one, other = random.random((2, 300)) < [[0.15], [0.3]]
    found = compare_models("classify", y, one_hot(one), one_hot(other))
    truth = analytic(~one, ~other)
    assert found.interval == pytest.approx(truth, abs=0.006)
    assert found.significant
    again = compare_models("classify", y, one_hot(other), one_hot(one))
    assert again.interval.value == -found.interval.value
    assert again.significant


def test_an_error_in_the_targets_units_is_less_where_the_lead_is():
    random = np.random.default_rng(1)
    y = random.normal(size=200)
    noise = random.normal(size=200)
    found = compare_models("regress", y, y + noise, y + 2 * noise)
    rmse = np.sqrt(np.mean(noise**2))
    assert found.interval.value == pytest.approx(rmse)
    assert found.interval.low > 0
    assert found.significant


@pytest.mark.parametrize(("differ", "sure"), [(5, False), (6, True)])
def test_five_examples_decide_nothing(differ, sure):
    y = np.zeros(100, int)
    found = compare_models("classify", y, one_hot(y), one_hot(np.arange(100) < differ))
    assert found.interval.value == pytest.approx(differ / 100)
    assert found.enough_data == sure
    assert found.significant == (found.interval.low > 0 and sure)


def test_windows_that_share_their_steps_count_as_fewer():
    y = np.zeros((40, 10))
    said = np.random.default_rng(2).normal(size=(40, 10))
    assert not compare_models("forecast", y, 0.1 * said, said).enough_data
    assert compare_models(
        "forecast", np.tile(y, (2, 1)), 0.1 * np.tile(said, (2, 1)), np.tile(said, (2, 1))
    ).significant


def test_the_same_answers_are_no_lead():
    y = np.arange(50) % 2
    found = compare_models("classify", y, one_hot(y), one_hot(y))
    assert found.interval == (0, 0, 0)
    assert not found.significant
