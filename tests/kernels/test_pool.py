from __future__ import annotations

import jax
import numpy as np
import pytest

from lampas.kernels import pool as ops
from lampas.kernels.windows import explicit_padding
from tests.oracles import pool as oracle
from tests.oracles.differences import gradient

# space, window, strides, padding
CASES = [
    ((6,), (2,), (2,), "valid"),
    ((7,), (2,), (2,), "valid"),
    ((7,), (3,), (2,), "same"),
    ((8,), (2,), (3,), "valid"),
    ((4, 6), (2, 2), (2, 2), "valid"),
    ((5, 7), (2, 3), (2, 3), "valid"),
    ((5, 7), (2, 2), (2, 2), "same"),
    ((6, 5), (3, 3), (1, 2), "valid"),
    ((5, 6), (3, 2), (2, 1), "same"),
    ((4, 4), (2, 2), (1, 1), "same"),
]


def with_gradient(function, x, dy):
    def run(x, dy):
        y, back = jax.vjp(function, x)
        return y, back(dy)[0]

    with jax.enable_x64(True):
        return jax.jit(run)(x, dy)


def drawn(case: tuple, ties: bool) -> tuple:
    space, window, strides, padding = case
    random = np.random.default_rng(0)
    size = (2, *space, 3)
    x = random.integers(0, 3, size).astype(np.float64) if ties else random.normal(size=size)
    return x, (window, strides, explicit_padding(space, window, strides, padding))


@pytest.mark.parametrize("ties", [False, True], ids=["distinct", "ties"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_max_pool_and_its_gradient_are_those_of_the_definition(case: tuple, ties: bool) -> None:
    x, options = drawn(case, ties)
    expected = oracle.max_pool(x, *options)
    dy = np.random.default_rng(1).normal(size=expected.shape)
    y, dx = with_gradient(lambda x: ops.max_pool(x, *options), x, dy)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_allclose(dx, oracle.max_pool_gradient(dy, x, *options), atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_average_pool_and_its_gradient_are_those_of_the_definition(case: tuple) -> None:
    x, options = drawn(case, ties=False)
    expected = oracle.average_pool(x, *options)
    dy = np.random.default_rng(1).normal(size=expected.shape)
    y, dx = with_gradient(lambda x: ops.average_pool(x, *options), x, dy)
    np.testing.assert_allclose(y, expected, atol=1e-12)
    np.testing.assert_allclose(dx, oracle.average_pool_gradient(dy, x, *options), atol=1e-12)


@pytest.mark.parametrize("name", ["max_pool", "average_pool"])
def test_definition_has_the_gradients_that_finite_differences_find(name: str) -> None:
    x, options = drawn(CASES[8], ties=False)
    pool, grad = getattr(oracle, name), getattr(oracle, f"{name}_gradient")
    dy = np.random.default_rng(1).normal(size=pool(x, *options).shape)
    expected = gradient(lambda a: np.sum(dy * pool(a, *options)), x)
    np.testing.assert_allclose(grad(dy, x, *options), expected, atol=1e-7)


def test_tie_gives_the_whole_gradient_to_the_first_element_in_row_order() -> None:
    x = np.ones((1, 2, 2, 1))
    dx = jax.grad(lambda x: ops.max_pool(x, (2, 2), (2, 2), ((0, 0), (0, 0))).sum())(x)
    np.testing.assert_array_equal(dx[0, :, :, 0], [[1, 0], [0, 0]])


@pytest.mark.long
def test_overlapping_windows_add_up_the_gradient_of_a_shared_maximum() -> None:
    x = np.array([0.0, 5.0, 1.0]).reshape(1, 3, 1)
    dx = jax.grad(lambda x: ops.max_pool(x, (2,), (1,), ((0, 0),)).sum())(x)
    np.testing.assert_array_equal(dx.ravel(), [0, 2, 0])


@pytest.mark.long
def test_padding_is_never_the_maximum_and_takes_no_gradient() -> None:
    x = -np.arange(1.0, 6.0).reshape(1, 5, 1)
    f = lambda x: ops.max_pool(x, (2,), (2,), ((0, 1),))  # noqa: E731
    np.testing.assert_array_equal(np.ravel(f(x)), [-1, -3, -5])
    dx = jax.grad(lambda x: f(x).sum())(x)
    np.testing.assert_array_equal(dx.ravel(), [1, 0, 1, 0, 1])


@pytest.mark.parametrize("case", CASES[-3:], ids=str)
def test_average_of_a_constant_is_the_constant_at_the_padded_rim_too(case: tuple) -> None:
    x, options = drawn(case, ties=False)
    y = ops.average_pool(np.full(x.shape, 3.5, np.float32), *options)
    np.testing.assert_allclose(y, 3.5, rtol=1e-6)


def test_slices_hold_each_place_of_every_window_in_row_order() -> None:
    x = np.arange(24).reshape(1, 4, 6, 1)
    found = np.stack([part[0, 0, 1, 0] for part in ops.strided_slices(x, (2, 2), (2, 2))])
    np.testing.assert_array_equal(found, [2, 3, 8, 9])
