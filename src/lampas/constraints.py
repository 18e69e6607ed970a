"""Constraints, by Keras's names: what a weight is changed to after each update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp

from .core.arguments import CheckedFields, Fraction, NonNegativeFloat
from .core.errors import ArgumentError
from .core.lookup import lookup
from .core.variable import Array, WeightConstraint

__all__ = ["Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"]
__all__ += ["max_norm", "min_max_norm", "non_neg", "unit_norm"]

Axes = int | Sequence[int]
_EPSILON = 1e-7
"""Added to norms, as in Keras, so that a weight of zeros stays zero."""


class Constraint(CheckedFields):
    """Base class of constraints: write ``__call__``, which returns the weights that are allowed.

    Any function of the weights can be passed as a constraint as well. It is compiled with the
    training step.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> class ZeroMean(lp.constraints.Constraint):
        ...     def __call__(self, w):
        ...         return w - w.mean()
        >>> ZeroMean()(jnp.array([1.0, 3.0])).tolist()
        [-1.0, 1.0]
        >>> layer = lp.Dense(1, kernel_constraint=ZeroMean())
    """

    def __call__(self, w: Array) -> Array:
        """The weights nearest to ``w`` that the constraint allows."""
        return w


@dataclass(frozen=True)
class MaxNorm(Constraint):
    """Scale weights down to a Euclidean norm of ``max_value`` where it is larger.

    Args:
        max_value: the largest norm.
        axis: the axis or axes over which a norm is computed: 0 for the incoming weights of each
            unit of ``Dense``, ``[0, 1, 2]`` for each filter of ``Conv2D``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> w = lp.constraints.MaxNorm(1)(np.array([[3.0, 0.0], [4.0, 0.5]]))
        >>> print(np.array(w).round(2))
        [[0.6 0. ]
         [0.8 0.5]]
    """

    max_value: NonNegativeFloat = 2
    axis: Axes = 0

    def __call__(self, w: Array) -> Array:
        norms = _norms(w, self.axis)
        return w * (jnp.clip(norms, 0, self.max_value) / (_EPSILON + norms))


@dataclass(frozen=True)
class NonNeg(Constraint):
    """Set negative weights to zero.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> lp.constraints.NonNeg()(jnp.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]
    """

    def __call__(self, w: Array) -> Array:
        return jnp.maximum(w, 0)


@dataclass(frozen=True)
class UnitNorm(Constraint):
    """Scale weights to a Euclidean norm of 1; zeros remain zeros.

    Args:
        axis: the axis or axes over which a norm is computed, as in :class:`MaxNorm`.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> print(np.array(lp.constraints.UnitNorm()(np.array([3.0, 4.0]))).round(2))
        [0.6 0.8]
    """

    axis: Axes = 0

    def __call__(self, w: Array) -> Array:
        return w / (_EPSILON + _norms(w, self.axis))


@dataclass(frozen=True)
class MinMaxNorm(Constraint):
    """Scale weights toward a Euclidean norm between two bounds.

    The new norm is ``rate * clip(norm, min_value, max_value) + (1 - rate) * norm``.

    Args:
        min_value: the smallest norm.
        max_value: the largest norm.
        rate: how far a norm outside of the bounds moves to them in one update; 1 for all the way.
        axis: the axis or axes over which a norm is computed, as in :class:`MaxNorm`.

    Raises:
        ArgumentError: when ``min_value`` is larger than ``max_value``.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> round(float(lp.constraints.MinMaxNorm(1.0, 2.0, rate=0.5)(jnp.array([4.0]))[0]), 3)
        3.0
    """

    min_value: NonNegativeFloat = 0.0
    max_value: NonNegativeFloat = 1.0
    rate: Fraction = 1.0
    axis: Axes = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.min_value > self.max_value:
            raise ArgumentError(
                f"MinMaxNorm: min_value={self.min_value} is larger than "
                f"max_value={self.max_value}; exchange them."
            )

    def __call__(self, w: Array) -> Array:
        norms = _norms(w, self.axis)
        bounded = jnp.clip(norms, self.min_value, self.max_value)
        desired = self.rate * bounded + (1 - self.rate) * norms
        return w * (desired / (_EPSILON + norms))


def _norms(w: Array, axis: Axes) -> Array:
    axes = axis if isinstance(axis, int) else tuple(axis)
    return jnp.sqrt(jnp.sum(jnp.square(w), axes, keepdims=True))


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

CONSTRAINTS: dict[str, WeightConstraint] = {
    "max_norm": MaxNorm(),
    "min_max_norm": MinMaxNorm(),
    "non_neg": NonNeg(),
    "unit_norm": UnitNorm(),
}


def get(value: WeightConstraint | str | None) -> WeightConstraint | None:
    """The constraint with that name and its defaults; a function is returned as it is.

    Args:
        value: a name such as ``"max_norm"``, a function of the weights, or None for none.

    Raises:
        UnknownNameError: for an unknown name; suggests the nearest one.

    Example:
        >>> import lampas as lp
        >>> lp.constraints.get("max_norm")
        MaxNorm(max_value=2, axis=0)
    """
    return None if value is None else lookup("constraint", value, CONSTRAINTS)
