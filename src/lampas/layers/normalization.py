"""Normalization over the batch, over each example, and over neighboring feature maps."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp
from jax import lax

from .. import initializers
from ..core import context
from ..core.arguments import Fraction, NonNegativeFloat, PositiveFloat, PositiveInt
from ..core.build import Initializer
from ..core.dtypes import promote_to_float32
from ..core.errors import ArgumentError, Shape, ShapeError, format_shape
from ..core.masks import get_mask
from ..core.variable import Array, Regularizer, WeightConstraint
from .base import Layer, LayerOptions
from .weights import make_weight, set_weight_options


class BetaGammaOptions(LayerOptions, total=False):
    """Penalties for beta and gamma, and constraints; as in :class:`KernelOptions`."""

    beta_regularizer: Regularizer | str | None
    gamma_regularizer: Regularizer | str | None
    beta_constraint: WeightConstraint | str | None
    gamma_constraint: WeightConstraint | str | None


class _Normalization(Layer):
    """Base of layers that scale by ``gamma`` and shift by ``beta``, one of each per feature."""

    def __init__(
        self,
        *,
        epsilon: NonNegativeFloat = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Initializer | str = "zeros",
        gamma_initializer: Initializer | str = "ones",
        **options: Unpack[BetaGammaOptions],
    ) -> None:
        super().__init__(**set_weight_options(self, BetaGammaOptions, options))
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)

    def build(self, shape: Shape) -> None:
        self.input_features, size = shape[-1], shape[-1:]
        self.gamma = make_weight(self, "gamma", size) if self.scale else None
        self.beta = make_weight(self, "beta", size) if self.center else None

    def normalize(self, x: Array, mean: Array, variance: Array) -> Array:
        """``gamma * (x - mean) / sqrt(variance + epsilon) + beta``."""
        factor = lax.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            factor = factor * self.gamma.value
        y = (x - mean) * factor
        return y if self.beta is None else y + self.beta.value


class BatchNormalization(_Normalization):
    """Normalize each feature to mean 0 and variance 1 over the batch (Ioffe and Szegedy, 2015).

    Training uses the statistics of the batch, over all axes but the last and without masked steps,
    and updates the running ones: ``moving = momentum * moving + (1 - momentum) * batch``. Outside
    training, and when the layer is frozen, the running statistics are used.

    Args:
        axis: the axis of the features, which is the last one.
        momentum: weight of the old running statistics in an update.
        epsilon: added to the variance, so that it is never 0.
        center: whether to add a trainable ``beta``.
        scale: whether to multiply by a trainable ``gamma``.
        beta_initializer: draws the initial ``beta``.
        gamma_initializer: draws the initial ``gamma``.
        **options: penalties and constraints of beta and gamma, see :class:`BetaGammaOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, ..., features)``, unchanged.

    Example:
        >>> import lampas as lp
        >>> layer = lp.BatchNormalization()
        >>> with lp.forward_pass(training=True):
        ...     y = layer([[1.0, 10.0], [3.0, 50.0]])
        >>> y.round(1).tolist()
        [[-1.0, -1.0], [1.0, 1.0]]
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: Fraction = 0.99,
        epsilon: NonNegativeFloat = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Initializer | str = "zeros",
        gamma_initializer: Initializer | str = "ones",
        **options: Unpack[BetaGammaOptions],
    ) -> None:
        super().__init__(
            epsilon=epsilon, center=center, scale=scale, beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer, **options,
        )  # fmt: skip
        self.axis = axis
        self.momentum = momentum

    def build(self, shape: Shape) -> None:
        if self.axis not in (-1, len(shape) - 1):
            raise ShapeError(
                f"axis={self.axis}: the features are the last axis of the input, whose shape is "
                f"{format_shape(shape)}. Leave axis out, and move the channels to the end."
            )
        super().build(shape)
        self.moving_mean = self.state((shape[-1],), "zeros")
        self.moving_variance = self.state((shape[-1],), "ones")

    def forward(self, x: Array) -> Array:
        x = promote_to_float32(x)
        if self.frozen or not context.is_training():
            return self.normalize(x, self.moving_mean.value, self.moving_variance.value)
        mean, variance = _masked_moments(x, get_mask(x))
        self.moving_mean.value = self._updated(self.moving_mean.value, mean)
        self.moving_variance.value = self._updated(self.moving_variance.value, variance)
        return self.normalize(x, mean, variance)

    def _updated(self, moving: Array, batch: Array) -> Array:
        updated = self.momentum * moving + (1.0 - self.momentum) * lax.stop_gradient(batch)
        return updated.astype(moving.dtype)


def _masked_moments(x: Array, mask: Array | None) -> tuple[Array, Array]:
    """Mean and variance of each feature over all unmasked positions."""
    batch = tuple(range(x.ndim - 1))
    if mask is None:
        return jnp.mean(x, batch), jnp.var(x, batch)
    mask = mask.reshape(*mask.shape, *(1,) * (x.ndim - 2))
    count = jnp.maximum(jnp.sum(jnp.broadcast_to(mask, (*x.shape[:-1], 1)), batch), 1)
    mean = jnp.sum(x, batch, where=mask) / count
    return mean, jnp.sum(jnp.square(x - mean), batch, where=mask) / count


class LayerNormalization(_Normalization):
    """Normalize each example to mean 0 and variance 1 over its last axis (Ba et al., 2016).

    Args:
        epsilon: added to the variance, so that it is never 0.
        center: whether to add a trainable ``beta``.
        scale: whether to multiply by a trainable ``gamma``.
        beta_initializer: draws the initial ``beta``.
        gamma_initializer: draws the initial ``gamma``.
        **options: penalties and constraints of beta and gamma, see :class:`BetaGammaOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, ..., features)``, unchanged.

    Example:
        >>> import lampas as lp
        >>> lp.LayerNormalization()([[1.0, 3.0], [10.0, 50.0]]).round(1).tolist()
        [[-1.0, 1.0], [-1.0, 1.0]]
    """

    def forward(self, x: Array) -> Array:
        x = promote_to_float32(x)
        return self.normalize(x, jnp.mean(x, -1, keepdims=True), jnp.var(x, -1, keepdims=True))


class LocalResponseNormalization(Layer):
    """Divide each feature map by the energy of its neighbors (Krizhevsky et al., 2012).

    ``x_i / (k + alpha * sum of x_j² over the size maps around i) ** beta``; the sum runs over the
    last axis and has fewer terms at its ends. The defaults are the constants of the paper.
    ``alpha`` multiplies the sum as in the paper; PyTorch uses the mean instead, so its ``alpha``
    is this one times ``size``.

    Args:
        size: number of neighboring maps with the map itself in the middle; odd.
        alpha: weight of the sum.
        beta: the exponent.
        k: added to the sum, above 0.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: unchanged.

    Raises:
        ArgumentError: when ``size`` is not odd and positive, or ``k`` is not above 0.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.LocalResponseNormalization()(np.ones((1, 8, 8, 16))).shape
        (1, 8, 8, 16)
    """

    def __init__(
        self,
        size: PositiveInt = 5,
        alpha: float = 1e-4,
        beta: float = 0.75,
        k: PositiveFloat = 2.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if size % 2 == 0:
            raise ArgumentError(f"size must be odd, got {size}.")
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Array) -> Array:
        channels, reach = x.shape[-1], self.size // 2
        padded = jnp.pad(x * x, [(0, 0)] * (x.ndim - 1) + [(reach, reach)])
        energy = sum(padded[..., i : i + channels] for i in range(self.size))
        return x * (self.k + self.alpha * energy) ** -self.beta
