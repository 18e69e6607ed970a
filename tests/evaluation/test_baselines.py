"""Baselines of classifiers."""

import numpy as np

from lampas.evaluation.baselines import Features, logistic_regression, majority_class


def test_the_majority_class_has_the_class_frequencies():
    baseline = majority_class(np.array([0, 2, 2, 1]), 3, 4)
    np.testing.assert_array_equal(baseline.predictions, [[0.25, 0.25, 0.5, 0]] * 3)


def test_logistic_regression_separates_linear_classes_and_allows_for_missing_ones():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(90, 3)), np.tile([0, 2], 45)
    x[:, 1] += 9 * y
    train, validation, test = (
        Features(x[start : start + 30], y[start : start + 30]) for start in (0, 30, 60)
    )
    baseline = logistic_regression("it", train, validation, test.x, 3, 0)
    assert (baseline.predictions.argmax(1) == test.y).all()
    np.testing.assert_array_equal(baseline.predictions[:, 1], 0)
    assert baseline.name == "it"
