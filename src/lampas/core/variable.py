"""Variables: each holds one array of a model."""

from __future__ import annotations

import threading
from collections.abc import Callable

import jax
import numpy as np

Array = jax.Array
Regularizer = Callable[[Array], Array]
WeightConstraint = Callable[[Array], Array]

VALUES_LOCK = threading.RLock()
"""Held by a thread while it builds layers, or puts traced values into variables; and while it reads
values that must not be those of another thread."""


class Variable:
    """Holder of one array; layers read and assign its ``value``.

    Args:
        value: the array.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> counter = lp.State(jnp.zeros(3))
        >>> counter.value = counter.value + 1
        >>> counter
        State(shape=(3,), dtype=float32)
    """

    __slots__ = ("__weakref__", "value")

    def __init__(self, value: Array) -> None:
        self.value = value

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return tuple(self.value.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    def numpy(self) -> np.ndarray:
        """A copy of the array in host memory."""
        return np.array(self.value)

    def __repr__(self) -> str:
        if not hasattr(self.value, "shape"):
            return f"{type(self).__name__}({len(jax.tree.leaves(self.value))} arrays)"
        return f"{type(self).__name__}(shape={self.shape}, dtype={self.value.dtype})"


class Parameter(Variable):
    """A variable that training changes by its gradient.

    Args:
        value: the array.
        regularized: whether the model-wide penalty of ``compile(penalty=...)`` applies to it; true
            for kernels of affine maps.
        regularizer: a penalty of this one parameter, added to the loss.
        constraint: computes the value that is kept after each update from the updated one.
    """

    __slots__ = ("constraint", "regularized", "regularizer")

    def __init__(
        self,
        value: Array,
        *,
        regularized: bool = False,
        regularizer: Regularizer | None = None,
        constraint: WeightConstraint | None = None,
    ) -> None:
        super().__init__(value)
        self.regularized = regularized
        self.regularizer = regularizer
        self.constraint = constraint


class State(Variable):
    """A variable that the forward pass itself updates, such as a running mean.

    Args:
        value: the array.
    """

    __slots__ = ()
