"""Permutation importance against a model whose importances are known."""

import numpy as np
import pytest

from lampas.evaluation.permutation_importance import REPEATS, permutation_importance

RANDOM = np.random.RandomState(0)
X = RANDOM.normal(size=(400, 4))
SOURCES = ("none", "some", "most", "most")
"""A column each, the last of two numbers."""


def said(x):
    return x[:, 1] + 3 * (x[:, 2] + x[:, 3])


def fit(answers, y):
    return -float(np.mean((answers - y) ** 2))


def test_of_a_linear_model_it_is_twice_the_squared_gradient():
    found = permutation_importance(said, fit, X, SOURCES, said(X), seed=1)
    assert list(found) == ["most", "some", "none"]
    assert found["none"] == (0, 0, 0)
    for name, part in (("some", X[:, 1]), ("most", 3 * (X[:, 2] + X[:, 3]))):
        assert found[name].value == pytest.approx(2 * part.var(), rel=0.1)
        assert found[name].low < found[name].value < found[name].high


def test_the_same_seed_draws_the_same_orders():
    first, again, other = (
        permutation_importance(said, fit, X, SOURCES, said(X), seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first["most"] != other["most"]


def test_numbers_of_one_column_stay_together():
    x = np.stack([X[:, 0], X[:, 0]], axis=1)
    asked = []
    permutation_importance(
        lambda rows: asked.append(rows) or rows[:, 0], fit, x, ("a", "a"), X[:, 0], seed=0
    )
    for rows in asked:
        np.testing.assert_array_equal(rows[:, 0], rows[:, 1])
    whole, shuffled = asked
    np.testing.assert_array_equal(
        shuffled[:, 0].reshape(REPEATS, -1).sum(1).round(6), whole[:, 0].sum().round(6)
    )


def test_of_a_wide_table_fewer_rows_are_asked_about():
    x = np.zeros((500, 1_000))
    asked = []
    sources = ["a"] * 500 + ["b"] * 500
    permutation_importance(
        lambda rows: asked.append(rows) or rows[:, 0], fit, x, sources, x[:, 0], seed=0
    )
    assert [rows.shape for rows in asked] == [(200, 1_000), (600, 1_000), (600, 1_000)]
