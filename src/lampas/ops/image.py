"""Functions of images."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import jax.numpy as jnp

from ..core.variable import Array
from ..graph.operation import operation as _operation
from ..kernels import resize as kernel
from ..kernels.pool import strided_slices
from ..kernels.windows import per_axis
from .dispatch import Tensor, as_array, exported_names

operation = partial(_operation, prefix="image.")


@operation
def resize(
    images: Tensor,
    size: tuple[int, int],
    interpolation: str = "bilinear",
    antialias: bool = False,
) -> Array:
    """Images of another height and width.

    Args:
        images: one image ``(height, width, channels)``, or a batch of them.
        size: height and width.
        interpolation: ``"bilinear"``, ``"nearest"``, ``"bicubic"``, ``"lanczos3"`` or
            ``"lanczos5"``.
        antialias: whether images that become smaller are smoothed before.

    Example:
        >>> import lampas as lp
        >>> lp.ops.image.resize(lp.ops.ones((2, 8, 8, 3)), (4, 6)).shape
        (2, 4, 6, 3)
    """
    images = as_array(images)
    if images.ndim == 3:
        return kernel.resize(images[None], size, interpolation, antialias)[0]
    return kernel.resize(images, size, interpolation, antialias)


@operation
def rgb_to_grayscale(images: Tensor) -> Array:
    """The brightness of images, with one channel."""
    images = as_array(images)
    return images @ jnp.array([[0.2989], [0.587], [0.114]], images.dtype)


@operation
def extract_patches(
    images: Tensor,
    size: int | tuple[int, int],
    strides: int | tuple[int, int] | None = None,
) -> Array:
    """Windows of images, the pixels of each as channels.

    Args:
        images: one image ``(height, width, channels)``, or a batch of them.
        size: height and width of a patch.
        strides: rows and columns between patches; None for ``size``.

    Shape: ``(batch, height, width, channels) -> (batch, rows, columns, pixels * channels)``.

    Example:
        >>> import lampas as lp
        >>> lp.ops.image.extract_patches(lp.ops.ones((2, 8, 8, 3)), 4).shape
        (2, 2, 2, 48)
    """
    images = as_array(images)
    if images.ndim == 3:
        return extract_patches(images[None], size, strides)[0]
    window = per_axis("size", size, 2)
    steps = window if strides is None else per_axis("strides", strides, 2)
    if steps != window:
        return jnp.concatenate(list(strided_slices(images, window, steps)), -1)
    (batch, *sides, channels), (height, width) = images.shape, window
    rows, columns = (n // k for n, k in zip(sides, window, strict=True))
    tiles = images[:, : rows * height, : columns * width]
    tiles = tiles.reshape(batch, rows, height, columns, width, channels).swapaxes(2, 3)
    return tiles.reshape(batch, rows, columns, height * width * channels)


if not TYPE_CHECKING:  # type checkers read the definitions, not a computed list
    __all__ = exported_names(globals())
