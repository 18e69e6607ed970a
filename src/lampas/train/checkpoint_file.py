"""Read and write checkpoint files: plain data as JSON with arrays beside it, in safetensors."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import ArgumentError
from ..saving.model_file import checksum

FORMAT = 3
DRAFT_PREFIX = ".checkpoint-"
"""Prefix of the folders in which checkpoints are written, before they are moved to their place."""
MAX_INLINE_LENGTH = 16
"""Longer lists of numbers are stored as arrays: histories can be long."""


def write_checkpoint(path: Path, metadata: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write a file atomically.

    Raises:
        OSError: if it cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    text = json.dumps({"format": FORMAT, **metadata})
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    header = {"lampas_fit": text, "checksum": checksum(text, contiguous)}
    # The library writes a draft of its own in the same folder.
    with TemporaryDirectory(prefix=DRAFT_PREFIX, dir=path.parent) as folder:
        draft = Path(folder) / path.name
        try:
            save_file(contiguous, draft, header)
        except SafetensorError as error:
            raise OSError(str(error)) from error
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)


def read_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The metadata and the arrays of a file.

    Raises:
        Exception: various types, if the file is damaged.
    """
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        header = file.metadata() or {}
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if header["checksum"] != checksum(header["lampas_fit"], arrays):
        raise ValueError("its checksum is wrong")
    metadata = json.loads(header["lampas_fit"])
    if metadata["format"] != FORMAT:
        raise ValueError(f"its format is {metadata['format']}, this Lampas reads {FORMAT}")
    return metadata, arrays


def pack(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """Convert ``value`` to JSON, with its arrays added to ``arrays``.

    Args:
        value: numbers, texts, arrays, and lists, tuples and dicts of them.
        name: prefix of the names of the arrays.
        arrays: changed in place.

    Raises:
        ArgumentError: for a value of another type; names its place.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.generic():
            return value.item()
        case jax.Array() | np.ndarray():
            arrays[name] = np.asarray(value)
            return {"host" if isinstance(value, np.ndarray) else "device": name}
        case list() if len(value) > MAX_INLINE_LENGTH and (kind := _common_dtype(value)):
            arrays[name] = np.array(value, kind)
            return {kind: name}
        case list() | tuple():
            packed = [pack(item, f"{name}/{i}", arrays) for i, item in enumerate(value)]
            # A named tuple is restored as a plain one.
            return packed if isinstance(value, list) else {"tuple": packed}
        case dict():
            items = enumerate(value.items())
            return {
                "dict": [
                    [pack(k, name, arrays), pack(v, f"{name}/{i}", arrays)] for i, (k, v) in items
                ]
            }
    raise ArgumentError(
        f"a checkpoint cannot store {name}, a {type(value).__name__}; it can store numbers, texts, "
        "arrays, lists, tuples and dicts."
    )


def unpack(packed: Any, arrays: dict[str, np.ndarray]) -> Any:
    """The value that :func:`pack` packed."""
    match packed:
        case list():
            return [unpack(item, arrays) for item in packed]
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
    return packed


def _common_dtype(values: list[Any]) -> str:
    """The dtype of a list of only floats or only integers; empty for others."""
    kinds = {type(value) for value in values}
    return {float: "float64", int: "int64"}.get(kinds.pop(), "") if len(kinds) == 1 else ""
