"""Penalties on weights, added to the loss so that small weights are preferred."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp

from .core.registry import resolve
from .core.variable import Array, Regularizer
from .kernels.elementwise import absolute

__all__ = ["L1", "L1L2", "L2", "L2Norm"]


@dataclass(frozen=True)
class L1:
    """``l1 * sum(|w|)``: drives weights to exactly zero."""

    l1: float = 0.01

    def __call__(self, weights: Array) -> Array:
        return self.l1 * jnp.sum(absolute(weights))


@dataclass(frozen=True)
class L2:
    """``l2 * sum(w**2)``, the sum of squares: keeps weights small."""

    l2: float = 0.01

    def __call__(self, weights: Array) -> Array:
        return self.l2 * jnp.sum(jnp.square(weights))


@dataclass(frozen=True)
class L1L2:
    """``l1 * sum(|w|) + l2 * sum(w**2)`` (the elastic net)."""

    l1: float = 0.0
    l2: float = 0.0

    def __call__(self, weights: Array) -> Array:
        return self.l1 * jnp.sum(absolute(weights)) + self.l2 * jnp.sum(jnp.square(weights))


@dataclass(frozen=True)
class L2Norm:
    """``l2 * sqrt(sum(w**2))``, the root of :class:`L2`'s sum: a pull of constant strength."""

    l2: float = 0.01

    def __call__(self, weights: Array) -> Array:
        square = jnp.sum(jnp.square(weights))
        # The root has no slope at zero; there the penalty pulls nowhere.
        safe = jnp.where(square > 0, square, 1.0)
        return self.l2 * jnp.where(square > 0, jnp.sqrt(safe), 0.0)


REGULARIZERS: dict[str, Regularizer] = {
    "l1": L1(),
    "l2": L2(),
    "l1_l2": L1L2(l1=0.01, l2=0.01),
    "l2_norm": L2Norm(),
}


def get(value: Regularizer | str | None) -> Regularizer | None:
    """The regularizer of that name, or the one given; None stays None.

    Raises:
        UnknownNameError: with the nearest right name.
    """
    return None if value is None else resolve("regularizer", value, REGULARIZERS)
