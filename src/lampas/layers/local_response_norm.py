"""Local response normalization: neighbouring feature maps compete for large answers."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp

from ..core.errors import ArgumentError
from ..core.variable import Array
from .layer import Layer, LayerOptions


class LocalResponseNormalization(Layer):
    """``x_i / (k + alpha * sum of x_j² over the size maps around i) ** beta``.

    The sum runs over the last axis, and is shorter at its ends. Defaults are the constants of
    Krizhevsky et al. (2012). ``alpha`` multiplies the sum as in that paper; where a library takes
    the mean in its place (PyTorch), its ``alpha`` is ours times ``size``.

    Args:
        size: how many neighbouring maps, the map itself in the middle; an odd number.
        alpha: weight of the sum.
        beta: the exponent.
        k: added to the sum, above 0.

    Shape: unchanged.
    Raises ArgumentError when the size is not odd and positive, or k not above 0.
    """

    def __init__(
        self,
        size: int = 5,
        alpha: float = 1e-4,
        beta: float = 0.75,
        k: float = 2.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if size < 1 or size % 2 == 0:
            raise ArgumentError(f"size must be odd, to have a middle, and positive, got {size}.")
        if not k > 0:
            raise ArgumentError(f"k must be above 0, or silence divides by 0, got {k}.")
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, x: Array) -> Array:
        channels, reach = x.shape[-1], self.size // 2
        padded = jnp.pad(x * x, [(0, 0)] * (x.ndim - 1) + [(reach, reach)])
        energy = sum(padded[..., i : i + channels] for i in range(self.size))
        return x * (self.k + self.alpha * energy) ** -self.beta
