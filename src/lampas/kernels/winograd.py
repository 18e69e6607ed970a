"""Convolution with a 3 x 3 window by Winograd's minimal filtering, F(4 x 4, 3 x 3).

A tile of 4 x 4 outputs takes 36 products of channels instead of 144 (Lavin and Gray, 2016). Inputs
and kernel are transformed, one matrix product per element of the tile is computed, and the products
are transformed back. Results differ from direct convolution by some 1e-5 of the largest value.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import jax.numpy as jnp
import numpy as np
from jax import lax

from ..core.variable import Array
from .windows import Pads, call_without_inlining, pad_and_dilate

# The matrices of Lavin and Gray, section 4.3, for the points 0, 1, -1, 2, -2 and infinity.
INPUT = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
KERNEL = np.array(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)
OUTPUT = np.array(
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
)


def winograd(x: Array, kernel: Array, padding: Pads) -> Array:
    """Convolve with stride 1.

    Shape: x ``(batch, height, width, channels)``, kernel ``(3, 3, channels, filters)``
    -> ``(batch, out_height, out_width, filters)``.
    """
    # One function, so that XLA does not transform the kernels of all layers in advance.
    return call_without_inlining(partial(_convolve, padding=padding), x, kernel)


def kernel_gradient(x: Array, dy: Array, padding: Pads) -> Array:
    """The gradient of the kernel, shape ``(3, 3, channels, filters)``."""
    return call_without_inlining(partial(_kernel_gradient, padding=padding), x, dy)


def _convolve(x: Array, kernel: Array, padding: Pads) -> Array:
    out = _output_size(x, padding)
    down, across = _tiles(out)
    rows = call_without_inlining(lambda k: _combine(KERNEL, list(k)), kernel)
    weights = call_without_inlining(lambda r: _combine(KERNEL, [r[:, j] for j in range(3)]), rows)
    inputs = _transform_input(x, padding)
    products = jnp.einsum("ktc,kcf->ktf", inputs, weights.reshape(36, *kernel.shape[2:]))
    products = products.reshape(6, 6, x.shape[0], down, across, -1)
    columns = call_without_inlining(lambda p: _combine(OUTPUT, list(p), 4), products)
    y = call_without_inlining(lambda c: _combine(OUTPUT, list(c), 2), columns)
    return y.reshape(x.shape[0], 4 * down, 4 * across, -1)[:, : out[0], : out[1]]


def _kernel_gradient(x: Array, dy: Array, padding: Pads) -> Array:
    out = _output_size(x, padding)
    down, across = _tiles(out)
    padded = pad_and_dilate(dy, ((0, 4 * down - out[0]), (0, 4 * across - out[1])))
    rows = call_without_inlining(
        lambda d: _combine(OUTPUT.T, [d[:, i::4] for i in range(4)]), padded
    )
    gradients = call_without_inlining(
        lambda r: _combine(OUTPUT.T, [r[:, :, :, j::4] for j in range(4)]), rows
    )
    inputs = _transform_input(x, padding)
    products = jnp.einsum("ktc,ktf->kcf", inputs, gradients.reshape(36, -1, dy.shape[-1]))
    products = products.reshape(6, 6, x.shape[-1], -1)
    columns = call_without_inlining(lambda p: _combine(KERNEL.T, list(p)), products)
    return _combine(KERNEL.T, [columns[:, i] for i in range(6)])


def _transform_input(x: Array, padding: Pads) -> Array:
    """The transformed tiles, one matrix per element of a tile: (36, tiles, channels)."""
    down, across = _tiles(_output_size(x, padding))
    sides = tuple(
        (low, 4 * tiles + 2 - n - low)
        for n, tiles, (low, _) in zip(x.shape[1:3], (down, across), padding, strict=True)
    )
    padded = pad_and_dilate(x, sides)

    def views(array: Array, axis: int, tiles: int) -> list[Array]:
        return [lax.slice_in_dim(array, i, i + 4 * (tiles - 1) + 1, 4, axis) for i in range(6)]

    rows = call_without_inlining(lambda x: _combine(INPUT, views(x, 1, down)), padded)
    both = call_without_inlining(lambda r: _combine(INPUT, views(r, 3, across)), rows)
    return both.reshape(36, -1, x.shape[-1])


def _combine(matrix: np.ndarray, parts: Sequence[Array], axis: int = 0) -> Array:
    """``matrix @ parts`` as sums, because the matrices are small and mostly zeros."""
    sums = []
    for row in matrix:
        terms = [
            part if c == 1 else float(c) * part for c, part in zip(row, parts, strict=True) if c
        ]
        sums.append(sum(terms[1:], terms[0]))
    return jnp.stack(sums, axis)


def _output_size(x: Array, padding: Pads) -> tuple[int, int]:
    height, width = (n + sum(p) - 2 for n, p in zip(x.shape[1:3], padding, strict=True))
    return height, width


def _tiles(out: tuple[int, int]) -> tuple[int, int]:
    return -(-out[0] // 4), -(-out[1] // 4)
