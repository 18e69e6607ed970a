"""Transposed convolution layers, which enlarge feature maps."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any, Unpack

from .. import initializers
from ..activations import Activation
from ..core.arguments import PositiveInt, is_integer
from ..core.build import Initializer
from ..core.errors import ArgumentError, Shape, ShapeError, format_shape
from ..core.variable import Array
from ..kernels.conv_transpose import conv_transpose, output_sizes_and_padding
from .convolution import WindowedLayer
from .dense import activate
from .weights import KernelOptions, make_weight, set_weight_options


class _ConvTranspose(WindowedLayer):
    """Transposed convolution over ``rank`` spatial axes."""

    def __init__(
        self,
        filters: PositiveInt,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        *,
        output_padding: int | Sequence[int] | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: Activation | str | None = None,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        bias_initializer: Initializer | str = "zeros",
        **options: Unpack[KernelOptions],
    ) -> None:
        window = kernel_size, strides, padding, dilation_rate
        common = set_weight_options(self, KernelOptions, options)
        super().__init__(window, activation, use_bias, bias_initializer, **common)
        self.filters = filters
        self.output_padding = (
            None if output_padding is None else _check_output_padding(output_padding, self.strides)
        )
        self.kernel_initializer = initializers.get(kernel_initializer)

    def build(self, shape: Shape) -> None:
        self.input_features = shape[-1]
        shape = (*self.kernel_size, self.filters, self.input_features)
        self.kernel = make_weight(self, "kernel", shape, regularized=True)
        self.bias = self.make_bias(self.filters)

    def compute_mask(self, inputs: Array, previous_mask: Array) -> None:
        """Return None: the steps of the output lie between those of the input."""

    def forward(self, x: Array) -> Array:
        sizes, padding = output_sizes_and_padding(
            x.shape[1:-1],
            self.kernel_size,
            self.strides,
            self.padding,
            self.dilation_rate,
            self.output_padding,
        )
        if min(sizes) < 1:
            raise ShapeError(
                f"output_padding={self.output_padding} makes an empty output of "
                f"{format_shape(sizes)} from an input of {format_shape(x.shape[1:-1])}; "
                "omit it or make it larger."
            )
        kernel = self.kernel.value
        y = conv_transpose(x, kernel, sizes, self.strides, padding, self.dilation_rate)
        return activate(y, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return math.prod(inputs[:-1]) * self.kernel.size


def _check_output_padding(
    output_padding: int | Sequence[int], strides: tuple[int, ...]
) -> tuple[int, ...]:
    """One size for each axis, from 0 to less than its stride."""
    rank = len(strides)
    values: tuple[Any, ...] = (output_padding,) * rank
    if isinstance(output_padding, Iterable):
        values = tuple(output_padding)
    sizes = tuple(map(operator.index, values)) if all(map(is_integer, values)) else ()
    if len(sizes) != rank or not all(0 <= n < s for n, s in zip(sizes, strides, strict=True)):
        raise ArgumentError(
            "output_padding must be, on each axis, 0 or more and less than the stride "
            f"{format_shape(strides)}, got {output_padding!r}."
        )
    return sizes


class Conv1DTranspose(_ConvTranspose, rank=1):
    """Transposed convolution over one axis, such as time.

    ``activation(spread(x, kernel) + bias)`` with a kernel of shape
    ``(kernel_size, filters, channels)``: each step of the input adds its features, times the
    kernel, to the steps of the output that the window covers.

    Args:
        filters: number of output channels.
        kernel_size: size of the window.
        strides: steps between the windows in the output.
        padding: "valid" keeps every position that a window covers, "same" gives ``size * stride``.
        output_padding: added to the output's size, less than the stride; None for the sizes below.
        dilation_rate: spacing of the weights in the window.
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each filter.
        kernel_initializer: draws the initial kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernel and bias, see :class:`KernelOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, filters)``; with
    ``span = (kernel_size - 1) * dilation_rate + 1``, "valid" gives
    ``(steps - 1) * stride + max(span, stride)`` and "same" ``steps * stride``; with
    ``output_padding``, "valid" gives ``(steps - 1) * stride + span + output_padding`` and "same"
    ``(steps - 1) * stride + span % 2 + output_padding``.

    Raises:
        ShapeError: when the number of channels changes.
        ArgumentError: when ``output_padding`` is not less than the stride.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Conv1DTranspose(4, 3, strides=2)(np.ones((2, 5, 3))).shape
        (2, 11, 4)
    """


class Conv2DTranspose(_ConvTranspose, rank=2):
    """Transposed convolution over height and width, which enlarges images or feature maps.

    ``activation(spread(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, filters, channels)``: each position of the input adds its features, times the
    kernel, to the positions of the output that the window covers.

    Args:
        filters: number of output channels.
        kernel_size: size of the window; one number or a pair (height, width).
        strides: steps between the windows in the output; one number or a pair (height, width).
        padding: "valid" keeps every position that a window covers, "same" gives ``size * stride``.
        output_padding: added to the output's size, less than the stride; None for the sizes below.
        dilation_rate: spacing of the weights in the window; one number or a pair (height, width).
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each filter.
        kernel_initializer: draws the initial kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernel and bias, see :class:`KernelOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, filters)``; each
    size as in ``Conv1DTranspose``.

    Raises:
        ShapeError: when the number of channels changes.
        ArgumentError: when ``output_padding`` is not less than the stride.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Conv2DTranspose(4, 3, strides=2, padding="same")(np.ones((2, 5, 5, 3))).shape
        (2, 10, 10, 4)
    """


class Conv3DTranspose(_ConvTranspose, rank=3):
    """Transposed convolution over three axes, which enlarges volumes.

    ``activation(spread(x, kernel) + bias)`` with a kernel of shape
    ``(*kernel_size, filters, channels)``: each position of the input adds its features, times the
    kernel, to the positions of the output that the window covers.

    Args:
        filters: number of output channels.
        kernel_size: size of the window; one number or three, one per axis.
        strides: steps between the windows in the output; one number or three, one per axis.
        padding: "valid" keeps every position that a window covers, "same" gives ``size * stride``.
        output_padding: added to the output's size, less than the stride; None for the sizes below.
        dilation_rate: spacing of the weights in the window; one number or three, one per axis.
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number for each filter.
        kernel_initializer: draws the initial kernel.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernel and bias, see :class:`KernelOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    filters)``; each size as in ``Conv1DTranspose``.

    Raises:
        ShapeError: when the number of channels changes.
        ArgumentError: when ``output_padding`` is not less than the stride.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Conv3DTranspose(2, 2, strides=2)(np.ones((1, 2, 3, 4, 1))).shape
        (1, 4, 6, 8, 2)
    """
