"""Convolution of ``(batch, *space, channels)`` by loops over every output and window place."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

Pads = Sequence[tuple[int, int]]


def same_pads(
    sizes: Sequence[int], window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> Pads:
    """Rows before and after that give ceil(size / stride) outputs, the odd one after."""
    around = []
    for n, k, s, d in zip(sizes, window, strides, dilation, strict=True):
        total = max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0)
        around.append((total // 2, total - total // 2))
    return around


def pad(x: np.ndarray, pads: Pads, value: float = 0.0) -> np.ndarray:
    return np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=value)


def out_sizes(
    padded: Sequence[int], window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> list[int]:
    return [
        (n - (k - 1) * d - 1) // s + 1
        for n, k, s, d in zip(padded, window, strides, dilation, strict=True)
    ]


def meetings(
    outs: Sequence[int], window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """Every (place in the output, place in the window, place in the padded input)."""
    for out in itertools.product(*map(range, outs)):
        for tap in itertools.product(*map(range, window)):
            ways = zip(out, strides, tap, dilation, strict=True)
            yield out, tap, tuple(o * s + t * d for o, s, t, d in ways)


def convolve(
    x: np.ndarray,
    kernel: np.ndarray,
    strides: Sequence[int],
    pads: Pads,
    dilation: Sequence[int],
    groups: int = 1,
) -> np.ndarray:
    padded = pad(np.asarray(x, np.float64), pads)
    window, (inputs, filters) = kernel.shape[:-2], kernel.shape[-2:]
    outs = out_sizes(padded.shape[1:-1], window, strides, dilation)
    y = np.zeros((x.shape[0], *outs, filters))
    each = filters // groups
    for out, tap, place in meetings(outs, window, strides, dilation):
        for g in range(groups):
            seen = padded[(slice(None), *place, slice(g * inputs, (g + 1) * inputs))]
            weights = kernel[(*tap, slice(None), slice(g * each, (g + 1) * each))]
            y[(slice(None), *out, slice(g * each, (g + 1) * each))] += seen @ weights
    return y


def gradients(
    dy: np.ndarray,
    x: np.ndarray,
    kernel: np.ndarray,
    strides: Sequence[int],
    pads: Pads,
    dilation: Sequence[int],
    groups: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of ``sum(dy * convolve(x, kernel))`` for x and kernel: the same meetings, back."""
    padded = pad(np.asarray(x, np.float64), pads)
    window, (inputs, filters) = kernel.shape[:-2], kernel.shape[-2:]
    dx, dkernel = np.zeros(padded.shape), np.zeros(kernel.shape)
    each = filters // groups
    for out, tap, place in meetings(dy.shape[1:-1], window, strides, dilation):
        for g in range(groups):
            channels, units = slice(g * inputs, (g + 1) * inputs), slice(g * each, (g + 1) * each)
            back = dy[(slice(None), *out, units)]
            weights = kernel[(*tap, slice(None), units)]
            dx[(slice(None), *place, channels)] += back @ weights.T
            seen = padded[(slice(None), *place, channels)]
            dkernel[(*tap, slice(None), units)] += seen.T @ back
    inside = [slice(low, low + n) for (low, _), n in zip(pads, x.shape[1:-1], strict=True)]
    return dx[(slice(None), *inside)], dkernel


def depthwise(
    x: np.ndarray,
    kernel: np.ndarray,
    strides: Sequence[int],
    pads: Pads,
    dilation: Sequence[int],
) -> np.ndarray:
    """Each channel by itself; kernel ``(*window, channels, multiplier)``."""
    padded = pad(np.asarray(x, np.float64), pads)
    window, (channels, multiplier) = kernel.shape[:-2], kernel.shape[-2:]
    outs = out_sizes(padded.shape[1:-1], window, strides, dilation)
    y = np.zeros((x.shape[0], *outs, channels, multiplier))
    for out, tap, place in meetings(outs, window, strides, dilation):
        y[(slice(None), *out)] += padded[(slice(None), *place)][..., None] * kernel[tap]
    return y.reshape(*y.shape[:-2], channels * multiplier)


def spread(
    x: np.ndarray,
    kernel: np.ndarray,
    outs: Sequence[int],
    strides: Sequence[int],
    lows: Sequence[int],
    dilation: Sequence[int],
) -> np.ndarray:
    """Transposed convolution: every place of x adds ``kernel @ x`` to the outputs that it reaches.

    Kernel ``(*window, filters, channels)``; the first ``lows`` rows of each axis are cut off.
    """
    y = np.zeros((x.shape[0], *outs, kernel.shape[-2]))
    for at, tap, place in meetings(x.shape[1:-1], kernel.shape[:-2], strides, dilation):
        reached = [p - low for p, low in zip(place, lows, strict=True)]
        if all(0 <= r < n for r, n in zip(reached, outs, strict=True)):
            y[(slice(None), *reached)] += x[(slice(None), *at)] @ kernel[tap].T
    return y
