"""Dense, Activation and Dropout: the layers of a multilayer perceptron."""

from __future__ import annotations

import math
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .. import activations, initializers
from ..core import context
from ..core.arguments import PositiveFraction, PositiveInt, ProperFraction
from ..core.build import Initializer
from ..core.errors import ArgumentError, Shape
from ..core.variable import Array, Parameter
from ..kernels.elementwise import bias_relu
from .base import Layer, LayerOptions, RandomLayer, RandomLayerOptions
from .weights import KernelOptions, make_weight, set_weight_options


class Dense(Layer):
    """Fully connected layer: ``activation(x @ kernel + bias)`` over the last axis.

    Args:
        units: number of output features.
        activation: name or function applied to the result; None for none.
        use_bias: whether to add a bias, one number per unit.
        kernel_initializer: draws the initial kernel, ``(features, units)``.
        bias_initializer: draws the initial bias, ``(units,)``.
        **options: penalties and constraints of kernel and bias, see :class:`KernelOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(..., features) -> (..., units)``.

    Raises:
        ShapeError: when the number of input features changes.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Dense(3, "relu")(np.ones((2, 4))).shape
        (2, 3)
    """

    def __init__(
        self,
        units: PositiveInt,
        activation: activations.Activation | str | None = None,
        *,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        bias_initializer: Initializer | str = "zeros",
        **options: Unpack[KernelOptions],
    ) -> None:
        super().__init__(**set_weight_options(self, KernelOptions, options))
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def build(self, shape: Shape) -> None:
        self.input_features = shape[-1]
        self.kernel = make_weight(self, "kernel", (shape[-1], self.units), regularized=True)
        self.bias = make_weight(self, "bias", (self.units,)) if self.use_bias else None

    def forward(self, x: Array) -> Array:
        return activate(x @ self.kernel.value, self.bias, self.activation)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return math.prod(inputs[:-1]) * self.kernel.size


def activate(y: Array, bias: Parameter | None, activation: activations.Activation) -> Array:
    """``activation(y + bias)``, with a fused kernel for relu."""
    if bias is None:
        return activation(y)
    if activation is activations.relu:
        return bias_relu(y, bias.value)
    return activation(y + bias.value)


class Activation(Layer):
    """Apply an activation function to each element.

    Args:
        activation: name of the function, such as "relu", or the function itself.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: unchanged.

    Example:
        >>> import lampas as lp
        >>> lp.Activation("relu")([[-1.0, 2.0]]).tolist()
        [[0.0, 2.0]]
    """

    def __init__(
        self, activation: activations.Activation | str, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)

    def forward(self, x: Array) -> Array:
        return self.activation(x)


class Dropout(RandomLayer):
    """Set random elements to 0 in training and divide the others by ``1 - rate``.

    The expected value of an element does not change, and outside training nothing happens
    ("inverted" dropout; Srivastava et al., 2014).

    Args:
        rate: probability of setting an element to 0, at least 0 and less than 1.
        keep: in place of ``rate``, the probability of keeping an element: ``1 - rate``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: unchanged.

    Raises:
        ArgumentError: unless exactly one of ``rate`` and ``keep`` is set, within its range.

    Example:
        >>> import lampas as lp
        >>> lp.Dropout(0.5)([[1.0, 2.0]]).tolist()
        [[1.0, 2.0]]
    """

    def __init__(
        self,
        rate: ProperFraction | None = None,
        *,
        keep: PositiveFraction | None = None,
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(**options)
        if (rate is None) == (keep is None):
            raise ArgumentError("Dropout needs either rate or keep=, and not both.")
        self.rate = rate if rate is not None else 1.0 - (keep or 0.0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "keep": None}

    def forward(self, x: Array) -> Array:
        if not context.is_training() or self.rate == 0.0:
            return x
        mask = jax.random.bernoulli(context.random_key(), 1.0 - self.rate, x.shape)
        return jnp.where(mask, x / (1.0 - self.rate), 0.0)
