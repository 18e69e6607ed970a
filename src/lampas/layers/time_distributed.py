"""Apply a layer to every step of a sequence."""

from __future__ import annotations

from typing import Unpack

from ..core.errors import ArgumentError, ShapeError, show_shape
from ..core.module import Module
from ..core.variable import Array
from .layer import Layer, LayerOptions


class TimeDistributed(Layer):
    """Apply the same layer to each step: ``(batch, steps, ...) -> (batch, steps, ...)``.

    The steps become more rows of the batch, so a layer of pictures reads a film, for example.
    Raises ShapeError for inputs without steps.
    """

    def __init__(self, layer: Module, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        if not isinstance(layer, Module):
            raise ArgumentError(f"TimeDistributed takes a layer, got {layer!r}.")
        self.layer = layer

    def forward(self, x: Array) -> Array:
        if x.ndim < 3:
            raise ShapeError(
                "expects (batch, steps, ...) with at least 3 axes, got an input of shape "
                f"{show_shape(x.shape)}."
            )
        batch, steps = x.shape[:2]
        y = self.layer(x.reshape(batch * steps, *x.shape[2:]))
        return y.reshape(batch, steps, *y.shape[1:])
