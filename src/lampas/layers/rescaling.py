"""Rescaling: bring raw values, such as the bytes of pictures, into a range that learns well."""

from __future__ import annotations

from typing import Unpack

from ..core.variable import Array
from .layer import Layer, LayerOptions


class Rescaling(Layer):
    """``x * scale + offset``; ``Rescaling(1 / 255)`` maps bytes to 0 .. 1.

    Shape: unchanged.
    """

    def __init__(self, scale: float, offset: float = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.scale = scale
        self.offset = offset

    def forward(self, x: Array) -> Array:
        return x * self.scale + self.offset
