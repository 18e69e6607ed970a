"""Transposed convolution: the map from a convolution's output back to the shape of its input.

It is the gradient of a convolution for its input (Dumoulin and Visin, 2016). So its own gradients
are that convolution and that convolution's gradient for the kernel, and on the CPU all three are
in canonical form.
"""

from __future__ import annotations

from functools import partial

import jax

from ..core.jit import platform
from ..core.variable import Array
from .conv import conv, input_gradient, kernel_gradient
from .windows import Padding, Pads

Sizes = tuple[int, ...]


def conv_transpose(
    x: Array, kernel: Array, space: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Array:
    """Spread ``x`` over an output with ``space`` as its spatial axes.

    ``padding`` is that of the convolution which leads from the output back to the shape of ``x``;
    :func:`out_and_pads` finds both.

    Shape: x ``(batch, *sizes, channels)``, kernel ``(*window, filters, channels)``
    -> ``(batch, *space, filters)``.
    """
    form = _spread if platform() != "cpu" else _canonical
    return form(x, kernel, space, strides, padding, dilation)


def out_and_pads(
    sizes: Sizes,
    window: Sizes,
    strides: Sizes,
    padding: Padding,
    dilation: Sizes,
    output_padding: Sizes | None = None,
) -> tuple[Sizes, Pads]:
    """Sizes of the output's axes, and the padding of the convolution that leads back from there.

    The size is ``(size - 1) * stride`` and, with ``span = (window - 1) * dilation + 1``, for
    "valid" ``max(span, stride)`` or ``span + output_padding``, for "same" ``stride`` or
    ``span % 2 + output_padding``.
    """
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    valid = padding == "valid"
    if output_padding is None:
        ends = [max(span, s) if valid else s for span, s in zip(spans, strides, strict=True)]
    else:
        least = spans if valid else [span % 2 for span in spans]
        ends = [n + more for n, more in zip(least, output_padding, strict=True)]
    lows = [0 if valid else max(span - end, 0) // 2 for span, end in zip(spans, ends, strict=True)]
    outs = tuple((n - 1) * s + end for n, s, end in zip(sizes, strides, ends, strict=True))
    return outs, tuple(
        (low, span - end - low) for low, span, end in zip(lows, spans, ends, strict=True)
    )


def _spread(
    x: Array, kernel: Array, space: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Array:
    shape = (x.shape[0], *space, kernel.shape[-2])
    return input_gradient(x, kernel, shape, strides, padding, dilation, 1)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4, 5))
def _canonical(
    x: Array, kernel: Array, space: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Array:
    return _spread(x, kernel, space, strides, padding, dilation)


def _forward(
    x: Array, kernel: Array, space: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> tuple[Array, tuple[Array, Array]]:
    return _spread(x, kernel, space, strides, padding, dilation), (x, kernel)


def _backward(
    space: Sizes,
    strides: Sizes,
    padding: Pads,
    dilation: Sizes,
    saved: tuple[Array, Array],
    dy: Array,
) -> tuple[Array, Array]:
    x, kernel = saved
    dx = conv(dy, kernel, strides, padding, dilation)
    return dx, kernel_gradient(dy, x, kernel.shape, strides, padding, dilation, 1)


_canonical.defvjp(_forward, _backward)
