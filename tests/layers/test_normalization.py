"""BatchNormalization, LayerNormalization and LocalResponseNormalization."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas
from lampas import (
    ArgumentError,
    BatchNormalization,
    LayerNormalization,
    LocalResponseNormalization,
    ShapeError,
)
from tests.oracles import layers as oracle
from tests.oracles.differences import gradient
from tests.oracles.layers import local_response_norm
from tests.scale import examples

PICTURES = np.random.default_rng(0).normal(3, 2, size=(4, 3, 2, 5)).astype(np.float32)
ROWS = np.random.default_rng(1).normal(-1, 3, size=(8, 5)).astype(np.float32)
GAMMA, BETA = np.array([1.5, -1, 0.5, 2, 1], np.float32), np.arange(5, dtype=np.float32)


def test_the_axis_of_batch_normalization_is_the_last_one() -> None:
    expected = BatchNormalization()(PICTURES)
    for axis in (-1, 3):
        np.testing.assert_array_equal(BatchNormalization(axis)(PICTURES), expected)
    with pytest.raises(ShapeError, match=r"axis=1: the features are the last axis .* \(4, 3, 2, 5"):
        BatchNormalization(axis=1)(PICTURES)


def trained(layer: lampas.Layer, x: np.ndarray) -> np.ndarray:
    with lampas.forward_pass(training=True, key=jax.random.key(0)):
        return np.asarray(layer(x))


def shifted(layer: lampas.Layer, x: np.ndarray) -> lampas.Layer:
    """The layer built for ``x``, with a scale and a shift of its own."""
    layer(x)
    layer.gamma.value, layer.beta.value = jax.numpy.array(GAMMA), jax.numpy.array(BETA)
    return layer


@pytest.mark.parametrize("x", [PICTURES, ROWS], ids=["pictures", "rows"])
def test_batch_normalization_in_training_uses_the_batch(x: np.ndarray) -> None:
    layer = shifted(BatchNormalization(), x)
    expected = oracle.normalize(x, *oracle.batch_statistics(x), GAMMA, BETA, 1e-3)
    np.testing.assert_allclose(trained(layer, x), expected, atol=2e-5)


def test_batch_normalization_moves_its_statistics_by_one_hundredth() -> None:
    layer = BatchNormalization()
    mean, variance = np.zeros(5), np.ones(5)
    for x in (ROWS, 2 * ROWS + 1):
        trained(layer, x)
        batch_mean, batch_variance = oracle.batch_statistics(x)
        mean = 0.99 * mean + 0.01 * batch_mean
        variance = 0.99 * variance + 0.01 * batch_variance
    np.testing.assert_allclose(layer.moving_mean.numpy(), mean, atol=1e-6)
    np.testing.assert_allclose(layer.moving_variance.numpy(), variance, rtol=1e-6)


def test_batch_normalization_otherwise_uses_the_moving_statistics_and_leaves_them() -> None:
    layer = shifted(BatchNormalization(momentum=0.5), ROWS)
    trained(layer, ROWS)
    mean, variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
    expected = oracle.normalize(ROWS, mean, variance, GAMMA, BETA, 1e-3)
    np.testing.assert_allclose(layer(ROWS), expected, atol=1e-5)
    np.testing.assert_array_equal(layer.moving_mean.numpy(), mean)
    np.testing.assert_array_equal(layer.moving_variance.numpy(), variance)


def test_untrained_batch_normalization_is_nearly_the_identity() -> None:
    np.testing.assert_allclose(BatchNormalization()(ROWS), ROWS / np.sqrt(1.001), rtol=1e-6)


@pytest.mark.long
@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(-50, 50), spread=st.floats(0.5, 20))
@examples(25)
def test_normalized_batch_has_mean_0_and_variance_1(seed: int, mean: float, spread: float) -> None:
    x = np.random.default_rng(seed).normal(mean, spread, (32, 3)).astype(np.float32)
    y = trained(BatchNormalization(), x)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-4)
    variance = x.var(0, dtype=np.float64)
    np.testing.assert_allclose(y.var(0), variance / (variance + 1e-3), atol=1e-3)


@pytest.mark.parametrize("kind", [BatchNormalization, LayerNormalization])
def test_variables_are_as_many_as_features_and_a_penalty_touches_none(kind: type) -> None:
    layer = kind()
    layer(PICTURES)
    assert {path: p.shape for path, p in layer.parameters().items()} == {
        "gamma": (5,),
        "beta": (5,),
    }
    assert not any(p.regularized for p in layer.parameters().values())
    states = {"moving_mean", "moving_variance"} if kind is BatchNormalization else set()
    assert set(layer.state_variables()) == states


@pytest.mark.parametrize("kind", [BatchNormalization, LayerNormalization])
def test_without_center_and_scale_nothing_is_learnt(kind: type) -> None:
    layer = kind(center=False, scale=False)
    y = trained(layer, ROWS)
    assert layer.parameters() == {}
    np.testing.assert_allclose(y, trained(kind(), ROWS), atol=1e-6)


@pytest.mark.parametrize("x", [PICTURES, ROWS], ids=["pictures", "rows"])
def test_layer_normalization_is_that_of_the_definition(x: np.ndarray) -> None:
    layer = shifted(LayerNormalization(epsilon=1e-2), x)
    np.testing.assert_allclose(layer(x), oracle.layer_norm(x, GAMMA, BETA, 1e-2), atol=2e-5)


def test_layer_normalization_is_the_same_in_training() -> None:
    layer = shifted(LayerNormalization(), ROWS)
    np.testing.assert_array_equal(trained(layer, ROWS), layer(ROWS))


@pytest.mark.parametrize("kind", [BatchNormalization, LayerNormalization])
def test_gradient_passes_through_the_statistics(kind: type) -> None:
    layer = shifted(kind(), ROWS)
    (params, state), apply = lampas.functional(layer)
    dy = np.random.default_rng(2).normal(size=ROWS.shape)

    def define(x: np.ndarray) -> float:
        if kind is LayerNormalization:
            return np.sum(dy * oracle.layer_norm(x, GAMMA, BETA, 1e-3))
        return np.sum(dy * oracle.normalize(x, *oracle.batch_statistics(x), GAMMA, BETA, 1e-3))

    slope = jax.jit(jax.grad(lambda x: (dy * apply(params, state, x, training=True)[0]).sum()))
    np.testing.assert_allclose(slope(ROWS), gradient(define, ROWS), atol=1e-4)


def test_other_features_than_at_first_are_an_error() -> None:
    layer = BatchNormalization()
    layer(ROWS)
    with pytest.raises(ShapeError, match=r"with 5 in the last axis, got .* \(8, 4\)"):
        layer(ROWS[:, :4])


X = np.random.default_rng(0).normal(0, 20, size=(2, 3, 2, 7)).astype(np.float32)


@pytest.mark.parametrize(
    ("size", "alpha", "beta", "k"), [(5, 1e-4, 0.75, 2.0), (3, 0.5, 0.5, 1.0), (1, 1.0, 1.0, 0.1)]
)
def test_each_map_is_divided_by_its_neighbours_energy(size, alpha, beta, k) -> None:
    y = LocalResponseNormalization(size, alpha, beta, k)(X)
    np.testing.assert_allclose(y, local_response_norm(X, size, alpha, beta, k), rtol=1e-5)


def test_the_defaults_are_those_of_2012() -> None:
    np.testing.assert_allclose(
        LocalResponseNormalization()(X), local_response_norm(X, 5, 1e-4, 0.75, 2), rtol=1e-5
    )


def test_a_window_wider_than_the_maps_sums_all_of_them() -> None:
    expected = X / (1 + 0.1 * (X.astype(np.float64) ** 2).sum(-1, keepdims=True)) ** 0.5
    y = LocalResponseNormalization(size=15, alpha=0.1, beta=0.5, k=1.0)(X)
    np.testing.assert_allclose(y, expected, rtol=1e-5)


@pytest.mark.long
def test_gradient_is_that_of_finite_differences() -> None:
    x, dy = X[0, 0], np.random.default_rng(1).normal(size=(2, 7))
    layer = LocalResponseNormalization(alpha=0.01)
    ours = jax.grad(lambda x: (dy * layer(x)).sum())(x)
    theirs = gradient(lambda x: (dy * local_response_norm(x, 5, 0.01, 0.75, 2)).sum(), x, 1e-4)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("size", [0, 2, -3])
def test_a_window_without_a_middle_is_an_error(size) -> None:
    with pytest.raises(
        ArgumentError, match=f"size must be (odd|an integer of at least 1), got {size}"
    ):
        LocalResponseNormalization(size)


@pytest.mark.parametrize("k", [0.0, -1.0, float("nan")])
def test_k_must_be_above_0(k) -> None:
    with pytest.raises(ArgumentError, match=r"k must be .*above 0"):
        LocalResponseNormalization(k=k)
