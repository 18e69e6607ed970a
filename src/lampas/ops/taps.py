"""Convolution of few channels, as a sum over what each place of the window sees.

The first layer of a network sees 1 or 3 channels. A matrix product of so few is mostly overhead;
as a sum of products with rows of the kernel, XLA makes one loop with the filters innermost.
"""

from __future__ import annotations

import itertools
import math
from functools import reduce

import jax.numpy as jnp
from jax import lax

from ..core.variable import Array
from .separately import separately
from .window import Pads

Sizes = tuple[int, ...]

MOST_TAPS = 32
"""Terms of the sum from which on a matrix product is quicker."""


def is_short(kernel: Array) -> bool:
    """Whether an output is a sum of so few products that :func:`taps` is quick."""
    return math.prod(kernel.shape[:-1]) <= MOST_TAPS


def taps(x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes) -> Array:
    """Convolve the spatial axes of ``x``.

    Shape: x ``(batch, *space, channels)``, kernel ``(*window, channels, filters)``
    -> ``(batch, *out, filters)``.
    """
    window = kernel.shape[:-2]
    around = ((0, 0, 0), *((low, high, 0) for low, high in padding), (0, 0, 0))
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]

    def weigh(x: Array, kernel: Array) -> Array:
        terms = []
        for *place, channel in itertools.product(*map(range, kernel.shape[:-1])):
            cut = (
                slice(i * d, n - span + i * d + 1, s)
                for i, d, s, n, span in zip(
                    place, dilation, strides, x.shape[1:-1], spans, strict=True
                )
            )
            terms.append(
                x[(slice(None), *cut, slice(channel, channel + 1))] * kernel[(*place, channel)]
            )
        return reduce(jnp.add, terms)

    filled = separately(lambda x: lax.pad(x, jnp.zeros((), x.dtype), around), x)
    return separately(weigh, filled, kernel)
