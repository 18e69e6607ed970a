"""Functions of images."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import jax.numpy as jnp

from ..core.variable import Array
from ..graph.operation import operation as _operation
from ..kernels import resize as kernel
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


if not TYPE_CHECKING:  # type checkers read the definitions, not a computed list
    __all__ = exported_names(globals())
