"""Read arrays from a pickle without running any code that the pickle asks for.

A pickle is a program: Python's own reader runs whatever its author has written. This reader knows
only the names with which NumPy writes arrays, and replaces them by harmless stand-ins. Any other
name is an error.
"""

from __future__ import annotations

import io
import pickle
from typing import Any, Literal

import numpy as np

from ..core.errors import FileError, Shape

ArrayTree = dict[str, Any]
"""Maps names to arrays or to such dicts."""

_DTYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")


def read_pickle(content: bytes, name: str, encoding: Literal["ASCII", "bytes"] = "ASCII") -> Any:
    """Read the arrays and plain Python values in a pickle.

    Args:
        content: the pickle, written with protocol 4 or lower.
        name: name of the file, for messages.
        encoding: how strings of Python 2 are decoded; ``"bytes"`` leaves them as bytes.

    Raises:
        FileError: the pickle asks for anything else, or it is damaged.
    """
    try:
        return _replace_stand_ins(_SafeUnpickler(io.BytesIO(content), encoding=encoding).load())
    except FileError as error:
        raise FileError(f"{name} {error}") from error
    except Exception as error:  # A damaged pickle can raise nearly any exception.
        raise FileError(f"{name} is not a complete pickle of arrays ({error}).") from error


def read_array_tree(content: bytes, name: str) -> ArrayTree:
    """Read a pickle of nested dicts of arrays.

    Args:
        content: the pickle, written with protocol 4 or lower.
        name: name of the file, for messages.

    Raises:
        FileError: the pickle holds or asks for anything else, or it is damaged.
    """
    return _check_tree(read_pickle(content, name), name)


def _check_tree(value: Any, name: str) -> ArrayTree:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise FileError(
            f"{name} must hold a dict of arrays, but holds a value of type {type(value).__name__}."
        )
    for key, item in value.items():
        if not isinstance(item, np.ndarray):
            _check_tree(item, f"{name}/{key}")
    return value


class _DType:
    """Stand-in for ``numpy.dtype``."""

    def __init__(self, code: str | bytes, align: bool = False, copy: bool = False) -> None:
        code = _decode(code)
        if code not in _DTYPES:
            raise FileError(f"holds values of type {code!r}, which is not a plain number type.")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = _decode(state[1])
        if order not in ("<", ">", "|", "="):
            raise FileError(f"holds numbers of the unknown byte order {order!r}.")
        self.dtype = self.dtype.newbyteorder(order)  # type: ignore[arg-type]


class _Array:
    """Stand-in for an array, which NumPy's reader would create empty and then fill."""

    value: np.ndarray

    def __setstate__(self, state: tuple[int, Shape, _DType, bool, bytes]) -> None:
        _, shape, kind, is_fortran, raw = state
        flat = np.frombuffer(raw, kind.dtype).astype(kind.dtype.newbyteorder("="))
        self.value = flat.reshape(shape, order="F" if is_fortran else "C")


class _NdArray:
    """Stand-in for the class ``numpy.ndarray``, which a pickle only names."""


def _reconstruct(kind: type, shape: Shape, code: bytes) -> _Array:
    return _Array()


def _encode_latin1(text: str, encoding: str) -> bytes:
    """Stand-in for ``codecs.encode``, with which Python writes bytes in protocols 0 to 2."""
    if encoding != "latin1":
        raise FileError(f"asks for the codec {encoding!r}, which arrays do not need.")
    return text.encode(encoding)


_STAND_INS = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _NdArray,
    ("numpy", "dtype"): _DType,
    ("_codecs", "encode"): _encode_latin1,
}


class _SafeUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _STAND_INS:
            raise FileError(
                f"asks for {module}.{name}, which arrays do not need. It was not run; do not trust "
                "this file."
            )
        return _STAND_INS[module, name]

    def persistent_load(self, name: Any) -> Any:
        raise FileError(f"asks for an object outside the file, {name!r}, which arrays do not need.")


def _replace_stand_ins(value: Any) -> Any:
    """Replace the stand-ins in dicts, lists and tuples by the arrays that they hold."""
    if isinstance(value, _Array):
        return value.value
    if isinstance(value, dict):
        return {key: _replace_stand_ins(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_replace_stand_ins(item) for item in value)
    return value


def _decode(text: str | bytes) -> str:
    return text.decode("latin-1") if isinstance(text, bytes) else text
