from __future__ import annotations

import jax
import numpy as np
import pytest

from lampas import ArgumentError, LocalResponseNormalization
from tests.oracles.differences import gradient
from tests.oracles.layers import local_response_norm

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


def test_gradient_is_that_of_finite_differences() -> None:
    x, dy = X[0, 0], np.random.default_rng(1).normal(size=(2, 7))
    layer = LocalResponseNormalization(alpha=0.01)
    ours = jax.grad(lambda x: (dy * layer(x)).sum())(x)
    theirs = gradient(lambda x: (dy * local_response_norm(x, 5, 0.01, 0.75, 2)).sum(), x, 1e-4)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("size", [0, 2, -3])
def test_a_window_without_a_middle_is_an_error(size) -> None:
    with pytest.raises(ArgumentError, match=f"size must be odd, .* got {size}"):
        LocalResponseNormalization(size)


@pytest.mark.parametrize("k", [0.0, -1.0, float("nan")])
def test_k_must_be_above_0(k) -> None:
    with pytest.raises(ArgumentError, match="k must be above 0"):
        LocalResponseNormalization(k=k)
