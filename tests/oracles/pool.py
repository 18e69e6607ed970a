"""Pooling of ``(batch, *space, channels)`` by loops over every window."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from tests.oracles.conv import Pads, out_sizes, pad


def _windows(
    padded: np.ndarray, window: Sequence[int], strides: Sequence[int]
) -> tuple[list[int], list[tuple[tuple[int, ...], tuple[slice, ...]]]]:
    outs = out_sizes(padded.shape[1:-1], window, strides, [1] * len(window))
    places = [
        (out, tuple(slice(o * s, o * s + k) for o, s, k in zip(out, strides, window, strict=True)))
        for out in itertools.product(*map(range, outs))
    ]
    return outs, places


def max_pool(
    x: np.ndarray, window: Sequence[int], strides: Sequence[int], pads: Pads
) -> np.ndarray:
    padded = pad(np.asarray(x, np.float64), pads, -np.inf)
    outs, places = _windows(padded, window, strides)
    y = np.zeros((x.shape[0], *outs, x.shape[-1]))
    axes = tuple(range(1, x.ndim - 1))
    for out, cut in places:
        y[(slice(None), *out)] = padded[(slice(None), *cut)].max(axes)
    return y


def average_pool(
    x: np.ndarray, window: Sequence[int], strides: Sequence[int], pads: Pads
) -> np.ndarray:
    padded = pad(np.asarray(x, np.float64), pads, np.nan)
    outs, places = _windows(padded, window, strides)
    y = np.zeros((x.shape[0], *outs, x.shape[-1]))
    axes = tuple(range(1, x.ndim - 1))
    for out, cut in places:
        y[(slice(None), *out)] = np.nanmean(padded[(slice(None), *cut)], axes)
    return y


def max_pool_gradient(
    dy: np.ndarray, x: np.ndarray, window: Sequence[int], strides: Sequence[int], pads: Pads
) -> np.ndarray:
    """Each window's gradient goes to its first largest element in row order."""
    padded = pad(np.asarray(x, np.float64), pads, -np.inf)
    dx = np.zeros(padded.shape)
    _, places = _windows(padded, window, strides)
    for out, cut in places:
        for b, c in np.ndindex(x.shape[0], x.shape[-1]):
            seen = padded[(b, *cut, c)]
            first = np.unravel_index(np.argmax(seen), seen.shape)
            place = tuple(part.start + i for part, i in zip(cut, first, strict=True))
            dx[(b, *place, c)] += dy[(b, *out, c)]
    return _inside(dx, x, pads)


def average_pool_gradient(
    dy: np.ndarray, x: np.ndarray, window: Sequence[int], strides: Sequence[int], pads: Pads
) -> np.ndarray:
    dx = np.zeros(pad(x, pads).shape)
    real = pad(np.ones_like(x, np.float64), pads)
    _, places = _windows(dx, window, strides)
    for out, cut in places:
        count = real[(0, *cut, 0)].sum()
        grad = dy[(slice(None), *out)] / count
        shape = (grad.shape[0], *(1,) * len(cut), grad.shape[-1])
        dx[(slice(None), *cut)] += grad.reshape(shape)
    return _inside(dx, x, pads)


def _inside(dx: np.ndarray, x: np.ndarray, pads: Pads) -> np.ndarray:
    cut = [slice(low, low + n) for (low, _), n in zip(pads, x.shape[1:-1], strict=True)]
    return dx[(slice(None), *cut)]
