"""Separable convolution: first within each channel, then across the channels of each place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Unpack

from .. import initializers, regularizers
from ..activations import Activation
from ..core.build import Initializer
from ..core.errors import Shape
from ..core.variable import Array, Regularizer
from ..ops.conv import conv
from ..ops.window import per_axis
from .activation import activate
from .layer import LayerOptions
from .sliding import Sliding


class _SeparableConv(Sliding):
    """Separable convolution over ``rank`` spatial axes."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        dilation_rate: int | Sequence[int] = 1,
        depth_multiplier: int = 1,
        activation: Activation | str | None = None,
        *,
        use_bias: bool = True,
        depthwise_initializer: Initializer | str = "glorot_uniform",
        pointwise_initializer: Initializer | str = "glorot_uniform",
        bias_initializer: Initializer | str = "zeros",
        depthwise_regularizer: Regularizer | str | None = None,
        pointwise_regularizer: Regularizer | str | None = None,
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
        (self.filters,) = per_axis("filters", filters, 1)
        (self.depth_multiplier,) = per_axis("depth_multiplier", depth_multiplier, 1)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        self.depthwise_kernel = self.parameter(
            (*self.kernel_size, self.features, self.depth_multiplier),
            self.depthwise_initializer,
            penalized=True,
            regularizer=self.depthwise_regularizer,
        )
        self.pointwise_kernel = self.parameter(
            (*(1,) * self.rank, self.features * self.depth_multiplier, self.filters),
            self.pointwise_initializer,
            penalized=True,
            regularizer=self.pointwise_regularizer,
        )
        self.bias = self.make_bias(self.filters)

    def forward(self, x: Array) -> Array:
        channels = x.shape[-1]
        inner = channels * self.depth_multiplier
        kernel = self.depthwise_kernel.value.reshape(*self.kernel_size, 1, inner)
        y = conv(x, kernel, self.strides, self.around(x), self.dilation_rate, groups=channels)
        mixed = y @ self.pointwise_kernel.value.reshape(inner, self.filters)
        return activate(mixed, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        each = self.depthwise_kernel.size + self.pointwise_kernel.size
        return math.prod(outputs[:-1]) * each


class SeparableConv1D(_SeparableConv):
    """Depthwise convolution over one axis, then a linear map of the channels.

    ``activation(conv(x, depthwise_kernel) @ pointwise_kernel + bias)`` with kernels of shapes
    ``(kernel_size, channels, depth_multiplier)`` and
    ``(1, channels * depth_multiplier, filters)``.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, filters)``, with the steps of
    ``Conv1D``.
    Raises ShapeError when the channels are not those it was built for, or a window does not fit.
    """

    rank = 1
    axes = ("batch", "steps", "channels")


class SeparableConv2D(_SeparableConv):
    """Depthwise convolution over height and width, then a linear map of the channels.

    ``activation(conv(x, depthwise_kernel) @ pointwise_kernel + bias)`` with kernels of shapes
    ``(*kernel_size, channels, depth_multiplier)`` and
    ``(1, 1, channels * depth_multiplier, filters)``: far fewer weights than ``Conv2D`` has
    (Chollet, 2017).

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, filters)``, with
    the sizes of ``Conv2D``.
    Raises ShapeError when the channels are not those it was built for, or a window does not fit.
    """

    rank = 2
    axes = ("batch", "height", "width", "channels")
