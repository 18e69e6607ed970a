"""Dense, Activation and Dropout."""

from __future__ import annotations

import math

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas
from lampas import (
    ArgumentError,
    Dense,
    Dropout,
    Flatten,
    LampasError,
    Sequential,
    ShapeError,
    UnknownNameError,
)
from tests.oracles import layers as oracle
from tests.scale import examples

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


@pytest.mark.long
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


ONES = np.ones((100, 100), np.float32)


def dropped(layer: lampas.Module, x: np.ndarray = ONES, seed: int = 0) -> np.ndarray:
    with lampas.forward_pass(training=True, key=jax.random.key(seed)):
        return np.asarray(layer(x))


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
def test_survivors_are_scaled_so_that_the_expectation_stays(rate: float) -> None:
    y = dropped(Dropout(rate))
    np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=1e-6)
    five_deviations = 5 * np.sqrt(rate * (1 - rate) / y.size)
    assert abs(np.mean(y == 0) - rate) < five_deviations
    assert abs(y.mean() - 1) < five_deviations / (1 - rate)


@pytest.mark.long
@given(rate=st.floats(0.01, 0.99))
@examples(10)
def test_keep_is_what_rate_leaves(rate: float) -> None:
    by_rate, by_keep = dropped(Dropout(rate), ONES[:10]), dropped(Dropout(keep=1 - rate), ONES[:10])
    np.testing.assert_allclose(by_rate, by_keep, rtol=1e-5)


def test_outside_training_nothing_happens() -> None:
    assert np.array_equal(Dropout(0.5)(ONES), ONES)
    with lampas.forward_pass(training=False, key=jax.random.key(0)):
        assert np.array_equal(Dropout(0.5)(ONES), ONES)


@pytest.mark.parametrize("none", [Dropout(0.0), Dropout(keep=1.0)])
def test_rate_0_drops_nothing_and_asks_for_no_randomness(none: Dropout) -> None:
    with lampas.forward_pass(training=True):
        assert np.array_equal(none(ONES), ONES)


def test_the_key_decides_what_is_dropped() -> None:
    layer = Dropout(0.5)
    assert np.array_equal(dropped(layer), dropped(layer))
    assert not np.array_equal(dropped(layer), dropped(layer, seed=1))


def test_two_layers_and_two_calls_drop_different_nodes() -> None:
    layer = Dropout(0.5)
    with lampas.forward_pass(training=True, key=jax.random.key(0)):
        assert not np.array_equal(layer(ONES), layer(ONES))
    pair = dropped(Sequential([Dropout(0.5), Dropout(0.5)]))
    assert abs(np.mean(pair != 0) - 0.25) < 0.03


def test_gradient_passes_where_nodes_are_kept() -> None:
    layer, x = Dropout(0.25), ONES[:4, :5]
    _, apply = lampas.functional(layer)
    key = jax.random.key(0)
    slope = jax.grad(lambda x: apply({}, {}, x, training=True, rng=key)[0].sum())(x)
    np.testing.assert_allclose(slope, apply({}, {}, x, training=True, rng=key)[0], rtol=1e-6)


def test_training_without_a_key_says_how_to_give_one() -> None:
    with (
        lampas.forward_pass(training=True),
        pytest.raises(LampasError, match=r"forward_pass\(training=True, key=key\)"),
    ):
        Dropout(0.5)(ONES)


@pytest.mark.parametrize("given", [{}, {"rate": 0.2, "keep": 0.8}])
def test_exactly_one_of_rate_and_keep_is_needed(given: dict) -> None:
    with pytest.raises(ArgumentError, match="either rate or keep="):
        Dropout(**given)


@pytest.mark.parametrize(
    "given", [{"rate": 1.0}, {"rate": -0.1}, {"rate": 2}, {"keep": 0.0}, {"keep": 1.5}], ids=str
)
def test_probability_out_of_range_is_named_as_it_was_given(given: dict) -> None:
    ((name, value),) = given.items()
    with pytest.raises(ArgumentError, match=f"Dropout: {name} must be .* 1, got {value}"):
        Dropout(**given)


def test_layers_with_different_seeds_draw_different_numbers():
    def drawn(seed):
        with lampas.forward_pass(training=True, key=jax.random.key(0)):
            return Dropout(0.5, seed=seed)(ONES)

    assert np.array_equal(drawn(1), drawn(1))
    assert not np.array_equal(drawn(1), drawn(2))
    assert not np.array_equal(drawn(1), drawn(None))
