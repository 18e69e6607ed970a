"""Depthwise and separable convolution layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Unpack

from .. import initializers
from ..activations import Activation
from ..core.arguments import PositiveInt
from ..core.build import Initializer
from ..core.errors import Shape
from ..core.variable import Array, Regularizer, WeightConstraint
from ..kernels.conv import conv
from .base import LayerOptions
from .convolution import WindowedLayer
from .dense import activate
from .weights import make_weight, set_weight_options


class DepthwiseOptions(LayerOptions, total=False):
    """Penalties for depthwise kernel and bias, and constraints; as in :class:`KernelOptions`."""

    depthwise_regularizer: Regularizer | str | None
    bias_regularizer: Regularizer | str | None
    depthwise_constraint: WeightConstraint | str | None
    bias_constraint: WeightConstraint | str | None


class SeparableOptions(DepthwiseOptions, total=False):
    """The same for the pointwise kernel too."""

    pointwise_regularizer: Regularizer | str | None
    pointwise_constraint: WeightConstraint | str | None


class _DepthwiseConv(WindowedLayer):
    """Depthwise convolution over ``rank`` spatial axes."""

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        depth_multiplier: PositiveInt = 1,
        *,
        dilation_rate: int | Sequence[int] = 1,
        activation: Activation | str | None = None,
        use_bias: bool = True,
        depthwise_initializer: Initializer | str = "glorot_uniform",
        bias_initializer: Initializer | str = "zeros",
        **options: Unpack[DepthwiseOptions],
    ) -> None:
        window = kernel_size, strides, padding, dilation_rate
        common = set_weight_options(self, DepthwiseOptions, options)
        super().__init__(window, activation, use_bias, bias_initializer, **common)
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = initializers.get(depthwise_initializer)

    def build(self, shape: Shape) -> None:
        channels = self.input_features = shape[-1]
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = make_weight(self, "depthwise", shape, regularized=True)
        self.bias = self.make_bias(channels * self.depth_multiplier)

    def forward(self, x: Array) -> Array:
        channels, kernel = x.shape[-1], self.kernel.value
        flat = kernel.reshape(*self.kernel_size, 1, channels * self.depth_multiplier)
        y = conv(x, flat, self.strides, self.padding_for(x), self.dilation_rate, groups=channels)
        return activate(y, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return math.prod(outputs[:-1]) * self.kernel.size


class DepthwiseConv1D(_DepthwiseConv, rank=1):
    """Convolution of each channel by itself over one axis, such as time.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(kernel_size, channels, depth_multiplier)``; channel c produces the outputs
    ``c * depth_multiplier`` to ``(c + 1) * depth_multiplier - 1``.

    Args:
        kernel_size: size of the window.
        strides: steps between neighboring windows.
        padding: "valid" for none, "same" to pad with zeros to ``ceil(size / stride)`` outputs.
        depth_multiplier: number of filters of each channel.
        dilation_rate: spacing of the weights in the window.
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each output channel.
        depthwise_initializer: draws the initial kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernel and bias, see :class:`DepthwiseOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, channels * depth_multiplier)``; the
    number of steps as in ``Conv1D``.

    Raises:
        ShapeError: when the number of channels changes, or the window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.DepthwiseConv1D(3, depth_multiplier=2)(np.ones((2, 10, 3))).shape
        (2, 8, 6)
    """


class DepthwiseConv2D(_DepthwiseConv, rank=2):
    """Convolution of each channel by itself over height and width.

    ``activation(conv(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, channels, depth_multiplier)``; channel c produces the outputs
    ``c * depth_multiplier`` to ``(c + 1) * depth_multiplier - 1``.

    Args:
        kernel_size: size of the window; one number or a pair (height, width).
        strides: steps between neighboring windows; one number or a pair (height, width).
        padding: "valid" for none, "same" to pad with zeros to ``ceil(size / stride)`` outputs.
        depth_multiplier: number of filters of each channel.
        dilation_rate: spacing of the weights in the window; one number or a pair (height, width).
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each output channel.
        depthwise_initializer: draws the initial kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernel and bias, see :class:`DepthwiseOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, channels *
    depth_multiplier)``; the sizes as in ``Conv2D``.

    Raises:
        ShapeError: when the number of channels changes, or the window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.DepthwiseConv2D(3, padding="same")(np.ones((2, 8, 8, 3))).shape
        (2, 8, 8, 3)
    """


class _SeparableConv(WindowedLayer):
    """Separable convolution over ``rank`` spatial axes."""

    def __init__(
        self,
        filters: PositiveInt,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        *,
        dilation_rate: int | Sequence[int] = 1,
        depth_multiplier: PositiveInt = 1,
        activation: Activation | str | None = None,
        use_bias: bool = True,
        depthwise_initializer: Initializer | str = "glorot_uniform",
        pointwise_initializer: Initializer | str = "glorot_uniform",
        bias_initializer: Initializer | str = "zeros",
        **options: Unpack[SeparableOptions],
    ) -> None:
        window = kernel_size, strides, padding, dilation_rate
        common = set_weight_options(self, SeparableOptions, options)
        super().__init__(window, activation, use_bias, bias_initializer, **common)
        self.filters = filters
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)

    def build(self, shape: Shape) -> None:
        channels = self.input_features = shape[-1]
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.depthwise_kernel = make_weight(self, "depthwise", shape, regularized=True)
        shape = (*(1,) * self.rank, channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel = make_weight(self, "pointwise", shape, regularized=True)
        self.bias = self.make_bias(self.filters)

    def forward(self, x: Array) -> Array:
        channels = x.shape[-1]
        inner = channels * self.depth_multiplier
        kernel = self.depthwise_kernel.value.reshape(*self.kernel_size, 1, inner)
        y = conv(x, kernel, self.strides, self.padding_for(x), self.dilation_rate, groups=channels)
        mixed = y @ self.pointwise_kernel.value.reshape(inner, self.filters)
        return activate(mixed, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        weights = self.depthwise_kernel.size + self.pointwise_kernel.size
        return math.prod(outputs[:-1]) * weights


class SeparableConv1D(_SeparableConv, rank=1):
    """Depthwise convolution over one axis, followed by a linear map of the channels.

    ``activation(conv(x, depthwise_kernel) @ pointwise_kernel + bias)`` with kernels of shapes
    ``(kernel_size, channels, depth_multiplier)`` and ``(1, channels * depth_multiplier, filters)``.

    Args:
        filters: number of output channels.
        kernel_size: size of the window.
        strides: steps between neighboring windows.
        padding: "valid" for none, "same" to pad with zeros to ``ceil(size / stride)`` outputs.
        dilation_rate: spacing of the weights in the window.
        depth_multiplier: number of filters of each channel.
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each filter.
        depthwise_initializer: draws the initial depthwise kernel.
        pointwise_initializer: draws the initial pointwise kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernels and bias, see :class:`SeparableOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, filters)``; the number of steps as in
    ``Conv1D``.

    Raises:
        ShapeError: when the number of channels changes, or the window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.SeparableConv1D(4, 3)(np.ones((2, 10, 3))).shape
        (2, 8, 4)
    """


class SeparableConv2D(_SeparableConv, rank=2):
    """Depthwise convolution over height and width, followed by a linear map of the channels.

    ``activation(conv(x, depthwise_kernel) @ pointwise_kernel + bias)`` with kernels of shapes
    ``(*kernel_size, channels, depth_multiplier)`` and
    ``(1, 1, channels * depth_multiplier, filters)``: far fewer weights than ``Conv2D`` has
    (Chollet, 2017).

    Args:
        filters: number of output channels.
        kernel_size: size of the window; one number or a pair (height, width).
        strides: steps between neighboring windows; one number or a pair (height, width).
        padding: "valid" for none, "same" to pad with zeros to ``ceil(size / stride)`` outputs.
        dilation_rate: spacing of the weights in the window; one number or a pair (height, width).
        depth_multiplier: number of filters of each channel.
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each filter.
        depthwise_initializer: draws the initial depthwise kernel.
        pointwise_initializer: draws the initial pointwise kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernels and bias, see :class:`SeparableOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, filters)``; the
    sizes as in ``Conv2D``.

    Raises:
        ShapeError: when the number of channels changes, or the window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.SeparableConv2D(4, 3)(np.ones((2, 8, 8, 3))).shape
        (2, 6, 6, 4)
    """
