"""Max and average pooling without XLA's windowed reduction, whose gradient is slow on the CPU.

A pool is a reduction over the ``k * k`` strided slices of its input: slice (i, j) holds the
element (i, j) of every window. The gradient is scattered by the same slices.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..core.variable import Array
from .windows import Pads, Sizes, window_slices


def max_pool(x: Array, window: Sizes, strides: Sizes, padding: Pads) -> Array:
    """Largest value of each window; of equal values the first gets the gradient.

    Shape: ``(batch, *space, channels) -> (batch, *out, channels)``.
    """
    padded = _pad(x, padding, -jnp.inf)
    return _max_pool(padded, window, strides)


def average_pool(x: Array, window: Sizes, strides: Sizes, padding: Pads) -> Array:
    """Mean of each window over the elements that are not padding.

    Shape: ``(batch, *space, channels) -> (batch, *out, channels)``.
    """
    total = reduce(jnp.add, strided_slices(_pad(x, padding, 0.0), window, strides))
    ones = np.pad(np.ones(x.shape[1:-1], np.float32), padding)[None, ..., None]
    counts = reduce(np.add, strided_slices(ones, window, strides))
    return total / jnp.asarray(counts, total.dtype)


def strided_slices(x: Any, window: Sizes, strides: Sizes) -> Iterator[Any]:
    """The first element of every window, then the second, and so on in row order."""
    sizes = zip(x.shape[1:-1], window, strides, strict=True)
    outs = tuple((n - k) // s + 1 for n, k, s in sizes)
    return window_slices(x, window, outs, strides, (1,) * len(window))


def _pad(x: Array, padding: Pads, value: float) -> Array:
    if not any(map(any, padding)):
        return x
    return jnp.pad(x, ((0, 0), *padding, (0, 0)), constant_values=value)


@partial(jax.custom_vjp, nondiff_argnums=(1, 2))
def _max_pool(x: Array, window: Sizes, strides: Sizes) -> Array:
    return reduce(jnp.maximum, strided_slices(x, window, strides))


def _fwd(x: Array, window: Sizes, strides: Sizes) -> tuple[Array, tuple[Array, Array]]:
    y = _max_pool(x, window, strides)
    return y, (x, y)


def _bwd(window: Sizes, strides: Sizes, saved: tuple[Array, Array], dy: Array) -> tuple[Array]:
    x, y = saved
    taken = jnp.zeros(y.shape, bool)
    parts = []
    for part in strided_slices(x, window, strides):
        first = (part == y) & ~taken
        taken |= first
        parts.append(jnp.where(first, dy, 0))
    return (_scatter(parts, x.shape, window, strides),)


def _scatter(parts: list[Array], shape: Sizes, window: Sizes, strides: Sizes) -> Array:
    """The inverse of :func:`strided_slices`; parts are added where windows overlap."""
    if window == strides:
        return _interleave(parts, shape, window)
    out = jnp.zeros(shape, parts[0].dtype)
    for offset, part in zip(itertools.product(*map(range, window)), parts, strict=True):
        edges = [
            (i, n - i - (o - 1) * s - 1, s - 1)
            for i, n, o, s in zip(offset, shape[1:-1], part.shape[1:-1], strides, strict=True)
        ]
        zero = jnp.zeros((), part.dtype)
        out += lax.pad(part, zero, ((0, 0, 0), *edges, (0, 0, 0)))
    return out


def _interleave(parts: list[Array], shape: Sizes, window: Sizes) -> Array:
    """Windows that do not overlap tile the input, except for a border that none covers."""
    grid = jnp.stack(parts).reshape(*window, *parts[0].shape)
    rank = len(window)
    batch, *out, channels = parts[0].shape
    order = [rank]
    for axis in range(rank):
        order += [rank + 1 + axis, axis]
    tiled = grid.transpose(*order, 2 * rank + 1).reshape(
        batch, *(o * k for o, k in zip(out, window, strict=True)), channels
    )
    border = [(0, n - m) for n, m in zip(shape[1:-1], tiled.shape[1:-1], strict=True)]
    return jnp.pad(tiled, ((0, 0), *border, (0, 0)))


_max_pool.defvjp(_fwd, _bwd)
