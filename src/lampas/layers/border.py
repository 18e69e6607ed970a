"""Layers that add to or take from the border of pictures."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias, Unpack

import jax.numpy as jnp

from ..core.errors import ArgumentError, ShapeError, show_shape
from ..core.variable import Array
from .layer import Layer, LayerOptions

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
