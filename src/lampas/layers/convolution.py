"""Convolution layers over one, two and three spatial axes, and their shared base class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias, Unpack

import jax.numpy as jnp

from .. import activations, initializers
from ..activations import Activation
from ..core.arguments import PositiveInt
from ..core.build import Initializer
from ..core.errors import ArgumentError, Shape, ShapeError
from ..core.masks import get_mask, set_mask
from ..core.variable import Array, Parameter
from ..kernels.conv import conv
from ..kernels.windows import Pads, check_padding, explicit_padding, per_axis
from .base import LayerOptions, SpatialLayer
from .dense import activate
from .weights import KernelOptions, make_weight, set_weight_options

Window: TypeAlias = tuple[int | Sequence[int], int | Sequence[int], str, int | Sequence[int]]
"""Kernel size, strides, padding and dilation rate, as the user passes them."""


class WindowedLayer(SpatialLayer):
    """Base of layers that slide a window over ``rank`` spatial axes and add bias and activation.

    Over one axis, masked steps are replaced by zeros. The output's mask has as many steps as the
    output: with "same" every ``strides``-th step of the mask, with "valid" the steps whose window
    has no masked step.
    """

    def __init__(
        self,
        window: Window,
        activation: Activation | str | None,
        use_bias: bool,
        bias_initializer: Initializer | str,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        kernel_size, strides, padding, dilation_rate = window
        self.kernel_size = per_axis("kernel_size", kernel_size, self.rank)
        self.strides = per_axis("strides", strides, self.rank)
        self.padding = check_padding(padding)
        self.dilation_rate = per_axis("dilation_rate", dilation_rate, self.rank)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(bias_initializer)

    def make_bias(self, filters: int) -> Parameter | None:
        """Create the bias of all outputs, None without one; for ``build``."""
        return make_weight(self, "bias", (filters,)) if self.use_bias else None

    def pre_forward(self, *inputs: Any) -> tuple[Any, ...]:
        x, *rest = super().pre_forward(*inputs)
        mask = get_mask(x)
        if mask is not None and self.rank == 1:
            x = set_mask(jnp.where(mask[..., None], x, 0), mask)
        return x, *rest

    def compute_mask(self, inputs: Array, previous_mask: Array) -> Array | None:
        if self.rank > 1:
            return None
        (size,), (stride,), (dilation,) = self.kernel_size, self.strides, self.dilation_rate
        if self.padding == "same":
            return previous_mask[:, ::stride]
        last = previous_mask.shape[1] - (size - 1) * dilation
        starts = range(0, size * dilation, dilation)
        windows = [previous_mask[:, start : last + start : stride] for start in starts]
        return jnp.stack(windows).all(0)

    def padding_for(self, x: Array) -> Pads:
        """Padding of each spatial axis for an input like ``x``."""
        window = self.kernel_size, self.strides, self.padding, self.dilation_rate
        return explicit_padding(x.shape[1:-1], *window)


class _Conv(WindowedLayer):
    """Convolution over ``rank`` spatial axes; the public classes differ in the rank alone."""

    def __init__(
        self,
        filters: PositiveInt,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        *,
        dilation_rate: int | Sequence[int] = 1,
        groups: PositiveInt = 1,
        activation: Activation | str | None = None,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        bias_initializer: Initializer | str = "zeros",
        **options: Unpack[KernelOptions],
    ) -> None:
        window = kernel_size, strides, padding, dilation_rate
        common = set_weight_options(self, KernelOptions, options)
        super().__init__(window, activation, use_bias, bias_initializer, **common)
        if filters % groups:
            raise ArgumentError(
                f"filters={filters} cannot be divided among groups={groups}. Make filters a "
                "multiple of groups."
            )
        self.filters = filters
        self.groups = groups
        self.kernel_initializer = initializers.get(kernel_initializer)

    def build(self, shape: Shape) -> None:
        channels = shape[-1]
        if channels % self.groups:
            raise ShapeError(
                f"{channels} channels cannot be divided among {self.groups} groups. Choose "
                "a number of groups that divides the channels of the input."
            )
        self.input_features = channels
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = make_weight(self, "kernel", shape, regularized=True)
        self.bias = self.make_bias(self.filters)

    def forward(self, x: Array) -> Array:
        kernel, padding = self.kernel.value, self.padding_for(x)
        y = conv(x, kernel, self.strides, padding, self.dilation_rate, self.groups)
        return activate(y, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return math.prod(outputs[:-1]) * self.kernel.size


class Conv1D(_Conv, rank=1):
    """Convolution over one axis, such as time.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(kernel_size, channels // groups, filters)``.

    Args:
        filters: number of output channels.
        kernel_size: size of the window.
        strides: steps between neighboring windows.
        padding: "valid" for none, "same" to pad with zeros to ``ceil(size / stride)`` outputs.
        dilation_rate: spacing of the weights in the window.
        groups: number of groups of channels that are convolved separately.
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each filter.
        kernel_initializer: draws the initial kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernel and bias, see :class:`KernelOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, filters)``; "valid" gives
    ``(steps - span) // stride + 1`` steps with ``span = (kernel_size - 1) * dilation_rate + 1``,
    "same" gives ``ceil(steps / stride)``.

    Raises:
        ShapeError: when the number of channels changes, or the window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Conv1D(4, 3, padding="same")(np.ones((2, 10, 3))).shape
        (2, 10, 4)
    """


class Conv2D(_Conv, rank=2):
    """Convolution over the height and width of images or feature maps.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, channels // groups, filters)``.

    Args:
        filters: number of output channels.
        kernel_size: size of the window; one number or a pair (height, width).
        strides: steps between neighboring windows; one number or a pair (height, width).
        padding: "valid" for none, "same" to pad with zeros to ``ceil(size / stride)`` outputs.
        dilation_rate: spacing of the weights in the window; one number or a pair (height, width).
        groups: number of groups of channels that are convolved separately.
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each filter.
        kernel_initializer: draws the initial kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernel and bias, see :class:`KernelOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, filters)``; "valid"
    gives ``(size - span) // stride + 1`` with ``span = (kernel_size - 1) * dilation_rate + 1``,
    "same" gives ``ceil(size / stride)``.

    Raises:
        ShapeError: when the number of channels changes, or the window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Conv2D(8, 3, activation="relu")(np.ones((2, 28, 28, 1))).shape
        (2, 26, 26, 8)
    """


class Conv3D(_Conv, rank=3):
    """Convolution over three axes: volumes, or images over time.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, channels // groups, filters)``.

    Args:
        filters: number of output channels.
        kernel_size: size of the window; one number or three, one per axis.
        strides: steps between neighboring windows; one number or three, one per axis.
        padding: "valid" for none, "same" to pad with zeros to ``ceil(size / stride)`` outputs.
        dilation_rate: spacing of the weights in the window; one number or three, one per axis.
        groups: number of groups of channels that are convolved separately.
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each filter.
        kernel_initializer: draws the initial kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernel and bias, see :class:`KernelOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    filters)``; "valid" gives ``(size - span) // stride + 1`` with
    ``span = (kernel_size - 1) * dilation_rate + 1``, "same" gives ``ceil(size / stride)``.

    Raises:
        ShapeError: when the number of channels changes, or the window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Conv3D(2, 3)(np.ones((1, 5, 6, 7, 1))).shape
        (1, 3, 4, 5, 2)
    """
