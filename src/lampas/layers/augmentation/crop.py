"""RandomCrop, CenterCrop and Resizing, which change the height and width of images."""

from __future__ import annotations

from typing import ClassVar, Unpack

import jax
from jax import lax

from ...core import context
from ...core.arguments import PositiveInt
from ...core.errors import Shape, ShapeError, format_shape, unknown_name
from ...core.variable import Array
from ...kernels.affine import as_float
from ...kernels.resize import METHODS, aspect_window, center_crop, resize
from ..base import Layer, LayerOptions, RandomLayer, RandomLayerOptions


class _Crop(RandomLayer):
    """A layer whose output is ``height`` x ``width`` pixels of its input."""

    axes = ("batch", "height", "width", "channels")
    prepares_images = True

    def __init__(
        self, height: PositiveInt, width: PositiveInt, **options: Unpack[RandomLayerOptions]
    ) -> None:
        super().__init__(**options)
        self.height, self.width = height, width

    def build(self, shape: Shape) -> None:
        self._check_size(shape)

    def _check_size(self, shape: Shape) -> None:
        if self.height > shape[1] or self.width > shape[2]:
            raise ShapeError(
                f"cannot crop {self.height} x {self.width} pixels from images of "
                f"{shape[1]} x {shape[2]}, input shape {format_shape(shape)}. Make the crop "
                "smaller, or put Resizing(...) before it."
            )


class RandomCrop(_Crop):
    """Crop a random window of each image in training; all positions are equally likely.

    A direct call of the layer acts as in training.

    In ``evaluate`` and ``predict``, the largest central window with the crop's aspect ratio is
    resized to the crop's size (bilinear), as in Keras. Use ``CenterCrop`` to keep the scale.

    Args:
        height: height of the crop, in pixels.
        width: width of the crop, in pixels.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height_in, width_in, channels) -> (batch, height, width, channels)``; integers
    become float32.

    Raises:
        ShapeError: when the crop is larger than the images.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandomCrop(6, 5)(np.zeros((2, 8, 8, 3), np.uint8)).shape
        (2, 6, 5, 3)
    """

    casts_to_float: ClassVar[bool] = False

    def forward(self, x: Array) -> Array:
        self._check_size(x.shape)
        size = (self.height, self.width)
        if not context.is_augmenting():
            return resize(center_crop(as_float(x), aspect_window(x.shape, size)), size)
        rows, columns = x.shape[1] - self.height + 1, x.shape[2] - self.width + 1

        def window(key: Array, image: Array) -> Array:
            for_y, for_x = jax.random.split(key)
            top = jax.random.randint(for_y, (), 0, rows)
            left = jax.random.randint(for_x, (), 0, columns)
            return lax.dynamic_slice(image, (top, left, 0), (*size, image.shape[-1]))

        return as_float(jax.vmap(window)(context.example_keys(len(x)), x))


class CenterCrop(_Crop):
    """Crop the center of each image.

    If the number of rows to remove is odd, the additional one is removed at the bottom; for
    columns, at the right.

    Args:
        height: height of the crop, in pixels.
        width: width of the crop, in pixels.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height_in, width_in, channels) -> (batch, height, width, channels)``; integers
    become float32.

    Raises:
        ShapeError: when the crop is larger than the images.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.CenterCrop(6, 5)(np.zeros((2, 8, 8, 3), np.uint8)).shape
        (2, 6, 5, 3)
    """

    def forward(self, x: Array) -> Array:
        self._check_size(x.shape)
        return center_crop(x, (self.height, self.width))


class Resizing(Layer):
    """Resize images to another height and width.

    Args:
        height: height of the output, in pixels.
        width: width of the output, in pixels.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        crop_to_aspect_ratio: whether to crop the image to the output's aspect ratio first, so that
            it is not distorted.
        antialias: whether to blur before shrinking, which avoids aliasing.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height_in, width_in, channels) -> (batch, height, width, channels)``; integers
    become float32 and are not rounded.

    Raises:
        ArgumentError: for sizes below 1 or an unknown interpolation.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Resizing(4, 6)(np.zeros((2, 8, 8, 3), np.uint8)).shape
        (2, 4, 6, 3)
    """

    axes = ("batch", "height", "width", "channels")
    prepares_images = True

    def __init__(
        self,
        height: PositiveInt,
        width: PositiveInt,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        *,
        antialias: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if interpolation not in METHODS:
            raise unknown_name("interpolation", interpolation, METHODS)
        self.size = (height, width)
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.antialias = antialias

    def forward(self, x: Array) -> Array:
        if self.crop_to_aspect_ratio:
            x = center_crop(x, aspect_window(x.shape, self.size))
        return resize(x, self.size, self.interpolation, self.antialias)
