"""Layers without weights that change the shape: reshape, pad, crop, enlarge."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias, Unpack

import jax.numpy as jnp

from ..core.arguments import is_integer
from ..core.errors import ArgumentError, ShapeError, format_shape, unknown_name
from ..core.variable import Array
from ..kernels.resize import METHODS, resize
from ..kernels.windows import per_axis
from .base import Layer, LayerOptions


class Flatten(Layer):
    """Merge all axes but the batch axis into one.

    Args:
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, ...) -> (batch, features)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Flatten()(np.ones((2, 3, 4))).shape
        (2, 12)
    """

    casts_to_float: ClassVar[bool] = False

    def forward(self, x: Array) -> Array:
        return x.reshape(x.shape[0], math.prod(x.shape[1:]))


class Reshape(Layer):
    """Change the shape of each example.

    Args:
        target_shape: new shape without the batch axis; one size may be -1 and is then derived from
            the others.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, ...) -> (batch, *target_shape)``.

    Raises:
        ShapeError: when the number of elements differs.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Reshape((3, -1))(np.ones((2, 12))).shape
        (2, 3, 4)
    """

    casts_to_float: ClassVar[bool] = False

    def __init__(self, target_shape: Sequence[int], **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.target_shape = tuple(target_shape)

    def compute_mask(self, inputs: Array, previous_mask: Array) -> None:
        """Return None: the steps of the output are not those of the input."""

    def forward(self, x: Array) -> Array:
        try:
            return x.reshape(x.shape[0], *self.target_shape)
        except TypeError as error:
            raise ShapeError(
                f"cannot reshape {format_shape(x.shape[1:])} ({math.prod(x.shape[1:])} elements) "
                f"to {format_shape(self.target_shape)}. Without the batch axis, the sizes of both "
                "must have the same product; one size in target_shape may be -1."
            ) from error


Border: TypeAlias = int | Sequence[int] | Sequence[Sequence[int]]
Sides = tuple[tuple[int, int], tuple[int, int]]


class ZeroPadding2D(Layer):
    """Add rows and columns of zeros around images or feature maps.

    Args:
        padding: one number for all sides, or (rows above and below, columns left and right), or
            ((above, below), (left, right)).
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, above + height + below,
    left + width + right, channels)``.

    Raises:
        ArgumentError: when a number is negative or not an integer.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.ZeroPadding2D((1, 2))(np.ones((1, 4, 4, 3))).shape
        (1, 6, 8, 3)
    """

    axes = ("batch", "height", "width", "channels")
    casts_to_float: ClassVar[bool] = False

    def __init__(self, padding: Border = 1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.padding = _sides("padding", padding)

    def forward(self, x: Array) -> Array:
        return jnp.pad(x, ((0, 0), *self.padding, (0, 0)))


class Cropping2D(Layer):
    """Remove rows and columns from the border of images or feature maps.

    Args:
        cropping: one number for all sides, or (rows above and below, columns left and right), or
            ((above, below), (left, right)).
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, height - above - below,
    width - left - right, channels)``.

    Raises:
        ShapeError: when nothing would remain.
        ArgumentError: when a number is negative or not an integer.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Cropping2D(((1, 0), (0, 2)))(np.ones((1, 4, 4, 3))).shape
        (1, 3, 2, 3)
    """

    axes = ("batch", "height", "width", "channels")
    casts_to_float: ClassVar[bool] = False

    def __init__(self, cropping: Border = 0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.cropping = _sides("cropping", cropping)

    def forward(self, x: Array) -> Array:
        (above, below), (left, right) = self.cropping
        height, width = x.shape[1:3]
        if above + below >= height or left + right >= width:
            raise ShapeError(
                f"cropping={self.cropping} leaves nothing of images of "
                f"{format_shape((height, width))}; crop less."
            )
        return x[:, above : height - below, left : width - right]


def _sides(name: str, border: Border) -> Sides:
    """Convert any of the three accepted forms to ((above, below), (left, right))."""
    try:
        rows, columns = _pair(border)
        sides = (_integer_pair(rows), _integer_pair(columns))
    except (TypeError, ValueError):
        sides = None
    if sides is None or min(map(min, sides)) < 0:
        raise ArgumentError(
            f"{name} must be an integer of 0 or more, (rows, columns) or "
            f"((above, below), (left, right)), got {border!r}."
        )
    return sides


def _pair(value: Any) -> tuple[Any, Any]:
    first, second = value if isinstance(value, Sequence) else (value, value)
    return first, second


def _integer_pair(value: Any) -> tuple[int, int]:
    first, second = _pair(value)
    if not (is_integer(first) and is_integer(second)):
        raise TypeError
    return operator.index(first), operator.index(second)


class UpSampling2D(Layer):
    """Enlarge images or feature maps by repeating rows and columns, or by interpolation.

    Args:
        size: factor of both sizes, or a pair (height, width).
        interpolation: "nearest" repeats rows and columns; "bilinear", "bicubic", "lanczos3" and
            "lanczos5" interpolate, and the edges of the image stay in place.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, height * size[0], width * size[1],
    channels)``.

    Raises:
        UnknownNameError: for another interpolation.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.UpSampling2D((2, 3))(np.ones((1, 4, 4, 3))).shape
        (1, 8, 12, 3)
    """

    axes = ("batch", "height", "width", "channels")

    def __init__(
        self,
        size: int | Sequence[int] = 2,
        *,
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
