"""The classes and functions that a file may name: those of Lampas, and those the user allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, TypeVar

from .. import activations, constraints, initializers, regularizers
from ..core.arguments import is_of_lampas
from ..core.errors import ArgumentError
from ..core.module import Module

T = TypeVar("T")

LAMPAS_OBJECTS: dict[str, Any] = {
    name: vars(module)[name]
    for module in (activations, constraints, initializers, regularizers)
    for name in module.__all__
    if isinstance(vars(module)[name], type)
}
"""Classes of Lampas by their name in files, besides modules: those in ``registered_classes``."""
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
        _custom_objects[f"{package}>{name or _own_name(value)}"] = value
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
    """The name of a class or function in files: ``"package>name"`` if it is registered.

    Args:
        value: the class or function.

    Raises:
        ArgumentError: for a lambda and other objects that have no name.
    """
    for names in (LAMPAS_OBJECTS, Module.registered_classes, _custom_objects):
        for name, candidate in names.items():
            if candidate is value:
                return name
    name = _own_name(value)
    # A class of one's own must not be taken for the one of Lampas that has its name.
    is_taken = not is_of_lampas(value) and _lampas_object(name) is not None
    return f"Custom>{name}" if is_taken else name


def get_registered_object(name: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The class or function that has this name in files; None if there is none.

    Those of the present :func:`custom_object_scope` come first, then registered ones, then those
    of Lampas. The package may be left out of their keys.

    Args:
        name: such as ``"Dense"`` or ``"package>name"``.
        custom_objects: more classes and functions by name.
    """
    last = name.rpartition(">")[2]
    scope = {**(custom_objects or {}), **_scope.get()}
    for objects in (scope, _custom_objects):
        if name in objects:
            return objects[name]
        for key, value in objects.items():
            if key.rpartition(">")[2] == last and not (">" in key and ">" in name):
                return value
    return _lampas_object(name)


def _lampas_object(name: str) -> Any:
    return LAMPAS_OBJECTS.get(name) or Module.registered_classes.get(name)


def _own_name(value: Any) -> str:
    name: str = getattr(value, "__name__", type(value).__name__)
    if name == "<lambda>" or not hasattr(value, "__name__"):
        raise ArgumentError(f"{name:.80} has no name under which it can be saved.")
    return name
