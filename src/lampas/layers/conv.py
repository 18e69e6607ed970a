"""Convolution layers: the same small filter looks at every place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Unpack

from .. import initializers, regularizers
from ..activations import Activation
from ..core.build import Initializer
from ..core.errors import ArgumentError, Shape, ShapeError
from ..core.variable import Array, Regularizer
from ..ops.conv import conv
from .activation import activate
from .layer import LayerOptions
from .sliding import Sliding


class _Conv(Sliding):
    """Convolution over ``rank`` spatial axes; the public classes differ in the rank alone."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        dilation_rate: int | Sequence[int] = 1,
        groups: int = 1,
        activation: Activation | str | None = None,
        *,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        bias_initializer: Initializer | str = "zeros",
        kernel_regularizer: Regularizer | str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(
            kernel_size,
            strides,
            padding,
            dilation_rate,
            activation,
            use_bias,
            bias_initializer,
            **options,
        )
        if filters < 1 or groups < 1 or filters % groups:
            raise ArgumentError(
                f"filters={filters} can not be shared out among groups={groups}. Make filters a "
                "multiple of groups, both 1 or more."
            )
        self.filters = filters
        self.groups = groups
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, shape: Shape) -> None:
        channels = shape[-1]
        if channels % self.groups:
            raise ShapeError(
                f"{channels} channels can not be shared out among {self.groups} groups. Choose "
                "groups that divide the channels of the input."
            )
        self.features = channels
        self.kernel = self.parameter(
            (*self.kernel_size, channels // self.groups, self.filters),
            self.kernel_initializer,
            penalized=True,
            regularizer=self.kernel_regularizer,
        )
        self.bias = self.make_bias(self.filters)

    def forward(self, x: Array) -> Array:
        kernel, around = self.kernel.value, self.around(x)
        y = conv(x, kernel, self.strides, around, self.dilation_rate, self.groups)
        return activate(y, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return math.prod(outputs[:-1]) * self.kernel.size


class Conv1D(_Conv):
    """Convolution over one axis, time for example.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(kernel_size, channels // groups, filters)``.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, filters)``; "valid" gives
    ``(steps - span) // stride + 1`` steps with ``span = (kernel_size - 1) * dilation_rate + 1``,
    "same" gives ``ceil(steps / stride)``.
    Raises ShapeError when the channels are not those it was built for, or a window does not fit.
    """

    rank = 1
    axes = ("batch", "steps", "channels")


class Conv2D(_Conv):
    """Convolution over the height and width of pictures or feature maps.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, channels // groups, filters)``.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, filters)``;
    "valid" gives ``(size - span) // stride + 1`` with ``span = (kernel_size - 1) *
    dilation_rate + 1``, "same" gives ``ceil(size / stride)``.
    Raises ShapeError when the channels are not those it was built for, or a window does not fit.
    """

    rank = 2
    axes = ("batch", "height", "width", "channels")


class Conv3D(_Conv):
    """Convolution over three axes: volumes, or pictures over time.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, channels // groups, filters)``.

    Shape: ``(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    filters)``; "valid" gives ``(size - span) // stride + 1`` with ``span = (kernel_size - 1) *
    dilation_rate + 1``, "same" gives ``ceil(size / stride)``.
    Raises ShapeError when the channels are not those it was built for, or a window does not fit.
    """

    rank = 3
    axes = ("batch", "depth", "height", "width", "channels")
