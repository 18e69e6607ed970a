"""RandomRotation: turn pictures about their middle."""

from __future__ import annotations

import math
from typing import Unpack

import jax.numpy as jnp

from ...core.variable import Array
from ..layer import LayerOptions
from .factor import Factor, bounds, uniform
from .geometric import Resampling, about_centre


class RandomRotation(Resampling):
    """In training, turn each picture about its middle by a random angle.

    Args:
        factor: fraction of a full turn, positive counter-clockwise: 0.1 draws from -36 to 36
            degrees, (-0.1, 0.2) from -36 to 72.
        fill_mode: what shows where the picture ends: "reflect", "constant", "nearest" or "wrap".
        interpolation: "bilinear" or "nearest".
        fill_value: shown by "constant".

    Shape: unchanged, ``(batch, height, width, channels)``; whole numbers become float32.
    Raises ArgumentError when the factor is not within -1 .. 1 or a name is unknown.
    """

    def __init__(
        self,
        factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, **options)
        self.factor = bounds("factor", factor)

    def draw(self, key: Array, height: int, width: int) -> Array:
        angle = 2 * math.pi * uniform(key, self.factor)
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        return about_centre(jnp.array([[cos, -sin], [sin, cos]]), height, width)
