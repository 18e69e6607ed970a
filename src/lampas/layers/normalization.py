"""Normalization layers.

Local response normalization: neighbouring feature maps compete for large answers.
"""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp
from jax import lax

from .. import initializers
from ..core import context
from ..core.build import Initializer
from ..core.dtypes import at_least_single
from ..core.errors import ArgumentError, Shape
from ..core.masks import mask_of
from ..core.variable import Array
from .base import Layer, LayerOptions


class _Normalization(Layer):
    """Scale and shift by ``gamma`` and ``beta``, one each for every feature of the last axis."""

    def __init__(
        self,
        *,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Initializer | str = "zeros",
        gamma_initializer: Initializer | str = "ones",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        size = (self.features,)
        self.gamma = self.parameter(size, self.gamma_initializer) if self.scale else None
        self.beta = self.parameter(size, self.beta_initializer) if self.center else None

    def normalize(self, x: Array, mean: Array, variance: Array) -> Array:
        """``gamma * (x - mean) / sqrt(variance + epsilon) + beta``."""
        slope = lax.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            slope = slope * self.gamma.value
        y = (x - mean) * slope
        return y if self.beta is None else y + self.beta.value


class BatchNormalization(_Normalization):
    """Each feature gets mean 0 and variance 1 over the batch (Ioffe and Szegedy, 2015).

    Training uses the batch's own statistics (over all axes but the last, without masked steps) and
    moves the running ones toward them: ``moving = momentum * moving + (1 - momentum) * batch``.
    Otherwise the running statistics are used, and so they are when the layer is frozen.

    Shape: ``(batch, ..., features)``, unchanged.
    """

    def __init__(
        self,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        *,
        beta_initializer: Initializer | str = "zeros",
        gamma_initializer: Initializer | str = "ones",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            center=center,
            scale=scale,
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            **options,
        )
        self.momentum = momentum

    def build(self, shape: Shape) -> None:
        super().build(shape)
        self.moving_mean = self.state((shape[-1],), "zeros")
        self.moving_variance = self.state((shape[-1],), "ones")

    def forward(self, x: Array) -> Array:
        x = at_least_single(x)
        if self.frozen or not context.is_training():
            return self.normalize(x, self.moving_mean.value, self.moving_variance.value)
        mean, variance = _moments(x, mask_of(x))
        self.moving_mean.value = self._move(self.moving_mean.value, mean)
        self.moving_variance.value = self._move(self.moving_variance.value, variance)
        return self.normalize(x, mean, variance)

    def _move(self, moving: Array, batch: Array) -> Array:
        moved = self.momentum * moving + (1.0 - self.momentum) * lax.stop_gradient(batch)
        return moved.astype(moving.dtype)


def _moments(x: Array, mask: Array | None) -> tuple[Array, Array]:
    """Mean and variance of each feature over all that counts."""
    batch = tuple(range(x.ndim - 1))
    if mask is None:
        return jnp.mean(x, batch), jnp.var(x, batch)
    there = mask.reshape(*mask.shape, *(1,) * (x.ndim - 2))
    count = jnp.maximum(jnp.sum(jnp.broadcast_to(there, (*x.shape[:-1], 1)), batch), 1)
    mean = jnp.sum(x, batch, where=there) / count
    return mean, jnp.sum(jnp.square(x - mean), batch, where=there) / count


class LayerNormalization(_Normalization):
    """Each example gets mean 0 and variance 1 over its last axis (Ba et al., 2016).

    Shape: ``(batch, ..., features)``, unchanged.
    """

    def forward(self, x: Array) -> Array:
        x = at_least_single(x)
        mean = jnp.mean(x, -1, keepdims=True)
        variance = jnp.var(x, -1, keepdims=True)
        return self.normalize(x, mean, variance)


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
