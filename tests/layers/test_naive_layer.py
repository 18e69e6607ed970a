"""Forecasts that start from the last value."""

import numpy as np
import pytest

from lampas import ArgumentError, Sequential, ShapeError, load
from lampas.layers import Dense, Flatten
from lampas.layers.forecasting import NaiveResidual

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((3, 5, 2)).astype(np.float32)


def linear(horizon=4, start="glorot_uniform"):
    return Sequential([Flatten(), Dense(horizon, kernel_initializer=start)])


def test_with_nothing_to_add_it_is_the_last_value_again():
    layer = NaiveResidual([linear(start="zeros")], column=1)
    np.testing.assert_array_equal(layer(X), np.repeat(X[:, -1:, 1], 4, 1))


def test_the_corrections_of_all_layers_are_added():
    one, other = linear(), linear()
    since = X - X[:, -1:]
    expected = X[:, -1:, 0] + np.asarray(one(since)) + np.asarray(other(since))
    np.testing.assert_allclose(NaiveResidual([one, other])(X), expected, atol=1e-6)


def test_a_higher_level_is_forecast_as_much_higher():
    layer = NaiveResidual([linear()])
    np.testing.assert_allclose(layer(X + 100), np.asarray(layer(X)) + 100, atol=1e-4)


def test_it_is_saved_with_its_layers(tmp_path):
    model = Sequential([NaiveResidual([linear(), linear()], column=1, input_shape=(5, 2))])
    model.save(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "a.safetensors")(X), model(X))


def test_what_does_not_fit_is_told():
    with pytest.raises(ArgumentError, match="one layer or more in a list, got 3"):
        NaiveResidual(3)
    with pytest.raises(ArgumentError, match="column must be 0 or more, got -1"):
        NaiveResidual([linear()], column=-1)
    with pytest.raises(ShapeError, match="with a feature 2, got"):
        NaiveResidual([linear()], column=2)(X)
