from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lampas.kernels import depthwise as ops
from lampas.kernels.windows import explicit_padding
from tests.oracles import conv as oracle
from tests.oracles.differences import gradient

# space, window, strides, padding, dilation, channels, filters for each
CASES = [
    ((7,), (3,), (1,), "valid", (1,), 3, 1),
    ((8,), (4,), (3,), "same", (1,), 2, 2),
    ((9,), (2,), (2,), "valid", (3,), 2, 1),
    ((5, 6), (3, 3), (1, 1), "same", (1, 1), 3, 1),
    ((7, 6), (3, 2), (2, 3), "valid", (1, 1), 2, 3),
    ((6, 7), (3, 3), (2, 2), "same", (1, 1), 3, 1),
    ((7, 8), (2, 3), (1, 1), "same", (2, 2), 2, 2),
    ((4, 5), (1, 1), (2, 3), "valid", (1, 1), 2, 1),
    ((3, 4, 3), (2, 2, 3), (1, 2, 1), "same", (1, 1, 1), 2, 1),
]


def drawn(case: tuple) -> tuple:
    space, window, strides, padding, dilation, channels, each = case
    random = np.random.default_rng(0)
    x = random.normal(size=(2, *space, channels))
    kernel = random.normal(size=(*window, 1, channels * each))
    return (
        x,
        kernel,
        (strides, explicit_padding(space, window, strides, padding, dilation), dilation),
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_output_and_gradients_are_those_of_a_convolution_in_groups(case: tuple) -> None:
    x, kernel, options = drawn(case)
    groups = x.shape[-1]
    expected = oracle.convolve(x, kernel, *options, groups)
    dy = np.random.default_rng(1).normal(size=expected.shape)

    def run(x, kernel, dy):
        y, back = jax.vjp(lambda x, k: ops.depthwise(x, k, *options), x, kernel)
        return y, *back(dy)

    with jax.enable_x64(True):
        results = jax.jit(run)(x, kernel, dy)
    references = (expected, *oracle.gradients(dy, x, kernel, *options, groups))
    for got, right in zip(results, references, strict=True):
        np.testing.assert_allclose(got, right, atol=1e-12)


@pytest.mark.parametrize("case", [CASES[1], CASES[4]], ids=str)
def test_definition_by_channel_is_that_by_groups(case: tuple) -> None:
    x, kernel, options = drawn(case)
    channels = x.shape[-1]
    by_channel = kernel.reshape(*kernel.shape[:-2], channels, -1)
    np.testing.assert_allclose(
        oracle.depthwise(x, by_channel, *options),
        oracle.convolve(x, kernel, *options, channels),
        atol=1e-12,
    )


def test_kernel_of_zeros_gives_zeros_and_still_a_gradient() -> None:
    x, kernel, options = drawn(CASES[5])
    zeros = np.zeros_like(kernel)
    dy = np.random.default_rng(1).normal(size=oracle.convolve(x, kernel, *options, 3).shape)

    def loss(x, kernel):
        y = ops.depthwise(x, kernel, *options)
        return (dy * y).sum(), y

    with jax.enable_x64(True):
        (dx, dkernel), y = jax.jit(jax.grad(loss, (0, 1), has_aux=True))(x, zeros)
    grad = gradient(lambda k: np.sum(dy * oracle.convolve(x, k, *options, 3)), zeros)
    np.testing.assert_array_equal(y, np.zeros(dy.shape))
    np.testing.assert_array_equal(dx, np.zeros(x.shape))
    np.testing.assert_allclose(dkernel, grad, atol=1e-6)


def test_numbers_that_are_not_finite_stay_visible() -> None:
    x, kernel, options = drawn(CASES[3])
    kernel[0, 0, 0, 0] = np.nan
    y = np.asarray(ops.depthwise(jnp.float32(x), jnp.float32(kernel), *options))
    assert np.isnan(y[..., 0]).any()
    assert np.isfinite(y[..., 1:]).all()


@pytest.mark.long
def test_gradient_of_a_gradient_is_that_of_the_definition() -> None:
    x, kernel, options = drawn(CASES[1])

    def roughness(x):
        grad = jax.grad(lambda x: jnp.sum(ops.depthwise(x, kernel, *options) ** 3))(x)
        return jnp.sum(grad**2)

    def defined(x):
        y = oracle.convolve(x, kernel, *options, 2)
        return np.sum(oracle.gradients(3 * y**2, x, kernel, *options, 2)[0] ** 2)

    with jax.enable_x64(True):
        ours = jax.jit(jax.grad(roughness))(x)
    np.testing.assert_allclose(ours, gradient(defined, x), rtol=1e-5, atol=1e-4)


def test_padding_below_zero_cuts_rows() -> None:
    x, kernel, _ = drawn(CASES[3])
    expected = oracle.convolve(x[:, 1:], kernel, (1, 1), ((0, 0), (0, 0)), (1, 1), 3)
    cut = ops.depthwise(jnp.float32(x), jnp.float32(kernel), (1, 1), ((-1, 0), (0, 0)), (1, 1))
    np.testing.assert_allclose(cut, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("channels", "window", "groups", "expected"),
    [
        (4, (3, 3), 4, True),
        (4, (3, 3), 2, False),
        (1, (3, 3), 1, False),
        (4, (8, 8), 4, True),
        (4, (9, 9), 4, False),
        (4, (65,), 4, False),
    ],
)
def test_large_windows_and_larger_groups_are_left_to_the_convolution(
    channels: int, window: tuple, groups: int, expected: bool
) -> None:
    x = jnp.zeros((1, *(9,) * len(window), channels))
    kernel = jnp.zeros((*window, channels // groups, 4))
    assert ops.is_depthwise(x, kernel, groups) == expected
