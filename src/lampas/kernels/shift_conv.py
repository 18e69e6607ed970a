"""Convolution of few channels, as a sum over what each place of the window sees.

The first layer of a network sees 1 or 3 channels. A matrix product of so few is mostly overhead;
as a sum of products with rows of the kernel, XLA makes one loop with the filters innermost.
"""

from __future__ import annotations

import math
import operator
from functools import reduce

from ..core.variable import Array
from .windows import Pads, out_sizes, places, separately, surrounded

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
    *window, channels, filters = kernel.shape
    outs = out_sizes(x.shape[1:-1], window, strides, padding, dilation)

    def weigh(x: Array, kernel: Array) -> Array:
        seen = places(x, tuple(window), outs, strides, dilation)
        weights = kernel.reshape(-1, channels, filters)
        terms = (
            part[..., c : c + 1] * weight[c]
            for part, weight in zip(seen, weights, strict=True)
            for c in range(channels)
        )
        return reduce(operator.add, terms)

    return separately(weigh, surrounded(x, padding), kernel)
