"""The compiled loop against one in Python, on models whose answer is known."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import lampas
from lampas import ArgumentError, DataError, ShapeError
from lampas.forecasting import forecast

rng = np.random.default_rng(0)


class Known(lampas.Model):
    """A linear rule in place of a trained network: ``h`` blocks of a fixed matrix."""

    def __init__(self, matrix, horizon=0):
        self.matrix, self.horizon = np.asarray(matrix, np.float32), horizon

    def forward(self, x):
        y = x.reshape(len(x), -1) @ self.matrix
        return y.reshape(len(x), self.horizon, -1) if self.horizon else y


def by_hand(matrix, window, steps):
    """One block after the other, in float64."""
    window, result = np.asarray(window, np.float64), []
    features = window.shape[1]
    while len(result) < steps:
        block = (window.ravel() @ matrix).reshape(-1, features)
        result += list(block)
        window = np.concatenate([window, block])[-len(window) :]
    return np.array(result[:steps])


def test_fibonacci_follows_from_its_rule():
    model = Known([[1], [1]])
    model.example_shape = (2, 1)
    predicted = forecast(model, [0, 1, 1, 2, 3], 6)
    assert predicted.tolist() == [5, 8, 13, 21, 34, 55]
    assert forecast(model, [0, 1], 1).tolist() == [1]


@pytest.mark.parametrize(("features", "horizon"), [(1, 0), (1, 3), (2, 0), (2, 3), (2, 7)])
def test_it_goes_on_from_its_own_forecasts_in_blocks(features, horizon):
    length = 5
    matrix = rng.normal(0, 0.3, (length * features, (horizon or 1) * features))
    history = rng.normal(size=(4, length, features))
    predicted = forecast(Known(matrix, horizon), history, 8)
    expected = [by_hand(matrix, window, 8) for window in history]
    np.testing.assert_allclose(predicted, expected, rtol=1e-4, atol=1e-5)
    one = forecast(Known(matrix, horizon), history[0], 8)
    assert one.shape == (8, features)
    np.testing.assert_allclose(one, predicted[0], rtol=1e-5)


def test_a_dense_horizon_of_one_feature_is_a_block():
    matrix = rng.normal(0, 0.3, (4, 3))
    history = rng.normal(size=9)
    model = Known(matrix)
    model.example_shape = (4, 1)
    expected = by_hand(matrix, history[-4:, None], 7)[:, 0]
    np.testing.assert_allclose(forecast(model, history, 7), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.long
def test_it_agrees_with_predict_and_knows_new_weights():
    model = lampas.Sequential([lampas.LSTM(3, input_shape=(6, 1)), lampas.Dense(2)])
    history = rng.normal(size=20).astype(np.float32)
    for _ in range(2):
        window, result = history[-6:], []
        for _ in range(3):
            block = model.predict(window[None, :, None])[0]
            result += block.tolist()
            window = np.append(window, block)[-6:]
        np.testing.assert_allclose(forecast(model, history, 5), result[:5], atol=1e-6)
        model.set_weights([weight + 0.1 for weight in model.get_weights()])
    model.layers[0].freeze()
    np.testing.assert_array_equal(forecast(model, history, 2), forecast(model, history, 5)[:2])


@pytest.mark.parametrize("copy_model", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_changed_model_and_its_copies_forecast_by_what_they_are_now(copy_model):
    model = lampas.Sequential([lampas.Flatten(), lampas.Dense(1)])
    history = np.arange(4.0, dtype=np.float32)
    linear = forecast(model, history, 1)
    model.layers[1].activation = lampas.activations.tanh
    np.testing.assert_allclose(forecast(model, history, 1), np.tanh(linear), rtol=1e-5)
    other = copy_model(model)
    model.layers[1].activation = lampas.activations.linear
    np.testing.assert_allclose(forecast(other, history, 1), np.tanh(linear), rtol=1e-5)
    np.testing.assert_array_equal(forecast(model, history, 1), linear)


def test_fewer_targets_than_features_go_as_far_as_the_horizon():
    matrix = rng.normal(size=(6, 3))
    history = rng.normal(size=(2, 3, 2)).astype(np.float32)
    predicted = forecast(Known(matrix, 3), history, 2)
    np.testing.assert_allclose(predicted[..., 0], history.reshape(2, 6) @ matrix[:, :2], rtol=1e-4)
    with pytest.raises(ShapeError, match=r"forecasts 1 of 2 features, 3 steps ahead; 4 steps need"):
        forecast(Known(matrix, 3), history, 4)


def test_what_is_not_a_history_is_reported():
    model = Known([[1], [1]])
    model.example_shape = (2, 1)
    for steps in (0, 1.5):
        with pytest.raises(ArgumentError, match=f"steps must be an integer .* got {steps}"):
            forecast(model, [0, 1], steps)
    with pytest.raises(DataError, match="needs 2 rows, the history has 1"):
        forecast(model, [1], 3)
    with pytest.raises(DataError, match=r"x\[1\] of the history is nan"):
        forecast(model, [1, np.nan], 3)
    with pytest.raises(ShapeError, match=r"got \(1, 1, 1, 1\)"):
        forecast(model, [[[[1]]]], 3)
    flat = lampas.Sequential([lampas.Reshape((2, 1, 1))])
    with pytest.raises(ShapeError, match=r"got \(batch, 2, 1, 1\)"):
        forecast(flat, [[1], [2]], 1)
