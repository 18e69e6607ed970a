"""Losses of quantities and counts, and of vectors by their direction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp

from ..core.arguments import PositiveFloat
from ..core.variable import Array
from ..kernels.elementwise import abs_zero_subgradient
from .base import EPSILON, Loss


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """``mean((y_true - y_pred)**2)``.

    Example:
        >>> import lampas as lp
        >>> lp.losses.MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]).tolist()
        [2.5]
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return jnp.square(y_true - y_pred)


@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """``mean(|y_true - y_pred|)``.

    Example:
        >>> import lampas as lp
        >>> lp.losses.MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]).tolist()
        [1.5]
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return abs_zero_subgradient(y_true - y_pred)


@dataclass(frozen=True)
class MeanAbsolutePercentageError(Loss):
    """``100 * mean(|y_true - y_pred| / max(|y_true|, 1e-7))``.

    Example:
        >>> import lampas as lp
        >>> lp.losses.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 5.0]]).tolist()
        [37.5]
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        relative = (y_true - y_pred) / jnp.maximum(jnp.abs(y_true), EPSILON)
        return 100.0 * abs_zero_subgradient(relative)


@dataclass(frozen=True)
class MeanSquaredLogarithmicError(Loss):
    """``mean((log(1 + y_true) - log(1 + y_pred))**2)``; negative values count as 0.

    Example:
        >>> import lampas as lp
        >>> loss = lp.losses.MeanSquaredLogarithmicError()
        >>> round(float(loss([[1.0]], [[3.0]])[0]), 3)
        0.48
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        log_true, log_pred = (jnp.log1p(jnp.maximum(y, EPSILON)) for y in (y_true, y_pred))
        return jnp.square(log_true - log_pred)


@dataclass(frozen=True)
class Huber(Loss):
    """Quadratic near zero, linear beyond ``delta`` (Huber, 1964): outliers have less weight.

    Args:
        delta: the absolute difference where the loss becomes linear.

    Example:
        >>> import lampas as lp
        >>> lp.losses.Huber(delta=1.0)([[0.0, 0.0]], [[1.0, 3.0]]).tolist()
        [1.5]
    """

    delta: PositiveFloat = 1.0

    def call(self, y_true: Array, y_pred: Array) -> Array:
        distance = jnp.abs(y_true - y_pred)
        linear = self.delta * distance - 0.5 * self.delta**2
        return jnp.where(distance <= self.delta, 0.5 * jnp.square(distance), linear)


@dataclass(frozen=True)
class LogCosh(Loss):
    """``log(cosh(y_pred - y_true))``, a smooth approximation of the absolute error.

    Example:
        >>> import lampas as lp
        >>> round(float(lp.losses.LogCosh()([[0.0]], [[1.0]])[0]), 3)
        0.434
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        difference = y_pred - y_true
        return difference + jax.nn.softplus(-2.0 * difference) - math.log(2.0)


@dataclass(frozen=True)
class Poisson(Loss):
    """``y_pred - y_true * log(y_pred)``, for counts.

    Example:
        >>> import lampas as lp
        >>> round(float(lp.losses.Poisson()([[1.0]], [[2.0]])[0]), 3)
        1.307
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return y_pred - y_true * jnp.log(y_pred + EPSILON)


@dataclass(frozen=True)
class CosineSimilarity(Loss):
    """Minus the cosine of the angle between target and prediction over the last axis.

    Example:
        >>> import lampas as lp
        >>> loss = lp.losses.CosineSimilarity()
        >>> round(float(loss([[1.0, 0.0]], [[2.0, 0.0]])[0]), 3)
        -1.0
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return -jnp.sum(_normalize(y_true) * _normalize(y_pred), -1)


def _normalize(y: Array) -> Array:
    square = jnp.sum(jnp.square(y), -1, keepdims=True)
    return y * jax.lax.rsqrt(jnp.maximum(square, EPSILON**2))
