"""Every quick formulation of a convolution against the definition, and where each is chosen."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lampas.kernels import conv as ops
from lampas.kernels import winograd
from lampas.kernels.shift_conv import shift_and_add_conv
from lampas.kernels.windows import explicit_padding
from tests.oracles import conv as oracle

random = np.random.default_rng(0)


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "around"),
    [
        ((4, 4), ((1, 1), (1, 1))),
        ((7, 9), ((0, 0), (0, 0))),
        ((5, 6), ((2, 2), (2, 2))),
        ((9, 3), ((0, 1), (2, 1))),
        ((3, 3), ((0, 0), (0, 0))),
    ],
    ids=str,
)
def test_winograd_is_the_convolution_of_the_definition(size, around):
    x, kernel = random.normal(size=(2, *size, 3)), random.normal(size=(3, 3, 3, 2))
    options = ((1, 1), around, (1, 1))
    expected = oracle.convolve(x, kernel, *options)
    dy = random.normal(size=expected.shape)
    _, dkernel = oracle.gradients(dy, x, kernel, *options)
    with jax.enable_x64(True):
        y, grad = jax.jit(
            lambda x, k, dy: (
                winograd.winograd(x, k, around),
                winograd.kernel_gradient(x, dy, around),
            )
        )(x, kernel, dy)
    np.testing.assert_allclose(y, expected, atol=1e-10)
    np.testing.assert_allclose(grad, dkernel, atol=1e-10)


def test_winograd_in_single_precision_errs_by_some_1e_5_of_the_largest():
    x, kernel = random.normal(size=(2, 12, 12, 64)), random.normal(size=(3, 3, 64, 64))
    around = ((1, 1), (1, 1))
    expected = oracle.convolve(x, kernel, (1, 1), around, (1, 1))
    y = jax.jit(lambda x, k: winograd.winograd(x, k, around))(jnp.float32(x), jnp.float32(kernel))
    assert np.abs(y - expected).max() < 3e-5 * np.abs(expected).max()


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    ("space", "window", "strides", "dilation", "channels"),
    [
        ((9,), (3,), (2,), (2,), 2),
        ((7, 8), (3, 2), (1, 3), (1, 1), 3),
        ((8, 7), (2, 3), (2, 1), (1, 2), 1),
        ((4, 5, 6), (2, 2, 1), (1, 2, 1), (1, 1, 1), 2),
    ],
    ids=str,
)
def test_taps_are_the_convolution_of_the_definition(
    space, window, strides, dilation, channels, padding
):
    x = random.normal(size=(2, *space, channels))
    kernel = random.normal(size=(*window, channels, 4))
    around = explicit_padding(space, window, strides, padding, dilation)
    with jax.enable_x64(True):
        y = jax.jit(lambda x, k: shift_and_add_conv(x, k, strides, around, dilation))(x, kernel)
    np.testing.assert_allclose(y, oracle.convolve(x, kernel, strides, around, dilation), atol=1e-12)


def forms(x, kernel, strides=(1, 1), padding="same", dilation=(1, 1), dtype=jnp.float32):
    """What the training step of one convolution calls: (output, gradients)."""
    around = explicit_padding(x[1:-1], kernel[:-2], strides, padding, dilation)

    def step(x, kernel):
        y, back = jax.vjp(lambda x, k: ops.conv(x, k, strides, around, dilation), x, kernel)
        return y, back(y)

    text = str(jax.make_jaxpr(step)(jnp.zeros(x, dtype), jnp.zeros(kernel, dtype)))
    return text.count("conv_general_dilated["), text.count("dot_general[")


@pytest.mark.parametrize(
    ("shapes", "options", "convolutions", "products"),
    [
        (((2, 16, 16, 3), (3, 3, 3, 32)), {}, 2, 0),
        (((2, 16, 16, 1), (3, 3, 1, 32)), {"strides": (2, 2)}, 2, 0),
        (((2, 16, 16, 16), (3, 3, 16, 32)), {}, 3, 0),
        (((2, 16, 16, 32), (3, 3, 32, 64)), {}, 0, 3),
        (((2, 16, 16, 64), (3, 3, 64, 64)), {}, 0, 3),
        (((2, 16, 16, 64), (3, 3, 64, 64)), {"strides": (2, 2)}, 3, 0),
        (((2, 16, 16, 64), (3, 3, 64, 64)), {"dilation": (2, 2)}, 3, 0),
        (((2, 16, 16, 64), (5, 5, 64, 64)), {}, 3, 0),
        (((2, 5, 5, 64), (3, 3, 64, 64)), {}, 3, 0),
        (((2, 200, 200, 64), (3, 3, 64, 64)), {}, 3, 0),
        (((2, 16, 16, 64), (3, 3, 64, 64)), {"dtype": jnp.bfloat16}, 3, 0),
        (((2, 16, 16, 3), (3, 3, 3, 32)), {"dtype": jnp.bfloat16}, 3, 0),
    ],
    ids=str,
)
def test_the_form_is_chosen_by_shape(shapes, options, convolutions, products):
    assert forms(*shapes, **options) == (convolutions, products)


@pytest.mark.long
def test_a_layer_of_the_winograd_form_has_the_gradients_of_the_definition():
    x, kernel = random.normal(size=(1, 6, 6, 64)), random.normal(size=(3, 3, 64, 64))
    options = ((1, 1), ((1, 1), (1, 1)), (1, 1))
    dy = random.normal(size=x.shape)
    with jax.enable_x64(True):
        y, grads = jax.jit(
            lambda x, k, dy: (lambda y, back: (y, back(dy)))(
                *jax.vjp(lambda x, k: ops.conv(x, k, *options), x, k)
            )
        )(x, kernel, dy)
    np.testing.assert_allclose(y, oracle.convolve(x, kernel, *options), atol=1e-9)
    for grad, expected in zip(grads, oracle.gradients(dy, x, kernel, *options), strict=True):
        np.testing.assert_allclose(grad, expected, atol=1e-9)


@pytest.mark.long
def test_kernels_and_inputs_of_zeros_give_zeros():
    x, kernel = jnp.zeros((1, 6, 6, 64)), jnp.zeros((3, 3, 64, 64))
    options = ((1, 1), ((1, 1), (1, 1)), (1, 1))
    y, back = jax.vjp(lambda x, k: ops.conv(x, k, *options), x, kernel)
    assert not y.any()
    dx, dkernel = back(jnp.ones_like(y))
    assert not dx.any()
    assert not dkernel.any()
