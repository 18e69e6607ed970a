"""Convolution of few channels, as a sum over the offsets in the window.

The first layer of a network has 1 or 3 channels. A matrix product of so few is mostly overhead;
as a sum of products with rows of the kernel, XLA makes one loop with the filters innermost.
"""

from __future__ import annotations

import math
import operator
from functools import reduce

from ..core.variable import Array
from .windows import Pads, Sizes, call_without_inlining, output_sizes, pad_and_dilate, window_slices

MAX_TAPS = 32
"""For sums of more terms a matrix product is faster."""


def has_few_taps(kernel: Array) -> bool:
    """Whether an output is a sum of so few products that :func:`shift_and_add_conv` is fast."""
    return math.prod(kernel.shape[:-1]) <= MAX_TAPS


def shift_and_add_conv(
    x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes
) -> Array:
    """Convolve the spatial axes of ``x``.

    Shape: x ``(batch, *space, channels)``, kernel ``(*window, channels, filters)``
    -> ``(batch, *out, filters)``.
    """
    window, (channels, filters) = kernel.shape[:-2], kernel.shape[-2:]
    outs = output_sizes(x.shape[1:-1], window, strides, padding, dilation)

    def weighted_sum(x: Array, kernel: Array) -> Array:
        slices = window_slices(x, window, outs, strides, dilation)
        weights = kernel.reshape(-1, channels, filters)
        terms = (
            part[..., c : c + 1] * weight[c]
            for part, weight in zip(slices, weights, strict=True)
            for c in range(channels)
        )
        return reduce(operator.add, terms)

    return call_without_inlining(weighted_sum, pad_and_dilate(x, padding), kernel)
