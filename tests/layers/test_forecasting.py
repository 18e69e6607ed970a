"""LastValueResidual, and Autoregression: ridge regression, then training."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import L2, ArgumentError, DataError, Sequential, ShapeError, load
from lampas.layers import Autoregression, Dense, Flatten
from lampas.layers.forecasting import PENALTIES, LastValueResidual

WINDOWS = np.random.default_rng(0).standard_normal((3, 5, 2)).astype(np.float32)


def linear(horizon=4, start="glorot_uniform"):
    return Sequential([Flatten(), Dense(horizon, kernel_initializer=start)])


def test_with_nothing_to_add_it_is_the_last_value_again():
    layer = LastValueResidual([linear(start="zeros")], column=1)
    np.testing.assert_array_equal(layer(WINDOWS), np.repeat(WINDOWS[:, -1:, 1], 4, 1))


def test_the_corrections_of_all_layers_are_added():
    one, other = linear(), linear()
    since = WINDOWS - WINDOWS[:, -1:]
    expected = WINDOWS[:, -1:, 0] + np.asarray(one(since)) + np.asarray(other(since))
    np.testing.assert_allclose(LastValueResidual([one, other])(WINDOWS), expected, atol=1e-6)


def test_a_higher_level_is_forecast_as_much_higher():
    layer = LastValueResidual([linear()])
    np.testing.assert_allclose(layer(WINDOWS + 100), np.asarray(layer(WINDOWS)) + 100, atol=1e-4)


def test_it_is_saved_with_its_layers(tmp_path):
    model = Sequential([LastValueResidual([linear(), linear()], column=1, input_shape=(5, 2))])
    model.save(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "a.safetensors")(WINDOWS), model(WINDOWS))


def test_layers_columns_and_shapes_are_checked():
    with pytest.raises(ArgumentError, match="a list of one or more layers, got 3"):
        LastValueResidual(3)
    with pytest.raises(ArgumentError, match="column must be an integer of at least 0, got -1"):
        LastValueResidual([linear()], column=-1)
    with pytest.raises(ShapeError, match="with a feature 2, got"):
        LastValueResidual([linear()], column=2)(WINDOWS)


RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((60, 5, 2))
KERNEL, BIAS = RANDOM.standard_normal((5, 2, 3)), np.array([4.0, -1.0, 0.5])
Y = np.tensordot(X, KERNEL, 2) + BIAS


def adapted(x=X, y=Y, **options):
    layer = Autoregression(y.shape[1], **options)
    layer.adapt(x, y)
    return layer


def test_it_begins_with_nothing_but_zeros():
    np.testing.assert_array_equal(Autoregression(3)(X), np.zeros((60, 3)))


def test_what_is_linear_is_found():
    layer = adapted()
    np.testing.assert_allclose(layer(X), Y, atol=1e-4)
    np.testing.assert_allclose(layer.kernel.value, KERNEL, atol=1e-4)
    np.testing.assert_allclose(layer.bias.value, BIAS, atol=1e-4)


def test_the_penalty_is_the_one_that_forecasts_later_examples_best():
    pytest.importorskip("sklearn")
    from sklearn.linear_model import Ridge

    y, x = Y + RANDOM.normal(0, 20, Y.shape), X.reshape(60, -1)

    def learnt(penalty, part):
        # Ridge counts the penalty in sums, the layer in variances of the inputs.
        return Ridge(penalty * part.stop * x[part].var(0).mean()).fit(x[part], y[part])

    def error(penalty):
        return np.square(learnt(penalty, slice(45)).predict(x[45:]) - y[45:]).mean()

    best = min(PENALTIES, key=error)
    assert best > PENALTIES[0]
    truth = learnt(best, slice(60)).predict(x)
    np.testing.assert_allclose(adapted(y=y)(X), truth, atol=1e-3)


def test_steps_that_are_nearly_alike_and_columns_that_never_change_do_no_harm():
    x = np.repeat(X[:, :1, :1], 5, 1) + 1e-9 * X[:, :, :1]
    x = np.concatenate([x, np.full_like(x, 7)], 2)
    y = 3 * x[:, 0, :1]
    np.testing.assert_allclose(adapted(x, y)(x), y, atol=1e-3)
    still = np.ones((6, 2, 1))
    np.testing.assert_array_equal(adapted(still, still[:, :, 0])(still), np.ones((6, 2)))


def test_training_goes_on_from_there_and_the_penalty_leaves_the_bias():
    layer = adapted(kernel_regularizer=L2(0.5))
    model = Sequential([layer])
    model.compile("sgd", "mse")
    history = model.fit(X, Y, epochs=1, batch_size=60, verbose=0)
    assert history.history["loss"][0] == pytest.approx(0.5 * np.square(KERNEL).sum(), rel=1e-3)


def test_it_can_be_adapted_once_it_is_built():
    layer = Autoregression(3)
    layer(X)
    layer.adapt(X, Y)
    np.testing.assert_allclose(layer(X), Y, atol=1e-4)


def test_it_is_saved_with_what_it_has_learnt(tmp_path):
    model = Sequential([adapted()])
    model(X)
    model.save(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "a.safetensors")(X), model(X))


def test_it_is_as_many_multiplications_as_it_has_weights():
    layer = adapted()
    layer(X)
    assert layer.multiplications((60, 5, 2), (60, 3)) == 60 * 5 * 2 * 3


def test_what_does_not_fit_is_told():
    with pytest.raises(ArgumentError, match="horizon must be an integer of at least 1, got 0"):
        Autoregression(0)
    with pytest.raises(ShapeError, match=r"\(batch, steps, features\)"):
        Sequential([Flatten(), Autoregression(3)])(X)
    with pytest.raises(ShapeError, match=r"adapted for windows of \(5, 2\), got \(4, 2\)"):
        adapted()(X[:, 1:])
    built = Autoregression(3)
    built(X)
    with pytest.raises(ShapeError, match=r"adapted for windows of \(4, 2\), got \(5, 2\)"):
        built.adapt(X[:, 1:], Y)
    np.testing.assert_array_equal(built(X), np.zeros((60, 3)))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X[:, 0], Y, r"x \(examples, steps, features\) .* got \(60, 2\) and \(60, 3\)"),
        (X, Y[:-1], r"got \(60, 5, 2\) and \(59, 3\)"),
        (X, Y[:, :2], r"\(examples, 3\); got"),
        (X[:1], Y[:1], "two examples or more"),
        (X * np.nan, Y, "finite numbers"),
        (X, Y * np.inf, "finite numbers"),
    ],
)
def test_data_that_can_not_be_adapted_to_is_told(x, y, message):
    with pytest.raises(DataError, match=message):
        Autoregression(3).adapt(x, y)
