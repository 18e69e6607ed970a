"""Crops: keep a part of each picture, a random one or the middle.

Resizing: bring pictures to one size.
"""

from __future__ import annotations

from typing import ClassVar, Unpack

import jax
from jax import lax

from ...core import context
from ...core.errors import Shape, ShapeError, show_shape, unknown_name
from ...core.variable import Array
from ...kernels.resize import METHODS, aspect_window, central, resize
from ...kernels.windows import per_axis
from ..base import Layer, LayerOptions
from .affine import floating


class _Crop(Layer):
    """A layer whose output is ``height`` x ``width`` pixels of its input."""

    axes = ("batch", "height", "width", "channels")

    def __init__(self, height: int, width: int, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        (self.height,) = per_axis("height", height, 1)
        (self.width,) = per_axis("width", width, 1)

    def build(self, shape: Shape) -> None:
        self._fit(shape)

    def _fit(self, shape: Shape) -> None:
        if self.height > shape[1] or self.width > shape[2]:
            raise ShapeError(
                f"can not crop {self.height} x {self.width} pixels from pictures of "
                f"{shape[1]} x {shape[2]}, input shape {show_shape(shape)}. Make the crop "
                "smaller, or put Resizing(...) before it."
            )


class RandomCrop(_Crop):
    """In training, a random window of each picture, each place as likely as any other.

    Outside training, the largest window in the middle that has the crop's aspect ratio, resized to
    the crop's size (bilinear), as Keras documents it. Use ``CenterCrop`` in a model of your own
    for the middle at its own scale.

    Args:
        height: of the crop, in pixels.
        width: of the crop, in pixels.

    Shape: ``(batch, height_in, width_in, channels) -> (batch, height, width, channels)``; whole
    numbers become float32.
    Raises ShapeError when the crop is larger than the pictures.
    """

    casts: ClassVar[bool] = False

    def forward(self, x: Array) -> Array:
        self._fit(x.shape)
        size = (self.height, self.width)
        if not context.is_training():
            return resize(central(floating(x), aspect_window(x.shape, size)), size)
        rows, columns = x.shape[1] - self.height + 1, x.shape[2] - self.width + 1

        def window(key: Array, image: Array) -> Array:
            for_y, for_x = jax.random.split(key)
            top = jax.random.randint(for_y, (), 0, rows)
            left = jax.random.randint(for_x, (), 0, columns)
            return lax.dynamic_slice(image, (top, left, 0), (*size, image.shape[-1]))

        return floating(jax.vmap(window)(context.example_keys(len(x)), x))


class CenterCrop(_Crop):
    """The middle of each picture, in training and outside it.

    Where as many rows can not be cut from both sides, the odd one is cut below; so for columns, at
    the right.

    Args:
        height: of the crop, in pixels.
        width: of the crop, in pixels.

    Shape: ``(batch, height_in, width_in, channels) -> (batch, height, width, channels)``; whole
    numbers become float32.
    Raises ShapeError when the crop is larger than the pictures.
    """

    def forward(self, x: Array) -> Array:
        self._fit(x.shape)
        return central(x, (self.height, self.width))


class Resizing(Layer):
    """Pictures of another height and width, in training and outside it.

    Args:
        height: of the output, in pixels.
        width: of the output, in pixels.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        crop_to_aspect_ratio: keep the proportions; what sticks out at two sides is cut off first.
        antialias: blur before shrinking, so that fine stripes do not turn into coarse ones.

    Shape: ``(batch, height_in, width_in, channels) -> (batch, height, width, channels)``; whole
    numbers become float32 and are not rounded.
    Raises ArgumentError for sizes below 1 or an unknown interpolation.
    """

    axes = ("batch", "height", "width", "channels")

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        *,
        antialias: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        (rows,), (columns,) = per_axis("height", height, 1), per_axis("width", width, 1)
        if interpolation not in METHODS:
            raise unknown_name("interpolation", interpolation, METHODS)
        self.size = (rows, columns)
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.antialias = antialias

    def forward(self, x: Array) -> Array:
        if self.crop_to_aspect_ratio:
            x = central(x, aspect_window(x.shape, self.size))
        return resize(x, self.size, self.interpolation, self.antialias)
