"""Convolution layers: the same small filter looks at every place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Unpack

from .. import activations, initializers, regularizers
from ..activations import Activation
from ..core.build import Initializer
from ..core.errors import ArgumentError, Shape, ShapeError
from ..core.variable import Array, Regularizer
from ..ops.conv import conv
from ..ops.window import check_padding, pads, per_axis
from .activation import activate
from .layer import Layer, LayerOptions


class _Conv(Layer):
    """Convolution over ``rank`` spatial axes; the public classes differ in the rank alone."""

    rank: ClassVar[int]

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
        super().__init__(**options)
        if filters < 1 or groups < 1 or filters % groups:
            raise ArgumentError(f"filters={filters} can not be shared out among groups={groups}.")
        self.filters = filters
        self.kernel_size = per_axis("kernel_size", kernel_size, self.rank)
        self.strides = per_axis("strides", strides, self.rank)
        self.padding = check_padding(padding)
        self.dilation_rate = per_axis("dilation_rate", dilation_rate, self.rank)
        self.groups = groups
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, shape: Shape) -> None:
        channels = shape[-1]
        if channels % self.groups:
            raise ShapeError(
                f"{channels} channels can not be shared out among {self.groups} groups."
            )
        self.features = channels
        self.kernel = self.parameter(
            (*self.kernel_size, channels // self.groups, self.filters),
            self.kernel_initializer,
            penalized=True,
            regularizer=self.kernel_regularizer,
        )
        self.bias = (
            self.parameter((self.filters,), self.bias_initializer) if self.use_bias else None
        )

    def forward(self, x: Array) -> Array:
        around = pads(
            x.shape[1:-1], self.kernel_size, self.strides, self.padding, self.dilation_rate
        )
        kernel = self.kernel.value
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
