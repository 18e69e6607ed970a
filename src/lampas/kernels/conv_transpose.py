"""Transposed convolution: the map from a convolution's output back to the shape of its input.

It is the gradient of a convolution with respect to its input (Dumoulin and Visin, 2016). So its
own gradients are that convolution and its kernel gradient, and on the CPU all three are in
canonical form.
"""

from __future__ import annotations

import jax

from ..core.jit import platform
from ..core.variable import Array
from .conv import Geometry, conv, input_gradient, kernel_gradient
from .windows import Padding, Pads, Sizes


def conv_transpose(
    x: Array, kernel: Array, space: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> Array:
    """Transposed convolution of ``x`` to an output with ``space`` as its spatial axes.

    ``padding`` is that of the convolution from the output back to the shape of ``x``;
    :func:`output_sizes_and_padding` computes both.

    Shape: x ``(batch, *sizes, channels)``, kernel ``(*window, filters, channels)``
    -> ``(batch, *space, filters)``.
    """
    compute = _via_input_gradient if platform() != "cpu" else _cpu_conv_transpose
    return compute(x, kernel, space, Geometry(strides, padding, dilation))


def output_sizes_and_padding(
    sizes: Sizes,
    window: Sizes,
    strides: Sizes,
    padding: Padding,
    dilation: Sizes,
    output_padding: Sizes | None = None,
) -> tuple[Sizes, Pads]:
    """Sizes of the output's axes, and the padding of the convolution from there to the input.

    The size is ``(size - 1) * stride`` and, with ``span = (window - 1) * dilation + 1``, for
    "valid" ``max(span, stride)`` or ``span + output_padding``, for "same" ``stride`` or
    ``span % 2 + output_padding``.
    """
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    valid = padding == "valid"
    if output_padding is None:
        ends = [max(span, s) if valid else s for span, s in zip(spans, strides, strict=True)]
    else:
        minimum = spans if valid else [span % 2 for span in spans]
        ends = [n + more for n, more in zip(minimum, output_padding, strict=True)]
    low_padding = [
        0 if valid else max(span - end, 0) // 2 for span, end in zip(spans, ends, strict=True)
    ]
    outs = tuple((n - 1) * s + end for n, s, end in zip(sizes, strides, ends, strict=True))
    return outs, tuple(
        (low, span - end - low) for low, span, end in zip(low_padding, spans, ends, strict=True)
    )


def _via_input_gradient(x: Array, kernel: Array, space: Sizes, geometry: Geometry) -> Array:
    return input_gradient(x, kernel, (x.shape[0], *space, kernel.shape[-2]), geometry)


_cpu_conv_transpose = jax.custom_vjp(_via_input_gradient, nondiff_argnums=(2, 3))


def _fwd(
    x: Array, kernel: Array, space: Sizes, geometry: Geometry
) -> tuple[Array, tuple[Array, Array]]:
    return _via_input_gradient(x, kernel, space, geometry), (x, kernel)


def _bwd(
    space: Sizes, geometry: Geometry, saved: tuple[Array, Array], dy: Array
) -> tuple[Array, Array]:
    x, kernel = saved
    return conv(dy, kernel, *geometry), kernel_gradient(dy, x, kernel.shape, geometry)


_cpu_conv_transpose.defvjp(_fwd, _bwd)
