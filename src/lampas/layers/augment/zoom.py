"""RandomZoom: scale pictures about their middle."""

from __future__ import annotations

from typing import Unpack

import jax
import jax.numpy as jnp

from ...core.variable import Array
from ..layer import LayerOptions
from .factor import Factor, bounds, uniform
from .geometric import Resampling, about_centre


class RandomZoom(Resampling):
    """In training, scale each picture about its middle by a random amount (random scaling).

    A factor ``f`` makes the picture show ``1 + f`` of its former extent: positive zooms out, the
    picture shrinks; negative zooms in, it grows.

    Args:
        height_factor: 0.2 draws from -0.2 (zoom in) to 0.2 (zoom out), (-0.3, -0.1) zooms in alone.
        width_factor: the same across; None scales both by one draw and keeps the aspect ratio.
        fill_mode: what shows where the picture ends: "reflect", "constant", "nearest" or "wrap".
        interpolation: "bilinear" or "nearest".
        fill_value: shown by "constant".

    Shape: unchanged, ``(batch, height, width, channels)``; whole numbers become float32.
    Raises ArgumentError when a factor is not within -1 .. 1 or a name is unknown.
    """

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, **options)
        self.height_factor = bounds("height_factor", height_factor)
        self.width_factor = None if width_factor is None else bounds("width_factor", width_factor)

    def draw(self, key: Array, height: int, width: int) -> Array:
        for_y, for_x = jax.random.split(key)
        down = across = 1.0 + uniform(for_y, self.height_factor)
        if self.width_factor is not None:
            across = 1.0 + uniform(for_x, self.width_factor)
        return about_centre(jnp.diag(jnp.array([across, down])), height, width)
