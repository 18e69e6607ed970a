"""What the networks for photographs see: bytes brought to the scale that their kernels expect."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Unpack

import jax.numpy as jnp

from ..core.errors import ArgumentError, Shape, ShapeError
from ..core.variable import Array
from ..layers.base import Layer, LayerOptions

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
"""Mean and standard deviation of ImageNet's red, green and blue, where 1 is full light."""


class PictureStandardization(Layer):
    """``(x / 255 - mean) / deviation`` for pictures whose values go from 0 to 255.

    Args:
        mean: of each channel, on the scale of 0 .. 1; or one for all.
        deviation: standard deviation of each channel, likewise.

    Shape: unchanged, ``(batch, height, width, channels)``.
    Raises ShapeError when the picture has another number of channels.
    """

    axes = ("batch", "height", "width", "channels")

    def __init__(
        self,
        mean: Sequence[float] = IMAGENET_MEAN,
        deviation: Sequence[float] = IMAGENET_DEVIATION,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.mean = tuple(mean)
        self.deviation = tuple(deviation)
        if len(self.mean) != len(self.deviation) or not all(d > 0 for d in self.deviation):
            raise ArgumentError(
                f"mean and deviation must be as many, and no deviation 0, got {self.mean} and "
                f"{self.deviation}."
            )

    def build(self, shape: Shape) -> None:
        if len(self.mean) not in (1, shape[-1]):
            raise ShapeError(
                f"standardizes pictures of {len(self.mean)} channels, got {shape[-1]}. Give a mean "
                "and a deviation for each channel."
            )
        self.features = shape[-1]

    def forward(self, x: Array) -> Array:
        mean, deviation = jnp.array(self.mean, x.dtype), jnp.array(self.deviation, x.dtype)
        return (x / 255 - mean) / deviation


def standardization(channels: int) -> PictureStandardization:
    """ImageNet's own, or for pictures of other than three channels the mean over its colours."""
    if channels == 3:
        return PictureStandardization(name="preprocessing")
    mean, deviation = fmean(IMAGENET_MEAN), fmean(IMAGENET_DEVIATION)
    return PictureStandardization((mean,), (deviation,), name="preprocessing")
