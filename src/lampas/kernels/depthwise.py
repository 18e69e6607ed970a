"""Convolution with one input channel a filter, as a sum over the places of the window.

XLA's grouped convolution on the CPU takes one group after the other. With one channel a group that
is 20 to 70 times slower than this sum, which XLA turns into one loop over all channels.
"""

from __future__ import annotations

import math
import operator
from functools import partial, reduce

import jax
import jax.numpy as jnp
from jax import lax

from ..core.variable import Array
from .windows import Pads, out_sizes, places, separately, surrounded

Sizes = tuple[int, ...]

MOST_PLACES = 64
"""Sums over larger windows make programs that take long to compile."""


def is_depthwise(x: Array, kernel: Array, groups: int) -> bool:
    """Whether :func:`depthwise` can do this convolution, and well."""
    return 1 < groups == x.shape[-1] and math.prod(kernel.shape[:-2]) <= MOST_PLACES


@partial(jax.jit, static_argnums=(2, 3, 4))  # in eager calls one program, not one for each slice
def depthwise(x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes) -> Array:
    """Convolve each channel with ``filters // channels`` filters of its own.

    Shape: x ``(batch, *space, channels)``, kernel ``(*window, 1, filters)``
    -> ``(batch, *out, filters)``, the outputs of one channel side by side.
    """
    *outer, channels = x.shape
    filters = kernel.shape[-1]
    each = jnp.broadcast_to(x[..., None], (*outer, channels, filters // channels))
    return _depthwise(each.reshape(*outer, filters), kernel[..., 0, :], strides, padding, dilation)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _depthwise(x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes) -> Array:
    outs = out_sizes(x.shape[1:-1], kernel.shape[:-1], strides, padding, dilation)
    return _weighted(surrounded(x, padding), kernel, outs, strides, dilation)


def _forward(
    x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes
) -> tuple[Array, tuple[Array, Array]]:
    return _depthwise(x, kernel, strides, padding, dilation), (x, kernel)


def _backward(
    strides: Sizes, padding: Pads, dilation: Sizes, saved: tuple[Array, Array], dy: Array
) -> tuple[Array, Array]:
    x, kernel = saved
    dx = _input_gradient(dy, kernel, x.shape[1:-1], strides, padding, dilation)
    return dx, _kernel_gradient(x, dy, kernel.shape[:-1], strides, padding, dilation)


_depthwise.defvjp(_forward, _backward)


def _input_gradient(
    dy: Array, kernel: Array, space: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Array:
    """The output's gradient, spread by the stride, weighted by the turned-round kernel."""
    window, outs = kernel.shape[:-1], dy.shape[1:-1]
    around = tuple(
        ((k - 1) * d - low, n + low - (o - 1) * s - 1)
        for n, k, o, s, (low, _), d in zip(
            space, window, outs, strides, padding, dilation, strict=True
        )
    )
    turned = jnp.flip(kernel, tuple(range(len(window))))
    return _weighted(surrounded(dy, around, strides), turned, space, (1,) * len(space), dilation)


def _kernel_gradient(
    x: Array, dy: Array, window: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Array:
    """For each place of the window, the sum of the inputs seen there times the output's gradient.

    All places are summed over the last spatial axis in one reduction, which reads its inputs once.
    """

    def along_rows(x: Array, dy: Array) -> tuple[Array, ...]:
        parts = places(x, window, dy.shape[1:-1], strides, dilation)
        products = tuple(part * dy for part in parts)
        zeros = (jnp.zeros((), dy.dtype),) * len(products)
        return lax.reduce(products, zeros, _add, (dy.ndim - 2,))

    rows = separately(along_rows, surrounded(x, padding), dy)
    return jnp.stack([row.sum(tuple(range(row.ndim - 1))) for row in rows]).reshape(*window, -1)


def _add(a: tuple[Array, ...], b: tuple[Array, ...]) -> tuple[Array, ...]:
    return tuple(map(operator.add, a, b))


def _weighted(x: Array, kernel: Array, outs: Sizes, strides: Sizes, dilation: Sizes) -> Array:
    """The sum over the window's places of what each sees, times its weight."""

    def weigh(x: Array, kernel: Array) -> Array:
        seen = places(x, kernel.shape[:-1], outs, strides, dilation)
        weights = kernel.reshape(-1, kernel.shape[-1])
        return reduce(operator.add, (p * weight for p, weight in zip(seen, weights, strict=True)))

    return separately(weigh, x, kernel)
