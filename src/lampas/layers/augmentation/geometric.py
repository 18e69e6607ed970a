"""RandomFlip: mirror pictures.

RandomRotation: turn pictures about their middle.

RandomTranslation: shift pictures.

RandomZoom: scale pictures about their middle.
"""

from __future__ import annotations

import math
from typing import Unpack

import jax
import jax.numpy as jnp

from ...core import context
from ...core.errors import unknown_name
from ...core.variable import Array
from ..base import LayerOptions
from .affine import Geometric, Resampling, about_centre, floating
from .ranges import Factor, bounds, uniform

_MODES = {
    "horizontal": (True, False),
    "vertical": (False, True),
    "horizontal_and_vertical": (True, True),
}


class RandomFlip(Geometric):
    """In training, mirror each picture with probability 1/2; every pixel keeps its value.

    Args:
        mode: "horizontal" swaps left and right, "vertical" top and bottom;
            "horizontal_and_vertical" decides on each of the two by itself.

    Shape: unchanged, ``(batch, height, width, channels)``; whole numbers become float32.
    Raises UnknownNameError for another mode.
    """

    def __init__(
        self, mode: str = "horizontal_and_vertical", **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        if mode not in _MODES:
            raise unknown_name("mode", mode, _MODES)
        self.mode = mode
        self.sampling = None

    def mirrored(self, key: Array) -> Array:
        """Whether one picture is mirrored along x and along y: (2,)."""
        return jax.random.bernoulli(key, shape=(2,)) & jnp.array(_MODES[self.mode])

    def draw(self, key: Array, height: int, width: int) -> Array:
        signs = jnp.where(self.mirrored(key), -1.0, 1.0)
        ends = jnp.where(signs < 0, jnp.array([width - 1.0, height - 1.0]), 0.0)
        return jnp.eye(3).at[:2, :2].set(jnp.diag(signs)).at[:2, 2].set(ends)

    def apply(self, images: Array) -> Array:
        across, down = jax.vmap(self.mirrored, out_axes=1)(context.example_keys(len(images)))
        for flipped, axis, can in zip((across, down), (2, 1), _MODES[self.mode], strict=True):
            if can:
                images = jnp.where(flipped[:, None, None, None], jnp.flip(images, axis), images)
        return floating(images)


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
