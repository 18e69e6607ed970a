"""Resize images, or crop their center."""

from __future__ import annotations

import jax

from ..core.errors import Shape
from ..core.variable import Array

METHODS = {
    "bilinear": "linear",
    "nearest": "nearest",
    "bicubic": "cubic",
    "lanczos3": "lanczos3",
    "lanczos5": "lanczos5",
}
"""JAX's name of each interpolation; cubic is that of Keys (1981) with a = -0.5."""


def resize(
    images: Array, size: tuple[int, int], interpolation: str = "bilinear", antialias: bool = False
) -> Array:
    """Images of another height and width; the edges of the image stay in place.

    Shape: ``(batch, height, width, channels) -> (batch, *size, channels)``.
    """
    shape = (images.shape[0], *size, images.shape[3])
    return jax.image.resize(images, shape, METHODS[interpolation], antialias)


def center_crop(images: Array, size: tuple[int, int]) -> Array:
    """The central ``size`` pixels of images; an odd row or column is cut at the end."""
    top, left = ((n - m) // 2 for n, m in zip(images.shape[1:3], size, strict=True))
    return images[:, top : top + size[0], left : left + size[1]]


def aspect_window(shape: Shape, size: tuple[int, int]) -> tuple[int, int]:
    """Height and width of the largest window of images with the aspect ratio of ``size``."""
    (height, width), (rows, columns) = shape[1:3], size
    return (
        max(min(height, width * rows // columns), 1),
        max(min(width, height * columns // rows), 1),
    )
