"""Preprocessing of images for networks that were trained on ImageNet."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Unpack

import jax.numpy as jnp

from ..core.errors import ArgumentError, Shape, ShapeError
from ..core.variable import Array
from ..layers.base import Layer, LayerOptions

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Mean and standard deviation of the channels red, green and blue, scaled to 0..1."""


class ImageNetPreprocessing(Layer):
    """Standardize images with values 0 to 255: ``(x / 255 - mean) / std``.

    Args:
        mean: mean of each channel on the scale 0..1, or one value for all channels.
        std: standard deviation of each channel on the scale 0..1, or one value for all channels.

    Shape: unchanged, ``(batch, height, width, channels)``.

    Raises:
        ArgumentError: ``mean`` and ``std`` differ in length, or ``std`` is not positive.
        ShapeError: the image has another number of channels.

    Example:
        >>> import jax.numpy as jnp
        >>> from lampas.applications import ImageNetPreprocessing
        >>> ImageNetPreprocessing()(jnp.full((1, 2, 2, 3), 128.0)).shape
        (1, 2, 2, 3)
    """

    axes = ("batch", "height", "width", "channels")

    def __init__(
        self,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.mean = tuple(mean)
        self.std = tuple(std)
        if len(self.mean) != len(self.std) or not all(d > 0 for d in self.std):
            raise ArgumentError(
                f"mean and std must have the same length and std must be positive, got {self.mean} "
                f"and {self.std}."
            )

    def build(self, shape: Shape) -> None:
        if len(self.mean) not in (1, shape[-1]):
            raise ShapeError(
                f"standardizes images with {len(self.mean)} channels, got {shape[-1]}. Pass a mean "
                "and a standard deviation for each channel."
            )
        self.input_features = shape[-1]

    def forward(self, x: Array) -> Array:
        mean, std = jnp.array(self.mean, x.dtype), jnp.array(self.std, x.dtype)
        return (x / 255 - mean) / std


def imagenet_preprocessing(channels: int) -> ImageNetPreprocessing:
    """Preprocessing with ImageNet's statistics, averaged unless there are three channels."""
    if channels == 3:
        return ImageNetPreprocessing(name="preprocessing")
    mean, std = fmean(IMAGENET_MEAN), fmean(IMAGENET_STD)
    return ImageNetPreprocessing((mean,), (std,), name="preprocessing")
