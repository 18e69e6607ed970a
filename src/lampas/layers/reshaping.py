"""Layers that change the shape and nothing else.

Layers that add to or take from the border of pictures.

Make pictures or feature maps larger without any weights.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias, Unpack

import jax.numpy as jnp

from ..core.errors import ArgumentError, ShapeError, show_shape, unknown_name
from ..core.variable import Array
from ..kernels.resize import METHODS, resize
from ..kernels.windows import per_axis
from .base import Layer, LayerOptions


class Input(Layer):
    """Declares the shape of one input, without the batch axis, at the head of a Sequential.

    Shape: ``(batch, *shape) -> (batch, *shape)``.
    """

    casts: ClassVar[bool] = False

    def __init__(self, shape: Sequence[int], *, name: str | None = None) -> None:
        super().__init__(input_shape=shape)
        self.name = name

    def forward(self, x: Array) -> Array:
        if self.input_shape is not None and x.shape[1:] != self.input_shape:
            raise ShapeError(
                f"the model takes inputs of shape {show_shape((None, *self.input_shape))}, "
                f"got {show_shape(x.shape)}."
            )
        return x


class Flatten(Layer):
    """All axes but the batch become one: ``(batch, ...) -> (batch, features)``."""

    casts: ClassVar[bool] = False

    def forward(self, x: Array) -> Array:
        return x.reshape(x.shape[0], math.prod(x.shape[1:]))


class Reshape(Layer):
    """Give each input another shape: ``(batch, ...) -> (batch, *target_shape)``.

    One size may be -1 and follows from the others.
    Raises ShapeError when the number of elements differs.
    """

    casts: ClassVar[bool] = False

    def __init__(self, target_shape: Sequence[int], **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.target_shape = tuple(target_shape)

    def next_mask(self, mask: Array, output: Array) -> None:
        """None: the steps are others now."""

    def forward(self, x: Array) -> Array:
        try:
            return x.reshape(x.shape[0], *self.target_shape)
        except TypeError as error:
            raise ShapeError(
                f"can not reshape {show_shape(x.shape[1:])} ({math.prod(x.shape[1:])} elements) "
                f"to {show_shape(self.target_shape)}. The sizes of both, the batch left out, must "
                "have the same product; one of target_shape may be -1."
            ) from error


Border: TypeAlias = int | Sequence[int] | Sequence[Sequence[int]]
Sides = tuple[tuple[int, int], tuple[int, int]]


class ZeroPadding2D(Layer):
    """Add rows and columns of zeros around pictures or feature maps.

    Args:
        padding: one number for all sides, or (rows above and below, columns left and right), or
            ((above, below), (left, right)).

    Shape: ``(batch, height, width, channels) -> (batch, above + height + below,
    left + width + right, channels)``.
    Raises ArgumentError for anything but whole numbers from 0.
    """

    axes = ("batch", "height", "width", "channels")
    casts: ClassVar[bool] = False

    def __init__(self, padding: Border = 1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.padding = _sides("padding", padding)

    def forward(self, x: Array) -> Array:
        return jnp.pad(x, ((0, 0), *self.padding, (0, 0)))


class Cropping2D(Layer):
    """Cut rows and columns off the border of pictures or feature maps.

    Args:
        cropping: one number for all sides, or (rows above and below, columns left and right), or
            ((above, below), (left, right)).

    Shape: ``(batch, height, width, channels) -> (batch, height - above - below,
    width - left - right, channels)``.
    Raises ShapeError when nothing would be left, ArgumentError for anything but whole numbers
    from 0.
    """

    axes = ("batch", "height", "width", "channels")
    casts: ClassVar[bool] = False

    def __init__(self, cropping: Border = 0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.cropping = _sides("cropping", cropping)

    def forward(self, x: Array) -> Array:
        (above, below), (left, right) = self.cropping
        height, width = x.shape[1:3]
        if above + below >= height or left + right >= width:
            raise ShapeError(
                f"cropping={self.cropping} leaves nothing of pictures of "
                f"{show_shape((height, width))}; crop less."
            )
        return x[:, above : height - below, left : width - right]


def _sides(name: str, border: Border) -> Sides:
    """((above, below), (left, right)) from any of the three ways to give them."""
    try:
        rows, columns = _pair(border)
        sides = (_whole_pair(rows), _whole_pair(columns))
    except (TypeError, ValueError):
        sides = None
    if sides is None or min(map(min, sides)) < 0:
        raise ArgumentError(
            f"{name} must be a whole number from 0, (rows, columns) or "
            f"((above, below), (left, right)), got {border!r}."
        )
    return sides


def _pair(value: Any) -> tuple[Any, Any]:
    first, second = value if isinstance(value, Sequence) else (value, value)
    return first, second


def _whole_pair(value: Any) -> tuple[int, int]:
    first, second = map(operator.index, _pair(value))
    return first, second


class UpSampling2D(Layer):
    """Repeat every row and column ``size`` times, or interpolate between them.

    Args:
        size: factors of height and width.
        interpolation: "nearest" repeats; "bilinear", "bicubic", "lanczos3" and "lanczos5"
            interpolate, with the edges of the picture where they were.

    Shape: ``(batch, height, width, channels) -> (batch, height * size[0], width * size[1],
    channels)``.
    Raises UnknownNameError for another interpolation.
    """

    axes = ("batch", "height", "width", "channels")

    def __init__(
        self,
        size: int | Sequence[int] = 2,
        interpolation: str = "nearest",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.size = per_axis("size", size, 2)
        if interpolation not in METHODS:
            raise unknown_name("interpolation", interpolation, METHODS)
        self.interpolation = interpolation

    def forward(self, x: Array) -> Array:
        batch, height, width, channels = x.shape
        rows, columns = self.size
        new = (height * rows, width * columns)
        if self.interpolation != "nearest":
            return resize(x, new, self.interpolation)
        shape = (batch, height, rows, width, columns, channels)
        return jnp.broadcast_to(x[:, :, None, :, None], shape).reshape(batch, *new, channels)
