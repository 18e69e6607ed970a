"""Depthwise convolution, one input channel per filter, as a sum over the offsets in the window.

XLA's grouped convolution on the CPU computes one group after the other. With one channel per group
that is 20 to 70 times slower than this sum, which XLA compiles to one loop over all channels.
"""

from __future__ import annotations

import math
import operator
from functools import partial, reduce

import jax
import jax.numpy as jnp
from jax import lax

from ..core.variable import Array
from . import windows
from .windows import Pads, Sizes, call_without_inlining, pad_and_dilate, window_slices

MAX_WINDOW_SIZE = 64
"""Sums over larger windows take long to compile."""


def is_depthwise(x: Array, kernel: Array, groups: int) -> bool:
    """Whether :func:`depthwise` can compute this convolution fast."""
    return 1 < groups == x.shape[-1] and math.prod(kernel.shape[:-2]) <= MAX_WINDOW_SIZE


@partial(jax.jit, static_argnums=(2, 3, 4))  # in eager calls one program, not one per slice
def depthwise(x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes) -> Array:
    """Convolve each channel with ``filters // channels`` filters of its own.

    Shape: x ``(batch, *space, channels)``, kernel ``(*window, 1, filters)``
    -> ``(batch, *out, filters)``, the outputs of one channel side by side.
    """
    *outer, channels = x.shape
    filters = kernel.shape[-1]
    repeated = jnp.broadcast_to(x[..., None], (*outer, channels, filters // channels))
    x, kernel = repeated.reshape(*outer, filters), kernel[..., 0, :]
    return _depthwise(x, kernel, strides, padding, dilation)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _depthwise(x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes) -> Array:
    outs = windows.output_sizes(x.shape[1:-1], kernel.shape[:-1], strides, padding, dilation)
    return _weighted_sum(pad_and_dilate(x, padding), kernel, outs, strides, dilation)


def _fwd(
    x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes
) -> tuple[Array, tuple[Array, Array]]:
    return _depthwise(x, kernel, strides, padding, dilation), (x, kernel)


def _bwd(
    strides: Sizes, padding: Pads, dilation: Sizes, saved: tuple[Array, Array], dy: Array
) -> tuple[Array, Array]:
    x, kernel = saved
    dx = _input_gradient(dy, kernel, x.shape[1:-1], strides, padding, dilation)
    return dx, _kernel_gradient(x, dy, kernel.shape[:-1], strides, padding, dilation)


_depthwise.defvjp(_fwd, _bwd)


def _input_gradient(
    dy: Array, kernel: Array, space: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Array:
    """The output's gradient, dilated by the stride, weighted by the flipped kernel."""
    window, ones = kernel.shape[:-1], (1,) * len(space)
    pads = windows.gradient_padding(space, window, dy.shape[1:-1], strides, padding, dilation)
    flipped = jnp.flip(kernel, tuple(range(len(window))))
    return _weighted_sum(pad_and_dilate(dy, pads, strides), flipped, space, ones, dilation)


def _kernel_gradient(
    x: Array, dy: Array, window: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Array:
    """For each offset in the window, the sum of the inputs there times the output's gradient.

    All offsets are summed over the last spatial axis in one reduction, which reads its inputs once.
    """

    def along_rows(x: Array, dy: Array) -> tuple[Array, ...]:
        slices = window_slices(x, window, dy.shape[1:-1], strides, dilation)
        products = tuple(part * dy for part in slices)
        zeros = (jnp.zeros((), dy.dtype),) * len(products)
        return lax.reduce(products, zeros, _add, (dy.ndim - 2,))

    rows = call_without_inlining(along_rows, pad_and_dilate(x, padding), dy)
    return jnp.stack([row.sum(tuple(range(row.ndim - 1))) for row in rows]).reshape(*window, -1)


def _add(a: tuple[Array, ...], b: tuple[Array, ...]) -> tuple[Array, ...]:
    return tuple(map(operator.add, a, b))


def _weighted_sum(x: Array, kernel: Array, outs: Sizes, strides: Sizes, dilation: Sizes) -> Array:
    """The sum over the offsets in the window of the inputs there times their weights."""

    def weighted_sum(x: Array, kernel: Array) -> Array:
        slices = window_slices(x, kernel.shape[:-1], outs, strides, dilation)
        weights = kernel.reshape(-1, kernel.shape[-1])
        return reduce(operator.add, (p * weight for p, weight in zip(slices, weights, strict=True)))

    return call_without_inlining(weighted_sum, x, kernel)
