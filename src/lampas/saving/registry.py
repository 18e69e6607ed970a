"""The classes and functions that a file may name: those of Lampas, and those the user allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, TypeVar

from .. import activations, constraints, initializers, ops, regularizers
from ..core.arguments import is_of_lampas
from ..core.errors import ArgumentError
from ..core.module import Module

T = TypeVar("T")

LAMPAS_OBJECTS: dict[str, Any] = {
    name: vars(module)[name]
    for module in (activations, constraints, initializers, regularizers)
    for name in module.__all__
    if isinstance(vars(module)[name], type)
} | {f"ops.{name}": value for name, value in vars(ops).items() if callable(value)}
"""Classes and functions of Lampas by their names in files, besides ``registered_classes``."""
_custom_objects: dict[str, Any] = {}
_scope: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects", default=MappingProxyType({}))


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[T], T]:
    """A decorator for a class or function of your own that files may name from now on.

    ``lampas.load`` and ``from_config`` then find it in this process, without being passed it.

    Args:
        package: first part of the name in files, ``"package>name"``.
        name: the second part; by default the name of the class or function.

    Example:
        >>> import lampas as lp
        >>> @lp.saving.register_keras_serializable("shop")
        ... def double(x):
        ...     return 2 * x
        >>> lp.saving.get_registered_name(double)
        'shop>double'
    """

    def register(value: T) -> T:
        _custom_objects[f"{package}>{name or own_name(value)}"] = value
        return value

    return register


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any]) -> Iterator[None]:
    """A block in which files and configurations may name these classes and functions.

    Args:
        custom_objects: classes and functions of your own by name.

    Example:
        >>> import lampas as lp
        >>> def double(x):
        ...     return 2 * x
        >>> layer = lp.Dense(3, activation=double)
        >>> with lp.saving.custom_object_scope({"double": double}):
        ...     clone = lp.Dense.from_config(layer.get_config())
        >>> clone.activation is double
        True
    """
    token = _scope.set({**_scope.get(), **custom_objects})
    try:
        yield
    finally:
        _scope.reset(token)


def get_custom_objects() -> dict[str, Any]:
    """The dict of registered classes and functions by name; it may be changed."""
    return _custom_objects


def get_registered_name(value: Any) -> str:
    """The name of a class or function in files.

    That of Lampas is its own; one of yours has a package, ``"Custom"`` unless it is registered with
    another, so that it cannot be taken for one of Lampas.

    Args:
        value: the class or function.

    Raises:
        ArgumentError: for a lambda and other objects that have no name.
    """
    for names in (LAMPAS_OBJECTS, Module.registered_classes, _custom_objects):
        for name, candidate in names.items():
            if candidate is value:
                return name
    return own_name(value) if is_of_lampas(value) else f"Custom>{own_name(value)}"


def get_registered_object(name: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The class or function that has this name in files; None if there is none.

    Those of Lampas come first, then those of the present :func:`custom_object_scope`, then
    registered ones; of the last two, either name may lack the package.

    Args:
        name: such as ``"Dense"`` or ``"Custom>Net"``.
        custom_objects: more classes and functions by name.
    """
    if name in LAMPAS_OBJECTS or name in Module.registered_classes:
        return LAMPAS_OBJECTS.get(name) or Module.registered_classes[name]
    package, _, last = name.rpartition(">")
    for objects in ({**(custom_objects or {}), **_scope.get()}, _custom_objects):
        for key in (name, *objects):
            other, _, other_last = key.rpartition(">")
            if (
                key in objects
                and last == other_last
                and (package in ("", "Custom") or other in ("", package))
            ):
                return objects[key]
    return None


def own_name(value: Any) -> str:
    """The name of a class or function in its definition.

    Raises:
        ArgumentError: for a lambda and other objects that have no name.
    """
    name: str = getattr(value, "__name__", type(value).__name__)
    if name == "<lambda>" or not hasattr(value, "__name__"):
        raise ArgumentError(
            f"{name:.80} has no name under which it can be saved. Define it with def, and pass it "
            'when the file is read: lampas.load(path, custom_objects={"name": name}).'
        )
    return name
