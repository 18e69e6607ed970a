"""The fully connected layer."""

from __future__ import annotations

import math
import operator
from typing import Unpack

from .. import activations, initializers, regularizers
from ..activations import Activation
from ..core.build import Initializer
from ..core.errors import ArgumentError, Shape
from ..core.variable import Array, Regularizer
from .activation import activate
from .layer import Layer, LayerOptions


class Dense(Layer):
    """Affine map of the last axis: ``activation(x @ kernel + bias)``.

    Shape: ``(..., features) -> (..., units)``.
    Raises ShapeError when the last axis is not the one it was built for.
    """

    def __init__(
        self,
        units: int,
        activation: Activation | str | None = None,
        *,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        bias_initializer: Initializer | str = "zeros",
        kernel_regularizer: Regularizer | str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not hasattr(units, "__index__") or operator.index(units) < 1:
            raise ArgumentError(
                f"Dense needs a whole number of at least one unit, got units={units!r:.60}."
            )
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        self.kernel = self.parameter(
            (self.features, self.units),
            self.kernel_initializer,
            penalized=True,
            regularizer=self.kernel_regularizer,
        )
        self.bias = self.parameter((self.units,), self.bias_initializer) if self.use_bias else None

    def forward(self, x: Array) -> Array:
        return activate(x @ self.kernel.value, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return math.prod(inputs[:-1]) * self.kernel.size
