"""Operations for the functions of JAX, and the conversion of their arguments to arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from ..core.arrays import to_host
from ..core.variable import Array, Variable
from ..graph.operation import elementwise, operation

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


def unary(function: Callable[[Any], Any], name: str | None = None) -> Unary:
    """The operation for a function of JAX of each element."""

    def call(x: Tensor) -> Array:
        return function(as_array(x))

    return elementwise(_describe(call, name or function.__name__, "of each element"))


def binary(function: Callable[[Any, Any], Any]) -> Binary:
    """The operation for a function of JAX of pairs of elements."""

    def call(x1: Tensor, x2: Tensor) -> Array:
        return function(as_array(x1), as_array(x2))

    return elementwise(_describe(call, function.__name__, "of each pair of elements"))


def reduction(function: Callable[..., Any]) -> Reduction:
    """The operation for a function of JAX along axes."""

    def call(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Array:
        return function(as_array(x), axis=as_axes(axis), keepdims=keepdims)

    return operation(_describe(call, function.__name__, "along axes, by default of all elements"))


def _describe(call: F, name: str, scope: str) -> F:
    call.__name__ = call.__qualname__ = name
    call.__module__ = __package__
    call.__doc__ = f"``{name}`` {scope}."
    return call


def as_array(x: Tensor, dtype: Any = None) -> Array:
    """An array, or the value of a variable, as an array of JAX."""
    if isinstance(x, Variable):
        x = x.value
    if isinstance(x, jax.Array) and dtype is None:
        return x
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
