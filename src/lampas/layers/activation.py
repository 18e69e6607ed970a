"""An activation function as a layer of its own."""

from __future__ import annotations

from typing import Unpack

from .. import activations
from ..core.variable import Array, Parameter
from ..ops.bias import bias_relu
from .layer import Layer, LayerOptions


def activate(y: Array, bias: Parameter | None, activation: activations.Activation) -> Array:
    """``activation(y + bias)``, by the cheapest way there is."""
    if bias is None:
        return activation(y)
    if activation is activations.relu:
        return bias_relu(y, bias.value)
    return activation(y + bias.value)


class Activation(Layer):
    """Apply an activation, given by name or as a function, to each element.

    Shape: unchanged.
    """

    def __init__(
        self, activation: activations.Activation | str, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)

    def forward(self, x: Array) -> Array:
        return self.activation(x)
