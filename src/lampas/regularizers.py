"""Regularizers, by Keras's names: penalties on weights that are added to the loss."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp

from .core.arguments import CheckedFields, NonNegativeFloat
from .core.lookup import lookup
from .core.variable import Array, Regularizer
from .kernels.elementwise import abs_zero_subgradient

__all__ = ["L1", "L1L2", "L2", "L2Norm"]


@dataclass(frozen=True)
class L1(CheckedFields):
    """``l1 * sum(|w|)``: drives weights to exactly zero.

    Args:
        l1: the factor.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> lp.L1(0.5)(jnp.array([1.0, -3.0])).tolist()
        2.0
    """

    l1: NonNegativeFloat = 0.01

    def __call__(self, weights: Array) -> Array:
        return self.l1 * jnp.sum(abs_zero_subgradient(weights))


@dataclass(frozen=True)
class L2(CheckedFields):
    """``l2 * sum(w**2)``: keeps weights small.

    Args:
        l2: the factor.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> lp.L2(0.5)(jnp.array([1.0, -3.0])).tolist()
        5.0
    """

    l2: NonNegativeFloat = 0.01

    def __call__(self, weights: Array) -> Array:
        return self.l2 * jnp.sum(jnp.square(weights))


@dataclass(frozen=True)
class L1L2(CheckedFields):
    """``l1 * sum(|w|) + l2 * sum(w**2)`` (the elastic net).

    Args:
        l1: factor of the absolute values.
        l2: factor of the squares.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> lp.L1L2(l1=0.5, l2=0.5)(jnp.array([1.0, -3.0])).tolist()
        7.0
    """

    l1: NonNegativeFloat = 0.0
    l2: NonNegativeFloat = 0.0

    def __call__(self, weights: Array) -> Array:
        return self.l1 * jnp.sum(abs_zero_subgradient(weights)) + self.l2 * jnp.sum(
            jnp.square(weights)
        )


@dataclass(frozen=True)
class L2Norm(CheckedFields):
    """``l2 * sqrt(sum(w**2))``, the Euclidean norm: its gradient has constant length.

    Args:
        l2: the factor.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> lp.L2Norm(0.5)(jnp.array([3.0, -4.0])).tolist()
        2.5
    """

    l2: NonNegativeFloat = 0.01

    def __call__(self, weights: Array) -> Array:
        square = jnp.sum(jnp.square(weights))
        # The root has no derivative at zero; the gradient of the penalty there is 0.
        safe = jnp.where(square > 0, square, 1.0)
        return self.l2 * jnp.where(square > 0, jnp.sqrt(safe), 0.0)


REGULARIZERS: dict[str, Regularizer] = {
    "l1": L1(),
    "l2": L2(),
    "l1_l2": L1L2(l1=0.01, l2=0.01),
    "l2_norm": L2Norm(),
}


def get(value: Regularizer | str | None) -> Regularizer | None:
    """The regularizer with that name and its defaults; a function is returned as it is.

    Args:
        value: a name such as ``"l2"``, a function of the weights, or None for none.

    Raises:
        UnknownNameError: for an unknown name; suggests the nearest one.

    Example:
        >>> import lampas as lp
        >>> lp.regularizers.get("l2")
        L2(l2=0.01)
    """
    return None if value is None else lookup("regularizer", value, REGULARIZERS)
