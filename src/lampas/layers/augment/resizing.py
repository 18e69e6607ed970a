"""Resizing: bring pictures to one size."""

from __future__ import annotations

from typing import Unpack

from ...core.errors import unknown_name
from ...core.variable import Array
from ...ops.resize import METHODS, aspect_window, central, resize
from ...ops.window import per_axis
from ..layer import Layer, LayerOptions


class Resizing(Layer):
    """Pictures of another height and width, in training and outside it.

    Args:
        height: of the output, in pixels.
        width: of the output, in pixels.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        crop_to_aspect_ratio: keep the proportions; what sticks out at two sides is cut off first.
        antialias: blur before shrinking, so that fine stripes do not turn into coarse ones.

    Shape: ``(batch, height_in, width_in, channels) -> (batch, height, width, channels)``; whole
    numbers become float32 and are not rounded.
    Raises ArgumentError for sizes below 1 or an unknown interpolation.
    """

    axes = ("batch", "height", "width", "channels")

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        *,
        antialias: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        (rows,), (columns,) = per_axis("height", height, 1), per_axis("width", width, 1)
        if interpolation not in METHODS:
            raise unknown_name("interpolation", interpolation, METHODS)
        self.size = (rows, columns)
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.antialias = antialias

    def forward(self, x: Array) -> Array:
        if self.crop_to_aspect_ratio:
            x = central(x, aspect_window(x.shape, self.size))
        return resize(x, self.size, self.interpolation, self.antialias)
