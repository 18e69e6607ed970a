"""Convolution with custom gradients that are fast on the CPU.

XLA on the CPU calls its fast kernel only for convolutions in canonical form, and inside a
compiled loop it does not convert others to that form: there the kernel gradient of automatic
differentiation runs as a naive loop, 50 times slower. So all three convolutions of a layer
(output, input gradient, kernel gradient) are written in canonical form here. For some shapes
another algorithm is faster:

=============  =======================================================  =========================
algorithm      used for                                                 computes
=============  =======================================================  =========================
shift and add  up to 32 products per output (few input channels)        output
Winograd       3 x 3, stride 1, at least 32 channels, 6 to 128 wide     output and both gradients
depthwise      one channel per group, windows of up to 64 elements      output and both gradients
XLA            everything else                                          output and both gradients
=============  =======================================================  =========================

On other devices XLA's own convolution and gradients are used.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from ..core.jit import platform
from ..core.variable import Array
from . import winograd
from .depthwise import depthwise, is_depthwise
from .shift_conv import has_few_taps, shift_and_add_conv
from .windows import Pads, Sizes, gradient_padding

MIN_GROUP_CHANNELS = 32
"""XLA on the CPU computes one group after the other, which is slow for groups of few channels."""


class Geometry(NamedTuple):
    """Static options of a convolution."""

    strides: Sizes
    padding: Pads
    dilation: Sizes
    groups: int = 1


def conv(
    x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes, groups: int = 1
) -> Array:
    """Convolve the spatial axes of ``x``.

    Shape: x ``(batch, *space, channels)``, kernel ``(*window, channels // groups, filters)``
    -> ``(batch, *out, filters)``.
    """
    if platform() != "cpu":
        return xla_conv(x, kernel, Geometry(strides, padding, dilation, groups))
    if is_depthwise(x, kernel, groups):
        return depthwise(x, kernel, strides, padding, dilation)
    kernel, groups = _merge_groups(kernel, groups)
    return _cpu_conv(x, kernel, Geometry(strides, padding, dilation, groups))


def _merge_groups(kernel: Array, groups: int) -> tuple[Array, int]:
    """The same convolution in fewer groups, with zeros between groups that are merged.

    That is more arithmetic, but takes less time while the groups are small.
    """
    *window, inputs, filters = kernel.shape
    divisors = (n for n in range(1, groups + 1) if groups % n == 0)
    merged = max((n for n in divisors if n * inputs <= MIN_GROUP_CHANNELS), default=1)
    if merged == 1:
        return kernel, groups
    separate = kernel.reshape(*window, 1, inputs, groups // merged, merged, filters // groups)
    diagonal = jnp.eye(merged, dtype=kernel.dtype)[:, None, None, :, None]
    return (separate * diagonal).reshape(*window, merged * inputs, filters), groups // merged


def xla_conv(
    x: Array, kernel: Array, geometry: Geometry, input_dilation: Sizes | None = None
) -> Array:
    """XLA's convolution in canonical form; ``input_dilation`` puts zeros between the inputs."""
    strides, padding, dilation, groups = geometry
    if platform() == "cpu":
        ones = (1,) * len(strides)
        x, padding = _pad_to_window(x, kernel.shape[:-2], padding, input_dilation or ones)
    letters = "HWD"[: kernel.ndim - 2]
    layout = (f"N{letters}C", f"{letters}IO", f"N{letters}C")
    return lax.conv_general_dilated(
        x,
        kernel,
        strides,
        padding,
        lhs_dilation=input_dilation,
        rhs_dilation=dilation,
        dimension_numbers=layout,
        feature_group_count=groups,
    )


def _pad_to_window(x: Array, window: Sizes, padding: Pads, dilation: Sizes) -> tuple[Array, Pads]:
    """The same convolution of an input that is at least as large as the window.

    XLA swaps input and kernel if the kernel is larger, and the result is not canonical. So rows of
    zeros are appended here and removed again by the padding.
    """
    missing = [max(k - n, 0) for k, n in zip(window, x.shape[1:-1], strict=True)]
    if not any(missing):
        return x, padding
    padded = jnp.pad(x, ((0, 0), *((0, more) for more in missing), (0, 0)))
    reduced = tuple(
        (low, high - more * s)
        for (low, high), more, s in zip(padding, missing, dilation, strict=True)
    )
    return lax.optimization_barrier(padded), reduced  # else XLA treats the zeros as padding


def fastest_conv(x: Array, kernel: Array, geometry: Geometry) -> Array:
    """The convolution by the algorithm that is fastest on a CPU."""
    strides, padding, dilation, groups = geometry
    if groups == 1 and _has_full_precision(x) and has_few_taps(kernel):
        return shift_and_add_conv(x, kernel, strides, padding, dilation)
    if _suits_winograd(x, kernel.shape, geometry):
        return winograd.winograd(x, kernel, padding)
    return xla_conv(x, kernel, geometry)


def _has_full_precision(x: Array) -> bool:
    """Whether sums in its dtype are exact enough; half precision needs wider accumulators."""
    return x.dtype.itemsize >= 4


def _suits_winograd(x: Array, kernel_shape: Sizes, geometry: Geometry) -> bool:
    *window, channels, filters = kernel_shape
    strides, padding, dilation, groups = geometry
    plain = (tuple(window), set(strides), set(dilation), groups) == ((3, 3), {1}, {1}, 1)
    if not plain or not _has_full_precision(x):
        return False
    out = [n + sum(p) - 2 for n, p in zip(x.shape[1:-1], padding, strict=True)]
    # Smaller maps fill their tiles poorly, larger ones do not fit into the cache.
    return min(channels, filters) >= 32 and min(out) >= 6 and max(out) <= 128


_cpu_conv = jax.custom_vjp(fastest_conv, nondiff_argnums=(2,))


def _fwd(x: Array, kernel: Array, geometry: Geometry) -> tuple[Array, tuple[Array, Array]]:
    return fastest_conv(x, kernel, geometry), (x, kernel)


def _bwd(geometry: Geometry, saved: tuple[Array, Array], dy: Array) -> tuple[Array, Array]:
    x, kernel = saved
    dx = input_gradient(dy, kernel, x.shape, geometry)
    return dx, kernel_gradient(x, dy, kernel.shape, geometry)


_cpu_conv.defvjp(_fwd, _bwd)


def input_gradient(dy: Array, kernel: Array, x_shape: Sizes, geometry: Geometry) -> Array:
    """The output's gradient, dilated by the stride, convolved with the flipped kernel."""
    strides, padding, dilation, groups = geometry
    space, window, ones = x_shape[1:-1], kernel.shape[:-2], (1,) * len(strides)
    pads = gradient_padding(space, window, dy.shape[1:-1], strides, padding, dilation)
    flipped, reverse = _flip_kernel(kernel, groups), Geometry(ones, pads, dilation, groups)
    if strides == ones:
        return fastest_conv(dy, flipped, reverse)
    return xla_conv(dy, flipped, reverse, strides)


def _flip_kernel(kernel: Array, groups: int) -> Array:
    """Flip the window and swap inputs and outputs of each group."""
    window = kernel.shape[:-2]
    flipped = jnp.flip(kernel, tuple(range(len(window))))
    inputs, filters = kernel.shape[-2:]
    grouped = flipped.reshape(*window, inputs, groups, filters // groups)
    return (
        jnp.moveaxis(grouped, -3, -1)
        .swapaxes(-3, -2)
        .reshape(*window, filters // groups, groups * inputs)
    )


def kernel_gradient(x: Array, dy: Array, kernel_shape: Sizes, geometry: Geometry) -> Array:
    """The inputs convolved with the output's gradient, with batch and channels swapped.

    Groups remain groups of features: the batch of each is convolved with its own filters.
    """
    strides, padding, dilation, groups = geometry
    if _suits_winograd(x, kernel_shape, geometry):
        return winograd.kernel_gradient(x, dy, padding)
    batch, *space, channels = x.shape
    window, out = kernel_shape[:-2], dy.shape[1:-1]
    pads = []
    for n, k, o, s, (low, _), d in zip(space, window, out, strides, padding, dilation, strict=True):
        pads.append((low, (k - 1) * d + (o - 1) * s + 1 - n - low))
    grouped = x.reshape(batch, *space, groups, channels // groups)
    channels_first = jnp.moveaxis(grouped, (-1, 0), (0, -1))
    swapped = channels_first.reshape(channels // groups, *space, groups * batch)
    roles_swapped = Geometry(dilation, tuple(pads), strides, groups)
    return jnp.moveaxis(xla_conv(swapped, jnp.moveaxis(dy, 0, -2), roles_swapped), 0, -2)
