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
