"""Convolution layers: the same small filter looks at every place.

What all layers with a kernel that slides over spatial axes share.

Depthwise convolution: each channel has filters of its own.

Separable convolution: first within each channel, then across the channels of each place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Unpack

import jax.numpy as jnp

from .. import activations, initializers, regularizers
from ..activations import Activation
from ..core.build import Initializer
from ..core.errors import ArgumentError, Shape, ShapeError
from ..core.masks import carry_mask, mask_of
from ..core.variable import Array, Parameter, Regularizer
from ..kernels.conv import conv
from ..kernels.windows import Pads, check_padding, pads, per_axis
from .base import Layer, LayerOptions
from .dense import activate


class Sliding(Layer):
    """A window slides over ``rank`` spatial axes; bias and activation follow.

    Over one axis, masked steps are taken as zeros, and as many steps of the output count as the
    sequence without the masked ones would have: with "same" one of ``strides``, with "valid" those
    whose whole window counts.
    """

    rank: ClassVar[int]

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int],
        padding: str,
        dilation_rate: int | Sequence[int],
        activation: Activation | str | None,
        use_bias: bool,
        bias_initializer: Initializer | str,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.kernel_size = per_axis("kernel_size", kernel_size, self.rank)
        self.strides = per_axis("strides", strides, self.rank)
        self.padding = check_padding(padding)
        self.dilation_rate = per_axis("dilation_rate", dilation_rate, self.rank)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(bias_initializer)

    def make_bias(self, filters: int) -> Parameter | None:
        """The bias of all outputs, or None; for ``build``."""
        return self.parameter((filters,), self.bias_initializer) if self.use_bias else None

    def prepare(self, *inputs: Any) -> tuple[Any, ...]:
        x, *rest = super().prepare(*inputs)
        mask = mask_of(x)
        if mask is not None and self.rank == 1:
            x = carry_mask(jnp.where(mask[..., None], x, 0), mask)
        return x, *rest

    def next_mask(self, mask: Array, output: Array) -> Array | None:
        if self.rank > 1:
            return None
        (size,), (stride,), (dilation,) = self.kernel_size, self.strides, self.dilation_rate
        if self.padding == "same":
            return mask[:, ::stride]
        last = mask.shape[1] - (size - 1) * dilation
        windows = [mask[:, i * dilation : last + i * dilation : stride] for i in range(size)]
        return jnp.stack(windows).all(0)

    def around(self, x: Array) -> Pads:
        """Padding for an input like ``x``."""
        sizes = x.shape[1:-1]
        return pads(sizes, self.kernel_size, self.strides, self.padding, self.dilation_rate)


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
