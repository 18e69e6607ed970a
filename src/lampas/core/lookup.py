"""Look up objects by name: ``"relu"``, ``"adam"``, ``"glorot_uniform"``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from .errors import ArgumentError, unknown_name

T = TypeVar("T")


def lookup(kind: str, value: T | str, table: Mapping[str, T]) -> T:
    """The object that ``value`` names in ``table``; a function is returned as it is.

    The name of a class works as well: ``"GlorotUniform"`` for ``"glorot_uniform"``.

    Args:
        kind: what the table holds, for error messages, such as ``"activation"``.
        value: a name or the object itself.
        table: objects by name, in snake case.

    Raises:
        UnknownNameError: for a name that is not in the table; suggests the nearest one.
        ArgumentError: for a class or a value that cannot be called.
    """
    if not isinstance(value, str):
        if not callable(value) or isinstance(value, type):
            hint = f" Write {value.__name__}(...)." if isinstance(value, type) else ""
            raise ArgumentError(f"{kind} must be a name or a function, got {value!r}.{hint}")
        return value
    if value in table:
        return table[value]
    for name, entry in table.items():
        if value != value.lower() and name.replace("_", "") == value.lower():
            return entry
    raise unknown_name(kind, value, table)


def defined_names(module: Mapping[str, Any]) -> dict[str, Any]:
    """The classes and functions that a module has defined so far, from its ``globals()``."""
    origin = module["__name__"]
    return {
        name: value for name, value in module.items() if getattr(value, "__module__", "") == origin
    }


def snake_case(name: str) -> str:
    """A class name in snake case: ``MaxPool2D`` -> ``max_pool2d``, ``LSTM`` -> ``lstm``."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z\d])(?=[A-Z][a-z])", "_", name)
    return parts.lower()
