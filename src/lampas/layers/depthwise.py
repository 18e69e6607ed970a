"""Depthwise convolution: each channel has filters of its own."""

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


class _DepthwiseConv(Sliding):
    """Depthwise convolution over ``rank`` spatial axes."""

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        dilation_rate: int | Sequence[int] = 1,
        activation: Activation | str | None = None,
        *,
        use_bias: bool = True,
        depthwise_initializer: Initializer | str = "glorot_uniform",
        bias_initializer: Initializer | str = "zeros",
        depthwise_regularizer: Regularizer | str | None = None,
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
        (self.depth_multiplier,) = per_axis("depth_multiplier", depth_multiplier, 1)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        self.kernel = self.parameter(
            (*self.kernel_size, self.features, self.depth_multiplier),
            self.depthwise_initializer,
            penalized=True,
            regularizer=self.depthwise_regularizer,
        )
        self.bias = self.make_bias(self.features * self.depth_multiplier)

    def forward(self, x: Array) -> Array:
        channels, kernel = x.shape[-1], self.kernel.value
        flat = kernel.reshape(*self.kernel_size, 1, channels * self.depth_multiplier)
        y = conv(x, flat, self.strides, self.around(x), self.dilation_rate, groups=channels)
        return activate(y, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return math.prod(outputs[:-1]) * self.kernel.size


class DepthwiseConv1D(_DepthwiseConv):
    """Convolution of each channel by itself over one axis, time for example.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(kernel_size, channels, depth_multiplier)``; channel c makes the outputs
    ``c * depth_multiplier`` to ``(c + 1) * depth_multiplier - 1``.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, channels * depth_multiplier)``, with
    the steps of ``Conv1D``.
    Raises ShapeError when the channels are not those it was built for, or a window does not fit.
    """

    rank = 1
    axes = ("batch", "steps", "channels")


class DepthwiseConv2D(_DepthwiseConv):
    """Convolution of each channel by itself over height and width.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, channels, depth_multiplier)``; channel c makes the outputs
    ``c * depth_multiplier`` to ``(c + 1) * depth_multiplier - 1``.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, channels *
    depth_multiplier)``, with the sizes of ``Conv2D``.
    Raises ShapeError when the channels are not those it was built for, or a window does not fit.
    """

    rank = 2
    axes = ("batch", "height", "width", "channels")
