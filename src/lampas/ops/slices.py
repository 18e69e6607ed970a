"""What the places of a window see of an array, as slices of it."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator

import jax.numpy as jnp
from jax import lax

from ..core.variable import Array
from .separately import separately
from .window import Pads

Sizes = tuple[int, ...]


def places(
    x: Array, window: Sizes, outs: Sizes, strides: Sizes, dilation: Sizes
) -> Iterator[Array]:
    """What each place of the window sees at every output, in row order."""
    for place in itertools.product(*map(range, window)):
        starts = map(operator.mul, place, dilation)
        cut = (
            slice(start, start + (o - 1) * s + 1, s)
            for start, o, s in zip(starts, outs, strides, strict=True)
        )
        yield x[(slice(None), *cut)]


def surrounded(x: Array, padding: Pads, spread: Sizes | None = None) -> Array:
    """Zeros around ``x`` and, for strides, between its rows.

    XLA copies whole rows to concatenate, but decides about each single element to pad.
    """
    spread = spread or (1,) * len(padding)

    def surround(x: Array) -> Array:
        if max(spread) > 1 or min(map(min, padding)) < 0:
            sides = ((low, high, s - 1) for (low, high), s in zip(padding, spread, strict=True))
            return lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *sides, (0, 0, 0)))
        for axis, sizes in enumerate(padding, 1):
            shapes = ((*x.shape[:axis], size, *x.shape[axis + 1 :]) for size in sizes)
            before, after = (jnp.zeros(shape, x.dtype) for shape in shapes)
            x = jnp.concatenate([before, x, after], axis)
        return x

    return separately(surround, x)
