"""Let a name stand for a thing: ``"relu"``, ``"adam"``, ``"glorot_uniform"``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from .errors import ArgumentError, unknown_name

T = TypeVar("T")


def resolve(kind: str, value: T | str, table: Mapping[str, T]) -> T:
    """The thing that ``value`` names in ``table``; anything but a string is returned as it is.

    Raises:
        UnknownNameError: with the nearest right name.
    """
    if not isinstance(value, str):
        if not callable(value) or isinstance(value, type):
            make = f"; make one: {value.__name__}()" if isinstance(value, type) else ""
            raise ArgumentError(f"{kind} must be a name or a function, got {value!r}{make}.")
        return value
    if value in table:
        return table[value]
    for name, thing in table.items():
        # A class's name will do as well: "GlorotUniform", "ReLU".
        if value != value.lower() and name.replace("_", "") == value.lower():
            return thing
    raise unknown_name(kind, value, table)


def snake_case(name: str) -> str:
    """``MaxPool2D`` -> ``max_pool2d``, ``LSTM`` -> ``lstm``, ``GlorotUniform`` -> ..."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z\d])(?=[A-Z][a-z])", "_", name)
    return parts.lower()
