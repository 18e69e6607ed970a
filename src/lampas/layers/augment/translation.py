"""RandomTranslation: shift pictures."""

from __future__ import annotations

from typing import Unpack

import jax
import jax.numpy as jnp

from ...core.variable import Array
from ..layer import LayerOptions
from .factor import Factor, bounds, uniform
from .geometric import Resampling


class RandomTranslation(Resampling):
    """In training, shift each picture by a random part of its size.

    Args:
        height_factor: fraction of the height, positive downward: 0.1 draws from 10 % up to 10 %
            down, (0, 0.1) shifts down alone.
        width_factor: fraction of the width, positive to the right.
        fill_mode: what shows where the picture ends: "reflect", "constant", "nearest" or "wrap".
        interpolation: "bilinear" or "nearest".
        fill_value: shown by "constant".

    Shape: unchanged, ``(batch, height, width, channels)``; whole numbers become float32.
    Raises ArgumentError when a factor is not within -1 .. 1 or a name is unknown.
    """

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, **options)
        self.height_factor = bounds("height_factor", height_factor)
        self.width_factor = bounds("width_factor", width_factor)

    def draw(self, key: Array, height: int, width: int) -> Array:
        for_y, for_x = jax.random.split(key)
        down, right = uniform(for_y, self.height_factor), uniform(for_x, self.width_factor)
        # To shift the picture right, each pixel looks to its left.
        return jnp.eye(3).at[:2, 2].set(-jnp.array([right * width, down * height]))
