"""Transposed convolution layers: from few places with many features to many places."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Unpack

from .. import initializers, regularizers
from ..activations import Activation
from ..core.build import Initializer
from ..core.errors import ArgumentError, Shape, ShapeError, show_shape
from ..core.variable import Array, Regularizer
from ..kernels.conv_transpose import conv_transpose, out_and_pads
from ..kernels.windows import per_axis
from .base import LayerOptions
from .convolution import Sliding
from .dense import activate


class _ConvTranspose(Sliding):
    """Transposed convolution over ``rank`` spatial axes."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        output_padding: int | Sequence[int] | None = None,
        dilation_rate: int | Sequence[int] = 1,
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
        (self.filters,) = per_axis("filters", filters, 1)
        self.output_padding = (
            None if output_padding is None else _below(output_padding, self.strides)
        )
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        self.kernel = self.parameter(
            (*self.kernel_size, self.filters, self.features),
            self.kernel_initializer,
            penalized=True,
            regularizer=self.kernel_regularizer,
        )
        self.bias = self.make_bias(self.filters)

    def next_mask(self, mask: Array, output: Array) -> None:
        """None: what comes out lies between the steps that went in."""

    def forward(self, x: Array) -> Array:
        space, around = out_and_pads(
            x.shape[1:-1],
            self.kernel_size,
            self.strides,
            self.padding,
            self.dilation_rate,
            self.output_padding,
        )
        if min(space) < 1:
            raise ShapeError(
                f"output_padding={self.output_padding} makes an empty output of "
                f"{show_shape(space)} from an input of {show_shape(x.shape[1:-1])}; "
                "leave it out or make it larger."
            )
        kernel = self.kernel.value
        y = conv_transpose(x, kernel, space, self.strides, around, self.dilation_rate)
        return activate(y, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return math.prod(inputs[:-1]) * self.kernel.size


def _below(output_padding: int | Sequence[int], strides: tuple[int, ...]) -> tuple[int, ...]:
    """One size for each axis, from 0 up to, not including, its stride."""
    rank = len(strides)
    given = output_padding if isinstance(output_padding, Iterable) else (output_padding,) * rank
    try:
        sizes = tuple(map(operator.index, given))
    except TypeError:
        sizes = ()
    if len(sizes) != rank or not all(0 <= n < s for n, s in zip(sizes, strides, strict=True)):
        raise ArgumentError(
            "output_padding must be, on each axis, 0 or more and less than the stride "
            f"{show_shape(strides)}, got {output_padding!r}."
        )
    return sizes


class Conv1DTranspose(_ConvTranspose):
    """Transposed convolution over one axis, time for example.

    ``activation(spread(x, kernel) + bias)`` with a kernel of shape
    ``(kernel_size, filters, channels)``: each step adds its features, times the kernel, to the
    steps of the output that the window covers.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, filters)``; with ``span =
    (kernel_size - 1) * dilation_rate + 1``, "valid" gives ``(steps - 1) * stride + max(span,
    stride)`` and "same" ``steps * stride``; with ``output_padding``, "valid" gives
    ``(steps - 1) * stride + span + output_padding`` and "same"
    ``(steps - 1) * stride + span % 2 + output_padding``.
    Raises ShapeError when the channels are not those it was built for, and ArgumentError when
    ``output_padding`` is not less than the stride.
    """

    rank = 1
    axes = ("batch", "steps", "channels")


class Conv2DTranspose(_ConvTranspose):
    """Transposed convolution over height and width, to make pictures larger.

    ``activation(spread(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, filters, channels)``: each place adds its features, times the kernel, to the
    places of the output that the window covers.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, filters)``; each
    size as in ``Conv1DTranspose``.
    Raises ShapeError when the channels are not those it was built for, and ArgumentError when
    ``output_padding`` is not less than the stride.
    """

    rank = 2
    axes = ("batch", "height", "width", "channels")


class Conv3DTranspose(_ConvTranspose):
    """Transposed convolution over three axes, to make volumes larger.

    ``activation(spread(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, filters, channels)``.

    Shape: ``(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    filters)``; each size as in ``Conv1DTranspose``.
    Raises ShapeError when the channels are not those it was built for, and ArgumentError when
    ``output_padding`` is not less than the stride.
    """

    rank = 3
    axes = ("batch", "depth", "height", "width", "channels")
