"""Plain data with arrays in it, as JSON and a dict of arrays, and back."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import ArgumentError

LONG = 16
"""Lists of more numbers than this are kept as arrays: histories can be long."""


def pack(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """``value`` as JSON; its arrays are put into ``arrays`` under names that begin with ``name``.

    Raises:
        ArgumentError: for a value that is not made of numbers, texts, arrays, lists, tuples and
            dicts; names the place.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.generic():
            return value.item()
        case jax.Array() | np.ndarray():
            arrays[name] = np.asarray(value)
            return {"host" if isinstance(value, np.ndarray) else "device": name}
        case list() if len(value) > LONG and (kind := _alike(value)):
            arrays[name] = np.array(value, kind)
            return {kind: name}
        case list() | tuple():
            packed = [pack(item, f"{name}/{i}", arrays) for i, item in enumerate(value)]
            # A named tuple comes back as a plain one.
            return packed if isinstance(value, list) else {"tuple": packed}
        case dict():
            items = enumerate(value.items())
            return {
                "dict": [
                    [pack(k, name, arrays), pack(v, f"{name}/{i}", arrays)] for i, (k, v) in items
                ]
            }
    raise ArgumentError(
        f"a checkpoint can not keep {name}, a {type(value).__name__}; numbers, texts, arrays, "
        "lists, tuples and dicts it can."
    )


def unpack(form: Any, arrays: dict[str, np.ndarray]) -> Any:
    """The value that :func:`pack` packed."""
    match form:
        case list():
            return [unpack(item, arrays) for item in form]
        case {"tuple": items}:
            return tuple(unpack(item, arrays) for item in items)
        case {"dict": items}:
            return {unpack(key, arrays): unpack(value, arrays) for key, value in items}
        case {"float64": name} | {"int64": name}:
            return arrays[name].tolist()
        case {"host": name}:
            return arrays[name]
        case {"device": name}:
            return jnp.asarray(arrays[name])
    return form


def _alike(numbers: list[Any]) -> str:
    """The dtype of a list of nothing but floats, or whole numbers; empty for others."""
    kinds = {type(number) for number in numbers}
    return {float: "float64", int: "int64"}.get(kinds.pop(), "") if len(kinds) == 1 else ""
