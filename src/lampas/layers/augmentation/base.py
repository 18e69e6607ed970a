"""Base classes of layers that change each image by itself, without moving its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Unpack

import jax
import jax.numpy as jnp

from ...core import context
from ...core.errors import ShapeError, format_shape
from ...core.variable import Array
from ..base import RandomLayer, RandomLayerOptions
from .ranges import Factor, check_value_range, range_from


class ImageAugmentation(RandomLayer):
    """Base of layers that change each image by itself in training.

    Subclasses write ``augment(key, image)``, which returns an image of the same shape.

    The images change in training and, as in Keras, when the layer is called directly; not in
    ``evaluate`` and ``predict``.
    """

    axes = ("batch", "height", "width", "channels")
    prepares_images = True
    channels: ClassVar[tuple[int, ...]] = ()
    """The numbers of channels that images may have; empty for any number."""

    def augment(self, key: Array, image: Array) -> Array:
        """The image ``(height, width, channels)`` that is drawn by a key."""
        raise NotImplementedError(f"{type(self).__name__} needs a method augment(key, image).")

    def forward(self, x: Array) -> Array:
        if not context.is_augmenting():
            return x
        return jax.vmap(self.augment)(context.example_keys(len(x)), x).astype(x.dtype)

    def _check(self, x: Array) -> None:
        super()._check(x)
        if self.channels and x.shape[-1] not in self.channels:
            counts = " or ".join(map(str, self.channels))
            raise ShapeError(
                f"expects images with {counts} channels (red, green and blue), got an input of "
                f"shape {format_shape(x.shape)}."
            )


class ValueAugmentation(ImageAugmentation):
    """Base of layers that need to know the range of the values of pixels."""

    def __init__(
        self, value_range: Sequence[float] = (0, 255), **options: Unpack[RandomLayerOptions]
    ) -> None:
        super().__init__(**options)
        self.value_range = check_value_range(value_range)

    def clip(self, image: Array) -> Array:
        """The image within the range of values."""
        return jnp.clip(image, *self.value_range)

    def to_bytes(self, image: Array) -> Array:
        """The image in the range 0 .. 255."""
        low, high = self.value_range
        return image if (low, high) == (0, 255) else (image - low) * (255 / (high - low))

    def from_bytes(self, image: Array) -> Array:
        """The inverse of :meth:`to_bytes`."""
        low, high = self.value_range
        return image if (low, high) == (0, 255) else image * ((high - low) / 255) + low


class FactorAugmentation(ValueAugmentation):
    """Base of layers with a factor within 0 .. 1; a number ``f`` draws from 0 to ``f``."""

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        self.factor = range_from(0.0, "factor", factor)
