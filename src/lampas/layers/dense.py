"""The fully connected layer.

An activation function as a layer of its own.

Dropout: learn with a random part of the nodes missing.
"""

from __future__ import annotations

import math
import operator
from typing import Unpack

import jax
import jax.numpy as jnp

from .. import activations, initializers, regularizers
from ..core import context
from ..core.build import Initializer
from ..core.errors import ArgumentError, Shape
from ..core.variable import Array, Parameter, Regularizer
from ..kernels.elementwise import bias_relu
from .base import Layer, LayerOptions


class Dense(Layer):
    """Affine map of the last axis: ``activation(x @ kernel + bias)``.

    Shape: ``(..., features) -> (..., units)``.
    Raises ShapeError when the last axis is not the one it was built for.
    """

    def __init__(
        self,
        units: int,
        activation: activations.Activation | str | None = None,
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


class Dropout(Layer):
    """In training, each element becomes 0 with probability ``rate``, else is / (1 - rate).

    So the expected value stays what it is, and outside training nothing happens ("inverted"
    dropout; Srivastava et al., 2014).

    Args:
        rate: fraction dropped, from 0 up to, not including, 1.
        keep: in place of ``rate``, the probability of keeping a node: ``1 - rate``.

    Shape: unchanged.
    Raises ArgumentError when not exactly one of the two is given, or it is out of range.
    """

    def __init__(
        self,
        rate: float | None = None,
        *,
        keep: float | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if (rate is None) == (keep is None):
            raise ArgumentError("Dropout needs either the rate dropped or keep=, not both.")
        self.rate = rate if rate is not None else 1.0 - (keep or 0.0)
        if not 0.0 <= self.rate < 1.0:
            given = f"rate={rate}" if keep is None else f"keep={keep}"
            raise ArgumentError(
                f"Dropout must keep some nodes and drop none or some, got {given}. A rate is 0 or "
                "more and less than 1; 0.5 drops half of the nodes."
            )

    def forward(self, x: Array) -> Array:
        if not context.is_training() or self.rate == 0.0:
            return x
        kept = jax.random.bernoulli(context.random_key(), 1.0 - self.rate, x.shape)
        return jnp.where(kept, x / (1.0 - self.rate), 0.0)
