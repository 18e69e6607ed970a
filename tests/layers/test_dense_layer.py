from __future__ import annotations

import math

import jax
import numpy as np
import pytest

import lampas
from lampas import ArgumentError, Dense, Flatten, Sequential, ShapeError, UnknownNameError
from tests.oracles import layers as oracle

X = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3)], ids=str)
def test_output_is_that_of_the_definition(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    layer = Dense(4, bias_initializer="random_normal")
    y = layer(x)
    np.testing.assert_allclose(
        y, oracle.dense(x, layer.kernel.numpy(), layer.bias.numpy()), atol=1e-6
    )


@pytest.mark.parametrize(
    ("activation", "derivative"),
    [
        (None, np.ones_like),
        ("tanh", lambda u: 1 - np.tanh(u) ** 2),
        ("relu", lambda u: np.float64(u > 0)),
    ],
)
def test_gradient_is_that_of_the_definition(activation, derivative) -> None:
    layer = Dense(4, activation, bias_initializer="random_normal")
    layer(X)
    (params, state), apply = lampas.functional(layer)
    grads = jax.jit(jax.grad(lambda p: apply(p, state, X)[0].sum()))(params)
    slope = derivative(oracle.dense(X, layer.kernel.numpy(), layer.bias.numpy()))
    np.testing.assert_allclose(grads["kernel"], X.T @ slope, atol=1e-5)
    np.testing.assert_allclose(grads["bias"], slope.sum(0), atol=1e-5)


def test_without_bias_there_is_only_a_kernel() -> None:
    layer = Dense(4, use_bias=False)
    y = layer(X)
    assert list(layer.parameters()) == ["kernel"]
    np.testing.assert_allclose(y, X @ layer.kernel.numpy(), atol=1e-6)


def test_starts_glorot_uniform_with_bias_zero() -> None:
    layer = Dense(300)
    layer(X)
    limit = math.sqrt(6 / 303)
    assert 0.98 * limit < np.abs(layer.kernel.numpy()).max() <= limit
    np.testing.assert_array_equal(layer.bias.numpy(), 0)


def test_same_seed_and_place_give_the_same_weights() -> None:
    def kernel(seed: int) -> np.ndarray:
        lampas.set_seed(seed)
        layer = Dense(4)
        layer(X)
        return layer.kernel.numpy()

    np.testing.assert_array_equal(kernel(1), kernel(1))
    assert not np.array_equal(kernel(1), kernel(2))


def test_other_features_than_at_first_name_the_layer_and_both_sizes() -> None:
    model = Sequential([Dense(4), Dense(2, name="head")])
    model(X)
    with pytest.raises(ShapeError) as caught:
        model.layers[0](X[:, :2])
    assert "with 3 in the last axis" in str(caught.value)
    assert "(5, 2)" in str(caught.value)
    with pytest.raises(ShapeError, match=r"^dense_1 \(Dense\): was built for inputs with 3"):
        model(X[:, :2])


def test_error_deep_inside_names_the_innermost_layer_once() -> None:
    model = Sequential([Sequential([Flatten(), Dense(2, name="inner")]), Dense(1)])
    model(np.ones((2, 2, 2)))
    with pytest.raises(ShapeError) as caught:
        model(np.ones((2, 3, 2)))
    assert str(caught.value).startswith("sequential_1/inner (Dense): was built for inputs with 4")
    assert str(caught.value).count("(Dense)") == 1


def test_single_number_is_no_batch() -> None:
    with pytest.raises(ShapeError, match="expects a batch of inputs, got a single number"):
        Dense(2)(1.0)


@pytest.mark.parametrize("units", [0, -3])
def test_less_than_one_unit_is_an_error(units: int) -> None:
    with pytest.raises(ArgumentError, match=f"at least one unit, got units={units}"):
        Dense(units)


@pytest.mark.parametrize("units", [2.5, "relu", None])
def test_units_that_are_no_whole_number_are_an_error(units: object) -> None:
    with pytest.raises(ArgumentError, match=f"a whole number .*, got units={units!r}"):
        Dense(units)  # type: ignore[arg-type]


def test_unknown_option_offers_the_nearest_right_one() -> None:
    with pytest.raises(
        UnknownNameError, match=r"argument 'inputshape'. Did you mean 'input_shape'"
    ):
        Dense(2, inputshape=(3,))


@pytest.mark.parametrize(
    ("option", "value", "meant"),
    [
        ("activation", "rellu", "relu"),
        ("kernel_initializer", "glorot", "glorot_normal"),
        ("kernel_regularizer", "l2_nrm", "l2_norm"),
    ],
)
def test_unknown_name_offers_the_nearest_right_one(option: str, value: str, meant: str) -> None:
    kind = option.removeprefix("kernel_")
    with pytest.raises(UnknownNameError, match=f"Unknown {kind} '{value}'. Did you mean '{meant}'"):
        Dense(2, **{option: value})(X)
