"""Variables: each holds one array of a model."""

from __future__ import annotations

import inspect
import operator
import threading
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .errors import ArgumentError, ShapeError, format_shape
from .random import next_key

Array = jax.Array
Regularizer = Callable[[Array], Array]
WeightConstraint = Callable[[Array], Array]

VALUES_LOCK = threading.RLock()
"""Held by a thread while it builds layers, or puts traced values into variables; and while it reads
values that must not be those of another thread."""


def _binary(function: Callable[[Any, Any], Any]) -> tuple[Callable[[Any, Any], Any], ...]:
    """The methods for ``variable + other`` and ``other + variable``."""

    def value_of(operand: Any) -> Any:
        return operand.value if isinstance(operand, Variable) else operand

    def forward(self: Variable, other: Any) -> Any:
        return function(self.value, value_of(other))

    def reflected(self: Variable, other: Any) -> Any:
        return function(value_of(other), self.value)

    return forward, reflected


class _VariableType(type):
    """Makes ``Variable(...)``, as in Keras, a :class:`Parameter` or a :class:`State`."""

    def __call__(cls, *args: Any, **options: Any) -> Any:
        create = _create_variable if cls is Variable else super().__call__
        return create(*args, **options)

    @property
    def __signature__(cls) -> inspect.Signature:
        if cls is Variable:
            return inspect.signature(_create_variable)
        _, *parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
        return inspect.Signature(parameters)


def _create_variable(
    initializer: Any,
    shape: tuple[int, ...] | None = None,
    dtype: Any = None,
    trainable: bool = True,
    *,
    name: str | None = None,
) -> Parameter | State:
    """What ``Variable(...)`` returns; the arguments are described there."""
    if isinstance(initializer, str):
        raise ArgumentError(
            f"Variable takes a value or an initializer, got {initializer!r}. Write "
            f"initializers.get({initializer!r}), or add_weight in a layer or model."
        )
    if not hasattr(initializer, "dtype"):
        dtype = dtype or jnp.float32
    is_drawn = callable(initializer)
    value = initializer(next_key(), shape, dtype) if is_drawn else jnp.asarray(initializer, dtype)
    return (Parameter if trainable else State)(value, name=name)


class Variable(metaclass=_VariableType):
    """Holder of one array; layers read and assign its ``value``.

    Of itself it creates a :class:`Parameter`, or a :class:`State` if it is not trainable. In
    arithmetic and in ``lampas.ops`` a variable stands for its value; functions of ``jax.numpy``
    take the ``value`` itself.

    Args:
        initializer: the value: an array or a number; or an initializer, for a ``shape``.
        shape: shape of what the initializer draws.
        dtype: dtype of the value, by default that of the array, float32 for numbers.
        trainable: whether training changes it by its gradient.
        name: name of the attribute that holds it; a layer sets it.

    Raises:
        ArgumentError: for the name of an initializer.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> counter = lp.State(jnp.zeros(3))
        >>> counter.value = counter.value + 1
        >>> counter
        State(shape=(3,), dtype=float32)
        >>> lp.Variable(0.5, trainable=False)
        State(shape=(), dtype=float32)
    """

    __slots__ = ("__weakref__", "name", "value")

    def __init__(self, value: Array, *, name: str | None = None) -> None:
        self.value = value
        self.name = name

    def assign(self, value: Any) -> Variable:
        """Assign a value of the same shape.

        Args:
            value: an array, or anything that can be converted to one.

        Raises:
            ShapeError: for a value of another shape.
        """
        array = jnp.asarray(value.value if isinstance(value, Variable) else value, self.dtype)
        if array.shape != self.shape:
            shapes = f"{format_shape(self.shape)}, got {format_shape(array.shape)}"
            raise ShapeError(f"{self.name or 'the variable'} has shape {shapes}.")
        self.value = array
        return self

    def assign_add(self, value: Any) -> Variable:
        """Add to the value."""
        return self.assign(self.value + value)

    def assign_sub(self, value: Any) -> Variable:
        """Subtract from the value."""
        return self.assign(self.value - value)

    __add__, __radd__ = _binary(operator.add)
    __sub__, __rsub__ = _binary(operator.sub)
    __mul__, __rmul__ = _binary(operator.mul)
    __truediv__, __rtruediv__ = _binary(operator.truediv)
    __pow__, __rpow__ = _binary(operator.pow)
    __matmul__, __rmatmul__ = _binary(operator.matmul)

    def __neg__(self) -> Any:
        return -self.value

    def __getitem__(self, key: Any) -> Any:
        return self.value[key]

    def __jax_array__(self) -> Array:
        return self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.value, dtype)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of the array."""
        return self.value.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

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
        name: name of the attribute that holds it; a layer sets it.
    """

    __slots__ = ("constraint", "regularized", "regularizer")

    def __init__(
        self,
        value: Array,
        *,
        regularized: bool = False,
        regularizer: Regularizer | None = None,
        constraint: WeightConstraint | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(value, name=name)
        self.regularized = regularized
        self.regularizer = regularizer
        self.constraint = constraint


class State(Variable):
    """A variable that the forward pass itself updates, such as a running mean.

    Args:
        value: the array.
        name: name of the attribute that holds it; a layer sets it.
    """

    __slots__ = ()
