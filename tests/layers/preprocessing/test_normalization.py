"""Normalization against NumPy; its statistics outlive a file."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas
from lampas import ArgumentError, DataError, ShapeError
from lampas.layers.preprocessing.normalization import Normalization
from tests.scale import examples

rng = np.random.default_rng(0)
X = (5 + 3 * rng.standard_normal((40, 6, 2)) * [1, 10]).astype(np.float32)


@pytest.mark.parametrize(
    ("axis", "others"), [(-1, (0, 1)), (2, (0, 1)), (1, (0, 2)), ((1, 2), (0,)), (None, (0, 1, 2))]
)
def test_it_takes_the_statistics_of_the_data(axis, others):
    layer = Normalization(axis)
    layer.adapt(X)
    wide = X.astype(np.float64)
    expected = (wide - wide.mean(others, keepdims=True)) / wide.std(others, keepdims=True)
    np.testing.assert_allclose(layer(X), expected, atol=1e-5)


@pytest.mark.long
@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
@examples(10)
def test_there_and_back_again(mean, variance):
    there = Normalization(None, mean, variance)
    back = Normalization(None, mean, variance, invert=True)
    np.testing.assert_allclose(back(there(X)), X, rtol=1e-3, atol=1e-3)


def test_one_number_serves_all_features_and_constants_become_zero():
    np.testing.assert_allclose(Normalization(mean=1.0, variance=4.0)(X), (X - 1) / 2, rtol=1e-5)
    layer = Normalization()
    layer.adapt(np.full((5, 2), 7.0))
    assert np.array_equal(layer(np.full((3, 2), 7.0)), np.zeros((3, 2)))


def test_constant_features_are_shifted_but_not_scaled():
    """As scikit-learn's StandardScaler: a variance of 0 counts as 1."""
    layer = Normalization()
    layer.adapt([[1, 5], [2, 5], [3, 5]])
    expected = [[(2 - 2) / np.sqrt(2 / 3), 6 - 5]]
    np.testing.assert_allclose(layer(np.array([[2.0, 6.0]])), expected, atol=1e-6)
    np.testing.assert_allclose(Normalization(mean=5.0, variance=0.0)(np.array([[6.0]])), [[1.0]])
    back = Normalization(mean=5.0, variance=0.0, invert=True)
    np.testing.assert_allclose(back(np.array([[1.0]])), [[6.0]])


@pytest.mark.parametrize(
    "column",
    [
        [0.1 + 0.2, 0.3, 0.3],  # differ in float64 alone
        np.full(1000, 0.1, np.float32),
        np.array([7.1, np.nextafter(np.float32(7.1), np.float32(8))] * 9, np.float32),
    ],
)
def test_rounding_errors_are_no_spread(column):
    """Worked out by hand: the deviation is 1, so a distance of 1 from the mean stays 1."""
    column = np.asarray(column)[:, None]
    layer = Normalization()
    layer.adapt(column)
    x = np.float32(column.mean()) + np.array([[-1.0], [0.0], [1.0]], np.float32)
    np.testing.assert_allclose(layer(x), [[-1.0], [0.0], [1.0]], atol=1e-5)
    given = Normalization(mean=column.mean(), variance=column.var())
    np.testing.assert_allclose(given(x), layer(x), atol=1e-6)


def test_small_units_are_scaled_all_the_same():
    x = np.array([[1e-12], [3e-12]])
    layer = Normalization()
    layer.adapt(x)
    np.testing.assert_allclose(layer(x), [[-1.0], [1.0]], rtol=1e-5)


@pytest.mark.parametrize(("axis", "shape"), [(2, (5,)), ((1, 3), (4, 3)), ((1, 2), (1, 5))])
def test_given_statistics_have_one_number_per_position_along_axis(axis, shape):
    x = rng.standard_normal((2, 4, 5, 3)).astype(np.float32)
    mean, variance = rng.standard_normal(shape), rng.uniform(0.5, 2, shape)
    layer = Normalization(axis, mean, variance)
    wide = {2: (1, 5, 1), (1, 3): (4, 1, 3), (1, 2): (1, 5, 1)}[axis]
    expected = (x - mean.reshape(wide)) / np.sqrt(variance.reshape(wide))
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)


def test_an_adapted_layer_survives_saving_and_a_second_adapt_counts(tmp_path):
    layer = Normalization(axis=-1, name="scale")
    layer.adapt(X)
    model = lampas.Sequential([layer, lampas.GlobalAveragePool1D(), lampas.Dense(1)])
    said = model.predict(X)
    model.save(tmp_path / "a.safetensors")
    again = lampas.load(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(again.predict(X), said)
    assert again.layers[0].name == "scale"
    assert not any("scale" in path for path in model.parameters())
    layer.adapt(2 * X + 1)
    np.testing.assert_allclose(model.predict(2 * X + 1), said, atol=1e-5)


def test_what_is_missing_or_does_not_fit_is_told():
    with pytest.raises(ArgumentError, match=r"has no mean and variance yet. Call adapt\(train_x\)"):
        Normalization()(X)
    with pytest.raises(ArgumentError, match="pass both mean and variance"):
        Normalization(mean=1.0)
    with pytest.raises(ArgumentError, match=r"no variance below 0, got 0.0 and -1.0"):
        Normalization(mean=0, variance=-1)
    with pytest.raises(ShapeError, match=r"statistics of shape \(3,\), the input needs \(2,\)"):
        Normalization(-1, [1, 2, 3], [1, 1, 1])(X)
    with pytest.raises(ArgumentError, match="axis=0 is not valid for an input with 3 axes"):
        Normalization(0).adapt(X)
    with pytest.raises(DataError, match=r"the data of shape \(0, 2\) is empty"):
        Normalization().adapt(X[:0, 0])
    with pytest.raises(DataError, match="is not finite"):
        Normalization().adapt(np.array([[1.0], [np.nan]]))
    layer = Normalization()
    layer.adapt(X)
    layer(X)
    with pytest.raises(ShapeError, match="was built for inputs with 2 in the last axis"):
        layer(X[..., :1])


def test_an_adaptation_that_does_not_fit_changes_nothing() -> None:
    layer = Normalization(mean=[1, 2, 3], variance=[1, 1, 1])
    x = np.ones((2, 3), np.float32)
    expected, before = layer(x), layer.init_arguments
    with pytest.raises(ShapeError, match=r"statistics of shape \(4,\)"):
        layer.adapt(np.ones((2, 4)))
    np.testing.assert_array_equal(layer(x), expected)
    assert layer.init_arguments is before
