"""Functions that compute with arrays, and add an operation to the graph of symbolic tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import canonicalize_dtype

from ..core.arrays import to_host
from ..core.symbolic import find_symbolic
from ..core.variable import Array, Variable
from ..graph.operation import ELEMENTWISE, FUNCTIONS, Operation

Tensor = Any
"""An array, a number, nested lists of numbers, a variable, or a symbolic tensor."""
Axis = int | Sequence[int] | None

F = TypeVar("F", bound=Callable[..., Any])


class Unary(Protocol):
    """A function of each element of an array."""

    def __call__(self, x: Tensor) -> Any: ...


class Binary(Protocol):
    """A function of each pair of elements of two arrays, which are broadcast."""

    def __call__(self, x1: Tensor, x2: Tensor) -> Any: ...


class Reduction(Protocol):
    """A function of all elements of an array, or of those along axes."""

    def __call__(self, x: Tensor, axis: Axis = None, keepdims: bool = False) -> Any: ...


def operation(function: F, prefix: str = "") -> F:
    """Decorator for a function of ``lampas.ops``: a graph and a model file name it.

    Args:
        function: computes with arrays, variables and lists.
        prefix: what its name begins with, if it is in a namespace of ``lampas.ops``.
    """
    name = prefix + function.__name__
    FUNCTIONS[name] = function

    @wraps(function)
    def dispatch(*args: Any, **options: Any) -> Any:
        if find_symbolic((args, options)) is None:
            return function(*args, **options)
        args, options = jax.tree.map(_dtype_name, (args, options))
        return Operation(name)(*args, **options)

    return cast(F, dispatch)


def _dtype_name(value: Any) -> Any:
    """The name of a dtype, which a model file can hold; anything else as it is."""
    return canonicalize_dtype(value).name if isinstance(value, np.dtype | type) else value


def elementwise(function: F) -> F:
    """:func:`operation` for a function whose elements do not depend on each other."""
    ELEMENTWISE.add(function.__name__)
    return operation(function)


def unary(function: Callable[[Any], Any], name: str | None = None) -> Unary:
    """The operation for a function of JAX of each element."""

    def call(x: Tensor) -> Array:
        return function(as_array(x))

    return elementwise(_describe(call, name or function.__name__))


def binary(function: Callable[[Any, Any], Any]) -> Binary:
    """The operation for a function of JAX of pairs of elements."""

    def call(x1: Tensor, x2: Tensor) -> Array:
        return function(as_array(x1), as_array(x2))

    return elementwise(_describe(call, function.__name__))


def reduction(function: Callable[..., Any]) -> Reduction:
    """The operation for a function of JAX along axes."""

    def call(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Array:
        return function(as_array(x), axis=as_axes(axis), keepdims=keepdims)

    return operation(_describe(call, function.__name__))


def _describe(call: F, name: str) -> F:
    call.__name__ = call.__qualname__ = name
    call.__module__ = __package__
    call.__doc__ = f"The function ``{name}`` of NumPy or ``jax.nn``, for arrays of any kind."
    return call


def as_array(x: Tensor, dtype: Any = None) -> Array:
    """An array, or the value of a variable, as an array of JAX."""
    if isinstance(x, Variable):
        x = x.value
    return jnp.asarray(to_host(x, "the array"), dtype)


def as_axes(axis: Axis) -> Any:
    """An axis, or several as a tuple, as JAX expects them."""
    return tuple(axis) if isinstance(axis, Sequence | np.ndarray) else axis


def exported_names(module: Mapping[str, Any]) -> list[str]:
    """The public names of the functions that a module of ``lampas.ops`` has defined."""
    origins = (__package__, module["__name__"])
    return [
        name
        for name, value in module.items()
        if name[0] != "_" and getattr(value, "__module__", "") in origins
    ]
