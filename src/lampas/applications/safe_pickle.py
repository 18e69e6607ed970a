"""Arrays out of a pickle without running anything that it asks for.

A pickle is a program: reading one with Python's own reader may do whatever its author likes. The
reader here knows four names, those by which NumPy writes arrays, and puts harmless stand-ins in
their place. Any other name ends it.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

from ..core.errors import FileError, Shape

_TYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")

Tree = dict[str, Any]
"""Names to arrays or to such trees."""


def read_pickle(content: bytes, name: str) -> Tree:
    """The dicts of arrays in a pickle.

    Raises FileError, which begins with ``name``, when it asks for anything else, or is damaged.
    """
    try:
        found = _Reader(io.BytesIO(content)).load()
    except FileError as error:
        raise FileError(f"{name} {error}") from error
    except Exception as error:  # A damaged pickle makes its reader raise nearly anything.
        raise FileError(f"{name} is no whole pickle of arrays ({error}).") from error
    return _tree(found, name)


class _Type:
    """Stands for ``numpy.dtype``."""

    def __init__(self, code: str, align: bool = False, copy: bool = False) -> None:
        if code not in _TYPES:
            raise FileError(f"holds values of type {code!r}, which is no type of plain numbers.")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1]
        if order not in ("<", ">", "|", "="):
            raise FileError(f"holds numbers of the byte order {order!r}.")
        self.dtype = self.dtype.newbyteorder(order)


class _Array:
    """Stands for an array that NumPy would have made empty and then filled."""

    value: np.ndarray

    def __setstate__(self, state: tuple[int, Shape, _Type, bool, bytes]) -> None:
        _, shape, kind, fortran, raw = state
        flat = np.frombuffer(raw, kind.dtype).astype(kind.dtype.newbyteorder("="))
        self.value = flat.reshape(shape, order="F" if fortran else "C")


class _NdArray:
    """Stands for the class ``numpy.ndarray``, which a pickle names and nothing more."""


def _reconstruct(kind: type, shape: Shape, code: bytes) -> _Array:
    return _Array()


_KNOWN = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _NdArray,
    ("numpy", "dtype"): _Type,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            raise FileError(
                f"asks for {module}.{name}, which plain arrays have no need of. It was not run; do "
                "not trust this file."
            )
        return _KNOWN[module, name]

    def persistent_load(self, name: Any) -> Any:
        raise FileError(f"asks for something outside itself, {name!r}; plain arrays do not.")


def _tree(value: Any, name: str) -> Tree:
    """Dicts of arrays with stand-ins replaced by what they stand for."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise FileError(f"{name} holds no dict of arrays, but {type(value).__name__.lstrip('_')}.")
    return {
        key: part.value if isinstance(part, _Array) else _tree(part, f"{name}/{key}")
        for key, part in value.items()
    }
