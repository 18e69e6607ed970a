"""A forecast that starts from the last value, so that networks have only the change to learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ..core.errors import ArgumentError, ShapeError, show_shape
from ..core.module import Module
from ..core.variable import Array
from .layer import Layer, LayerOptions


class NaiveResidual(Layer):
    """The last value of a window for all steps to come, and what the inner layers add to it.

    They see the window less its last step, so that the level does not matter and a trend goes on
    beyond all that was learnt from; with a linear layer this is NLinear (Zeng et al., 2023).

    Args:
        layers: each from the window to the corrections; their sum is added.
        column: the feature that is forecast.

    Shape: ``(batch, steps, features)`` to ``(batch, horizon)``.
    Raises ShapeError for another input, or one without the column.
    """

    def __init__(
        self, layers: Sequence[Module], column: int = 0, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        several = isinstance(layers, list | tuple) and len(layers) > 0
        if not several or not all(isinstance(layer, Module) for layer in layers):
            raise ArgumentError(f"NaiveResidual takes one layer or more in a list, got {layers!r}.")
        if column < 0:
            raise ArgumentError(f"column must be 0 or more, got {column}.")
        self.layers = list(layers)
        self.column = column

    def forward(self, x: Array) -> Array:
        if x.ndim != 3 or x.shape[2] <= self.column:
            raise ShapeError(
                f"expects (batch, steps, features) with a feature {self.column}, got "
                f"{show_shape(x.shape)}."
            )
        last = x[:, -1:]
        found = last[:, :, self.column]
        for layer in self.layers:
            found = found + layer(x - last)
        return found
