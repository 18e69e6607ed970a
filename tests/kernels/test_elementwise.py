from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lampas.kernels.elementwise import bias_relu
from tests.oracles.differences import gradient


@pytest.mark.parametrize("leading", [(), (5,), (2, 3, 4)], ids=str)
def test_bias_relu_and_its_gradients_are_those_of_the_definition(leading: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    y, bias = random.normal(size=(*leading, 4)), random.normal(size=4)
    grad = random.normal(size=y.shape)

    def run(y, bias, grad):
        output, back = jax.vjp(bias_relu, y, bias)
        return output, *back(grad)

    with jax.enable_x64(True):
        output, dy, dbias = jax.jit(run)(y, bias, grad)
    np.testing.assert_allclose(output, np.maximum(y + bias, 0), atol=1e-12)
    by_y = gradient(lambda y: np.sum(grad * np.maximum(y + bias, 0)), y)
    by_bias = gradient(lambda b: np.sum(grad * np.maximum(y + b, 0)), bias)
    np.testing.assert_allclose(dy, by_y, atol=1e-7)
    np.testing.assert_allclose(dbias, by_bias, atol=1e-7)


def test_sum_of_exactly_zero_passes_no_gradient() -> None:
    y, bias = jnp.array([[-1.0, 2.0]]), jnp.array([1.0, -2.0])
    dy, dbias = jax.grad(lambda y, b: bias_relu(y, b).sum(), (0, 1))(y, bias)
    np.testing.assert_array_equal(dy, 0)
    np.testing.assert_array_equal(dbias, 0)


@pytest.mark.long
def test_gradients_have_the_types_of_what_was_added() -> None:
    y, bias = jnp.ones((3, 2), jnp.bfloat16), jnp.ones(2, jnp.float32)
    dy, dbias = jax.grad(lambda y, b: bias_relu(y, b).sum(), (0, 1))(y, bias)
    assert (dy.dtype, dbias.dtype) == (jnp.bfloat16, jnp.float32)
    np.testing.assert_array_equal(dbias, [3, 3])
