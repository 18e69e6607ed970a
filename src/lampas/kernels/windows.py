"""Sliding windows over arrays, shared by convolution and pooling: sizes, padding, slices."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, TypeVar

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental.xla_metadata import set_xla_metadata

from ..core.arguments import is_integer
from ..core.errors import ArgumentError, ShapeError, format_shape
from ..core.variable import Array

T = TypeVar("T")
Padding = Literal["valid", "same"]
Pads = tuple[tuple[int, int], ...]
"""Rows added before and after each axis."""
Sizes = tuple[int, ...]


def per_axis(name: str, value: int | Sequence[int], rank: int) -> Sizes:
    """One positive integer per axis: ``3`` -> ``(3, 3)``.

    Args:
        name: name of the argument, for the error message.
        value: one integer for all axes, or one per axis.
        rank: the number of axes.

    Raises:
        ArgumentError: when the count or a value is wrong.
    """
    values = tuple(value) if isinstance(value, Iterable) else (value,) * rank
    sizes = tuple(map(operator.index, values)) if all(map(is_integer, values)) else ()
    if len(sizes) != rank or min(sizes) < 1:
        raise ArgumentError(f"{name} must be a positive integer or {rank} of them, got {value!r}.")
    return sizes


def check_padding(padding: str) -> Padding:
    """``padding`` in lower case.

    Raises:
        ArgumentError: when it is neither "valid" nor "same".
    """
    lowered = padding.lower() if isinstance(padding, str) else padding
    if lowered not in ("valid", "same"):
        raise ArgumentError(f'padding must be "valid" or "same", got {padding!r}.')
    return lowered  # type: ignore[return-value]


def output_sizes(
    sizes: Sizes, window: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Sizes:
    """Number of positions of the window along each axis."""
    return tuple(
        (n + low + high - (k - 1) * d - 1) // s + 1
        for n, k, s, (low, high), d in zip(sizes, window, strides, padding, dilation, strict=True)
    )


def explicit_padding(
    sizes: Sizes, window: Sizes, strides: Sizes, padding: Padding, dilation: Sizes | None = None
) -> Pads:
    """Rows added before and after each axis.

    "same" gives an output of ceil(size / stride); an odd row is added at the end.

    Raises:
        ShapeError: when a window is larger than its axis.
    """
    dilation = dilation or (1,) * len(window)
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    if padding == "valid":
        if any(span > size for span, size in zip(spans, sizes, strict=True)):
            channels_first = len(sizes) == 2 and sizes[0] in (1, 3) and sizes[0] < sizes[1]
            raise ShapeError(
                f"a window that spans {format_shape(spans)} does not fit into an input of "
                f'{format_shape(sizes)}; use padding="same", a smaller window or a larger input.'
                + " Where channels come first, write x.transpose(0, 2, 3, 1)."
                * channels_first
            )
        return ((0, 0),) * len(spans)
    totals = [
        max((math.ceil(size / stride) - 1) * stride + span - size, 0)
        for size, stride, span in zip(sizes, strides, spans, strict=True)
    ]
    return tuple((total // 2, total - total // 2) for total in totals)


def gradient_padding(
    space: Sizes, window: Sizes, outs: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Pads:
    """Padding of the convolution that gives the inputs' gradient from the output's gradient."""
    axes = zip(space, window, outs, strides, padding, dilation, strict=True)
    return tuple(((k - 1) * d - low, n + low - (o - 1) * s - 1) for n, k, o, s, (low, _), d in axes)


def window_slices(
    x: Array, window: Sizes, outs: Sizes, strides: Sizes, dilation: Sizes
) -> Iterator[Array]:
    """For each offset in the window, in row order, the elements of ``x`` there at every position.

    Shape: ``(batch, *space, ...)`` -> one ``(batch, *outs, ...)`` per offset.
    """
    for offset in itertools.product(*map(range, window)):
        starts = map(operator.mul, offset, dilation)
        slices = (
            slice(start, start + (o - 1) * s + 1, s)
            for start, o, s in zip(starts, outs, strides, strict=True)
        )
        yield x[(slice(None), *slices)]


def pad_and_dilate(x: Array, padding: Pads, dilation: Sizes | None = None) -> Array:
    """Add zeros around ``x`` and ``dilation - 1`` zeros between its rows.

    XLA copies whole rows to concatenate, but decides about each single element to pad.
    """
    dilation = dilation or (1,) * len(padding)

    def pad(x: Array) -> Array:
        if max(dilation) > 1 or min(map(min, padding)) < 0:
            sides = ((low, high, s - 1) for (low, high), s in zip(padding, dilation, strict=True))
            return lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *sides, (0, 0, 0)))
        for axis, sizes in enumerate(padding, 1):
            shapes = ((*x.shape[:axis], size, *x.shape[axis + 1 :]) for size in sizes)
            before, after = (jnp.zeros(shape, x.dtype) for shape in shapes)
            x = jnp.concatenate([before, x, after], axis)
        return x

    return call_without_inlining(pad, x)


def call_without_inlining(compute: Callable[..., T], *operands: Array) -> T:
    """``compute(*operands)`` as a function that XLA does not inline.

    XLA on the CPU repeats a sum of many terms inside every loop that reads the result, such as
    each of the four slices of a pooling layer. An optimization barrier does not prevent that; a
    function that must not be inlined does.

    Args:
        compute: a pure function of its operands.
        operands: its arguments.
    """
    with set_xla_metadata(inlineable="false"):
        return jax.jit(compute)(*operands)
