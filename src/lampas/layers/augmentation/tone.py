"""Augmentation that maps the value of each pixel to another one: invert, posterize, solarize."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from ...core.arguments import is_integer
from ...core.errors import ArgumentError
from ...core.variable import Array
from ..base import RandomLayerOptions
from .base import ValueAugmentation
from .ranges import Factor, draw_event, draw_uniform, range_from


class RandomInvert(ValueAugmentation):
    """Invert the values of some images in training: black becomes white.

    A direct call of the layer acts as in training.

    Args:
        factor: probability of inverting an image. As in Keras it is drawn for each image, from 0 to
            a number ``f``, or between a pair ``(low, high)``: (1, 1) inverts all images.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, or the range is empty.

    Example:
        >>> import lampas as lp
        >>> lp.RandomInvert((1, 1))([[[[0.0, 100.0, 255.0]]]]).tolist()
        [[[[255.0, 155.0, 0.0]]]]
    """

    def __init__(
        self,
        factor: Factor = 1.0,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        self.factor = range_from(0.0, "factor", factor)

    def augment(self, key: Array, image: Array) -> Array:
        return jnp.where(draw_event(key, self.factor), sum(self.value_range) - image, image)


class RandomPosterization(ValueAugmentation):
    """Round the values of each image down to fewer bits in training.

    A direct call of the layer acts as in training.

    Args:
        factor: number of bits that are kept, 1 to 8. A number ``n`` draws from 1 to ``n`` for each
            image, a pair ``(low, high)`` between these.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not of integers from 1 to 8, or the range is empty.

    Example:
        >>> import lampas as lp
        >>> lp.RandomPosterization((2, 2))([[[[0.0, 100.0, 255.0]]]]).tolist()
        [[[[0.0, 64.0, 192.0]]]]
    """

    def __init__(
        self,
        factor: int | Sequence[int],
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        if not all(map(is_integer, factor if isinstance(factor, Iterable) else (factor,))):
            raise ArgumentError(
                f"factor must be the number of bits that are kept, 1 to 8, got {factor!r}."
            )
        low, high = range_from(1, "factor", factor, 8)
        self.factor = int(low), int(high)

    def augment(self, key: Array, image: Array) -> Array:
        low, high = self.factor
        step = jnp.exp2(8 - jax.random.randint(key, (), low, high + 1)).astype(image.dtype)
        return self.from_bytes(jnp.floor(jnp.floor(self.to_bytes(image)) / step) * step)


class Solarization(ValueAugmentation):
    """Invert the lighter pixels of each image in training.

    A random number is added to the image, and all values above a random threshold are inverted. A
    direct call of the layer acts as in training.

    Args:
        addition_factor: what is added, as a fraction of the range: a number ``f`` draws from 0 to
            ``f`` for each image, a pair ``(low, high)`` between these.
        threshold_factor: the threshold, drawn in the same way; 0 inverts all pixels.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when a factor is not within 0 .. 1, or the range is empty.

    Example:
        >>> import lampas as lp
        >>> lp.Solarization(threshold_factor=(0.5, 0.5))([[[[0.0, 100.0, 255.0]]]]).tolist()
        [[[[0.0, 100.0, 0.0]]]]
    """

    def __init__(
        self,
        addition_factor: Factor = 0.0,
        threshold_factor: Factor = 0.0,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        self.addition_factor = range_from(0.0, "addition_factor", addition_factor)
        self.threshold_factor = range_from(0.0, "threshold_factor", threshold_factor)

    def augment(self, key: Array, image: Array) -> Array:
        for_addition, for_threshold = jax.random.split(key)
        low, high = self.value_range
        addition = draw_uniform(for_addition, self.addition_factor) * (high - low)
        threshold = draw_uniform(for_threshold, self.threshold_factor) * (high - low) + low
        image = self.clip(image + addition.astype(image.dtype))
        return jnp.where(image < threshold, image, low + high - image)
