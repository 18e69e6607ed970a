"""RandomBrightness: make pictures lighter or darker.

RandomContrast: spread the values of pictures, or draw them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from ...core import context
from ...core.variable import Array
from ..base import Layer, LayerOptions
from .ranges import Factor, bounds, pair, uniform, value_bounds


class RandomBrightness(Layer):
    """In training, add a random number to each picture and clip it to its range of values.

    Args:
        factor: fraction of the range that is added: 0.2 draws from -0.2 (darker) to 0.2 (lighter),
            -1 makes the picture black and 1 white.
        value_range: least and greatest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.

    Shape: unchanged, ``(batch, height, width, channels)``; whole numbers become float32.
    Raises ArgumentError when the factor is not within -1 .. 1 or the range is none.
    """

    axes = ("batch", "height", "width", "channels")

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.factor = bounds("factor", factor)
        self.value_range = value_bounds(value_range)

    def forward(self, x: Array) -> Array:
        if not context.is_training():
            return x
        low, high = self.value_range
        drawn = jax.vmap(lambda key: uniform(key, self.factor))(context.example_keys(len(x)))
        added = (drawn * (high - low)).astype(x.dtype)
        return jnp.clip(x + added[:, None, None, None], low, high)


class RandomContrast(Layer):
    """In training, ``(x - mean) * contrast + mean`` with a random contrast for each picture.

    The mean is that of each channel of each picture; the result is clipped to the range of values.

    Args:
        factor: 0.3 draws the contrast from 0.7 to 1.3, a pair ``(lower, upper)`` from
            ``1 - lower`` to ``1 + upper``.
        value_range: least and greatest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.

    Shape: unchanged, ``(batch, height, width, channels)``; whole numbers become float32.
    Raises ArgumentError when the factor is not within 0 .. 1 or the range is none.
    """

    axes = ("batch", "height", "width", "channels")

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        lower, upper = pair("factor", factor, 0.0, 1.0)
        self.contrast = (1.0 - lower, 1.0 + upper)
        self.value_range = value_bounds(value_range)

    def forward(self, x: Array) -> Array:
        if not context.is_training():
            return x
        drawn = jax.vmap(lambda key: uniform(key, self.contrast))(context.example_keys(len(x)))
        mean = jnp.mean(x, axis=(1, 2), keepdims=True)
        spread = (x - mean) * drawn.astype(x.dtype)[:, None, None, None]
        return jnp.clip(spread + mean, *self.value_range)
