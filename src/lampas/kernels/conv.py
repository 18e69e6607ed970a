"""Convolution with gradients of its own.

XLA on the CPU calls its fast kernel only for convolutions in canonical form, and inside a
compiled loop it does not bring others into that form: there the weight gradient that automatic
differentiation writes runs as a naive loop, 50 times slower. So all three convolutions of a layer
(output, input gradient, kernel gradient) are written in canonical form here. Some have a quicker
formulation, chosen by shape:

=========  ====================================================  =========================
form       where                                                 for
=========  ====================================================  =========================
taps       up to 32 products an output (few input channels)      output
winograd   3 x 3, stride 1, from 32 channels on, 6 to 128 wide   output and both gradients
depthwise  one channel a group, windows of up to 64 places       output and both gradients
direct     everything else                                       output and both gradients
=========  ====================================================  =========================

On other devices XLA's own convolution and gradients are used.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from ..core.jit import platform
from ..core.variable import Array
from . import winograd
from .depthwise import depthwise, is_depthwise
from .shift_conv import is_short, taps
from .windows import Pads

Sizes = tuple[int, ...]

FEWEST_CHANNELS = 32
"""XLA on the CPU takes one group after the other, which is slow for groups of few channels."""


def conv(
    x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes, groups: int = 1
) -> Array:
    """Convolve the spatial axes of ``x``.

    Shape: x ``(batch, *space, channels)``, kernel ``(*window, channels // groups, filters)``
    -> ``(batch, *out, filters)``.
    """
    if platform() != "cpu":
        return direct(x, kernel, strides, padding, dilation, groups)
    if is_depthwise(x, kernel, groups):
        return depthwise(x, kernel, strides, padding, dilation)
    kernel, groups = _merge_groups(kernel, groups)
    return _on_cpu(x, kernel, strides, padding, dilation, groups)


def _merge_groups(kernel: Array, groups: int) -> tuple[Array, int]:
    """The same convolution in fewer groups, with zeros from one merged group to the other.

    That is more work done in less time while the groups are small.
    """
    *window, inputs, filters = kernel.shape
    fitting = (n for n in range(1, groups + 1) if groups % n == 0 and n * inputs <= FEWEST_CHANNELS)
    merged = max(fitting, default=1)
    if merged == 1:
        return kernel, groups
    apart = kernel.reshape(*window, 1, inputs, groups // merged, merged, filters // groups)
    own = jnp.eye(merged, dtype=kernel.dtype)[:, None, None, :, None]
    return (apart * own).reshape(*window, merged * inputs, filters), groups // merged


def direct(
    x: Array,
    kernel: Array,
    strides: Sizes,
    padding: Pads,
    dilation: Sizes,
    groups: int,
    spread: Sizes | None = None,
) -> Array:
    """XLA's convolution in canonical form; ``spread`` puts zeros between the inputs."""
    if platform() == "cpu":
        x, padding = _outgrow(x, kernel.shape[:-2], padding, spread or (1,) * len(strides))
    letters = "HWD"[: kernel.ndim - 2]
    layout = (f"N{letters}C", f"{letters}IO", f"N{letters}C")
    return lax.conv_general_dilated(
        x,
        kernel,
        strides,
        padding,
        lhs_dilation=spread,
        rhs_dilation=dilation,
        dimension_numbers=layout,
        feature_group_count=groups,
    )


def _outgrow(x: Array, window: Sizes, padding: Pads, spread: Sizes) -> tuple[Array, Pads]:
    """The same convolution of an input that is nowhere smaller than the window.

    XLA swaps input and kernel if the kernel is larger, and the result is not canonical. So rows of
    zeros are appended here and cut off again by the padding.
    """
    short = [max(k - n, 0) for k, n in zip(window, x.shape[1:-1], strict=True)]
    if not any(short):
        return x, padding
    longer = jnp.pad(x, ((0, 0), *((0, more) for more in short), (0, 0)))
    cut = tuple(
        (low, high - more * s) for (low, high), more, s in zip(padding, short, spread, strict=True)
    )
    return lax.optimization_barrier(longer), cut  # else XLA takes the zeros for padding


def quickest(
    x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes, groups: int = 1
) -> Array:
    """The convolution in the form that is quickest on a CPU."""
    if groups == 1 and _sums_well(x) and is_short(kernel):
        return taps(x, kernel, strides, padding, dilation)
    if groups == 1 and _suits_winograd(x, kernel.shape, strides, padding, dilation):
        return winograd.winograd(x, kernel, padding)
    return direct(x, kernel, strides, padding, dilation, groups)


def _sums_well(x: Array) -> bool:
    """Whether sums of its type are exact enough; half precision needs a product's wider sums."""
    return x.dtype.itemsize >= 4


def _suits_winograd(
    x: Array, kernel_shape: Sizes, strides: Sizes, padding: Pads, dilation: Sizes
) -> bool:
    *window, channels, filters = kernel_shape
    if (tuple(window), set(strides), set(dilation)) != ((3, 3), {1}, {1}) or not _sums_well(x):
        return False
    out = [n + sum(p) - 2 for n, p in zip(x.shape[1:-1], padding, strict=True)]
    # Smaller maps fill their tiles badly, larger ones do not stay in the cache.
    return min(channels, filters) >= 32 and min(out) >= 6 and max(out) <= 128


@partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4, 5))
def _on_cpu(
    x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes, groups: int
) -> Array:
    return quickest(x, kernel, strides, padding, dilation, groups)


def _forward(
    x: Array, kernel: Array, strides: Sizes, padding: Pads, dilation: Sizes, groups: int
) -> tuple[Array, tuple[Array, Array]]:
    return quickest(x, kernel, strides, padding, dilation, groups), (x, kernel)


def _backward(
    strides: Sizes,
    padding: Pads,
    dilation: Sizes,
    groups: int,
    saved: tuple[Array, Array],
    dy: Array,
) -> tuple[Array, Array]:
    x, kernel = saved
    dx = input_gradient(dy, kernel, x.shape, strides, padding, dilation, groups)
    return dx, kernel_gradient(x, dy, kernel.shape, strides, padding, dilation, groups)


_on_cpu.defvjp(_forward, _backward)


def input_gradient(
    dy: Array,
    kernel: Array,
    x_shape: tuple[int, ...],
    strides: Sizes,
    padding: Pads,
    dilation: Sizes,
    groups: int,
) -> Array:
    """The output's gradient, spread by the stride, convolved with the turned-round kernel."""
    space, window, out = x_shape[1:-1], kernel.shape[:-2], dy.shape[1:-1]
    around = []
    for n, k, o, s, (low, _), d in zip(space, window, out, strides, padding, dilation, strict=True):
        span = (k - 1) * d + 1
        before = span - 1 - low
        around.append((before, n + span - 2 - (o - 1) * s - before))
    ones = (1,) * len(space)
    turned = _turn_round(kernel, groups)
    if strides == ones:
        return quickest(dy, turned, ones, tuple(around), dilation, groups)
    return direct(dy, turned, ones, tuple(around), dilation, groups, spread=strides)


def _turn_round(kernel: Array, groups: int) -> Array:
    """Flip the window and swap inputs with outputs, group by group."""
    window = kernel.shape[:-2]
    flipped = jnp.flip(kernel, tuple(range(len(window))))
    inputs, filters = kernel.shape[-2:]
    grouped = flipped.reshape(*window, inputs, groups, filters // groups)
    return (
        jnp.moveaxis(grouped, -3, -1)
        .swapaxes(-3, -2)
        .reshape(*window, filters // groups, groups * inputs)
    )


def kernel_gradient(
    x: Array,
    dy: Array,
    kernel_shape: tuple[int, ...],
    strides: Sizes,
    padding: Pads,
    dilation: Sizes,
    groups: int,
) -> Array:
    """The inputs convolved with the output's gradient, channels and batch in swapped roles.

    Groups stay groups of features: the batch of each is convolved with its own filters.
    """
    if groups == 1 and _suits_winograd(x, kernel_shape, strides, padding, dilation):
        return winograd.kernel_gradient(x, dy, padding)
    batch, *space, channels = x.shape
    window, out = kernel_shape[:-2], dy.shape[1:-1]
    around = []
    for n, k, o, s, (low, _), d in zip(space, window, out, strides, padding, dilation, strict=True):
        around.append((low, (k - 1) * d + (o - 1) * s + 1 - n - low))
    grouped = x.reshape(batch, *space, groups, channels // groups)
    channels_first = jnp.moveaxis(grouped, (-1, 0), (0, -1))
    swapped = channels_first.reshape(channels // groups, *space, groups * batch)
    grad = direct(swapped, jnp.moveaxis(dy, 0, -2), dilation, tuple(around), strides, groups)
    return jnp.moveaxis(grad, 0, -2)
