"""Weights alone: a safetensors file of the arrays by path, and their way back into a model."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from ..core.errors import FileError, format_shape
from ..core.functional import assign_values
from ..core.variable import Variable
from .model_file import (
    WEIGHTS,
    Arrays,
    check_path,
    read_file,
    shorten,
    split_state,
    verify_checksum,
    write_file,
)

_MAX_NAMES = 5


def save_weights(
    variables: Mapping[str, Variable], path: str | Path, overwrite: bool = True
) -> None:
    """Write the arrays of variables to a file, atomically.

    Raises:
        FileError: if the file cannot be written.
    """
    arrays = {name: np.asarray(variable.value) for name, variable in variables.items()}
    write_file(check_path(path, overwrite), WEIGHTS, {"format": 1}, arrays)


def load_weights(
    variables: Mapping[str, Variable], path: str | Path, skip_mismatch: bool = False
) -> None:
    """Read the arrays of variables from a file of weights or of a model.

    Args:
        variables: the variables by path.
        path: the file.
        skip_mismatch: whether to assign those that fit, with a warning, if others do not.

    Raises:
        FileError: for a file that cannot be read or is damaged, and unless ``skip_mismatch`` for
            weights of another architecture; nothing is assigned then.
    """
    _, description, arrays = read_file(Path(path))
    try:
        verify_checksum(description, arrays)
    except FileError as error:
        raise FileError(f"{path}: {error}") from error
    weights = _match_numbers(variables, split_state(arrays)[0])
    shapes = {name: (variable.shape, variable.value.dtype) for name, variable in variables.items()}
    fitting = {
        name: array
        for name, array in weights.items()
        if shapes.get(name) == (array.shape, array.dtype)
    }
    if len(fitting) < len(weights.keys() | variables.keys()):
        message = f"the weights of {path} do not fit the model: {_mismatches(variables, weights)}."
        if not skip_mismatch:
            raise FileError(
                f"{shorten(message)} Create the model that was saved, or pass skip_mismatch=True "
                "to load the others."
            )
        warnings.warn(f"{shorten(message)} The others are loaded.", stacklevel=5)
    assign_values(variables, {name: jnp.asarray(array) for name, array in fitting.items()})


def _match_numbers(variables: Mapping[str, Variable], weights: Arrays) -> Arrays:
    """The weights by the paths of the model, if these differ only in the numbers of layers.

    Names such as ``dense_3`` depend on how many layers were created before.
    """
    if set(weights) == set(variables) or len(weights) != len(variables):
        return weights
    by_path = sorted(weights, key=_natural)
    pairs = list(zip(sorted(variables, key=_natural), by_path, strict=True))
    for name, other in pairs:
        if _unnumbered(name) != _unnumbered(other):
            return weights
        if variables[name].shape != weights[other].shape:
            return weights
    return {name: weights[other] for name, other in pairs}


def _natural(path: str) -> list[tuple[str, int]]:
    """A key that sorts ``dense_10`` after ``dense_9``."""
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", path)]


def _unnumbered(path: str) -> str:
    return re.sub(r"_\d+(?=/|$)", "", path)


def _mismatches(variables: Mapping[str, Variable], weights: Arrays) -> str:
    """What is missing, what is left, and what has another shape."""
    missing = [name for name in variables if name not in weights]
    unexpected = [name for name in weights if name not in variables]
    other = [
        f"{name} is {array.dtype}{format_shape(array.shape)} in the file, "
        f"{variables[name].value.dtype}{format_shape(variables[name].shape)} in the model"
        for name, array in weights.items()
        if name in variables
        and (array.shape, array.dtype) != (variables[name].shape, variables[name].value.dtype)
    ]
    parts = {
        "not in the file": missing,
        "not in the model": unexpected,
        "of other shape": other,
    }
    return "; ".join(f"{kind}: {_list(names)}" for kind, names in parts.items() if names)


def _list(names: list[str]) -> str:
    more = len(names) - _MAX_NAMES
    return ", ".join(names[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
