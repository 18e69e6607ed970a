"""Make pictures or feature maps larger without any weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax.numpy as jnp

from ..core.errors import unknown_name
from ..core.variable import Array
from ..ops.resize import METHODS, resize
from ..ops.window import per_axis
from .layer import Layer, LayerOptions


class UpSampling2D(Layer):
    """Repeat every row and column ``size`` times, or interpolate between them.

    Args:
        size: factors of height and width.
        interpolation: "nearest" repeats; "bilinear", "bicubic", "lanczos3" and "lanczos5"
            interpolate, with the edges of the picture where they were.

    Shape: ``(batch, height, width, channels) -> (batch, height * size[0], width * size[1],
    channels)``.
    Raises UnknownNameError for another interpolation.
    """

    axes = ("batch", "height", "width", "channels")

    def __init__(
        self,
        size: int | Sequence[int] = 2,
        interpolation: str = "nearest",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.size = per_axis("size", size, 2)
        if interpolation not in METHODS:
            raise unknown_name("interpolation", interpolation, METHODS)
        self.interpolation = interpolation

    def forward(self, x: Array) -> Array:
        batch, height, width, channels = x.shape
        rows, columns = self.size
        new = (height * rows, width * columns)
        if self.interpolation != "nearest":
            return resize(x, new, self.interpolation)
        shape = (batch, height, rows, width, columns, channels)
        return jnp.broadcast_to(x[:, :, None, :, None], shape).reshape(batch, *new, channels)
