"""Conditions, loops and maps."""

from __future__ import annotations

import jax
import numpy as np

from lampas import ops

X = np.arange(6, dtype=np.float32).reshape(3, 2)


def test_one_of_several_functions_is_called() -> None:
    assert ops.cond(ops.sum(X) > 0, lambda: 1, lambda: 2) == 1
    assert ops.switch(1, [lambda x: x, lambda x: 2 * x], 3) == 6


def test_loops_are_those_of_python() -> None:
    assert ops.while_loop(lambda n: n < 100, lambda n: 2 * n, 3) == 192
    assert ops.while_loop(lambda n: n < 100, lambda n: 2 * n, 3, maximum_iterations=2) == 12
    a, b = ops.while_loop(lambda a, b: a < 10, lambda a, b: (a + b, a), (1, 1))
    assert (a, b) == (13, 8)
    assert ops.fori_loop(0, 5, lambda i, total: total + i, 0) == 10


def test_functions_are_mapped_over_the_first_axis() -> None:
    last, sums = ops.scan(lambda total, x: (total + x, total), np.zeros(2, np.float32), X)
    np.testing.assert_array_equal(last, X.sum(0))
    np.testing.assert_array_equal(sums, np.cumsum(X, 0) - X)
    np.testing.assert_array_equal(ops.map(ops.square, X), X**2)
    np.testing.assert_array_equal(ops.vectorized_map(ops.sum, X), X.sum(1))


def test_a_function_has_the_gradient_that_it_returns() -> None:
    clipped = ops.custom_gradient(lambda x: (x**2, lambda upstream: upstream * 7))
    assert jax.grad(clipped)(3.0) == 7
