"""A data set for training: arrays checked once, then kept on the device, or streamed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...core.errors import DataError, show_shape
from ..step import Batch, Tree
from .streaming import is_lazy, is_streamed, part

PIECE = 4096
"""Rows of streamed data that are looked at together."""


def as_arrays(tree: Tree) -> Tree:
    """Lists, data frames and arrays as arrays; tuples and dicts of them keep their form.

    Memory maps, and what gives rows only when asked, stay as they are.
    """
    if isinstance(tree, Mapping):
        return {key: as_arrays(value) for key, value in tree.items()}
    if isinstance(tree, tuple):
        return tuple(as_arrays(value) for value in tree)
    if tree is None or isinstance(tree, jax.Array | np.memmap) or is_lazy(tree):
        return tree
    try:
        array = np.asarray(tree)
    except ValueError as error:
        raise DataError(f"rows of different lengths are no array: {error}.") from error
    if array.dtype == object or array.dtype.kind in "USMm":
        raise DataError(
            f"the data must be numbers, got an array of dtype {array.dtype} and shape "
            f"{show_shape(array.shape)}. Rows of different lengths or texts can not be trained on."
        )
    return array


def check(x: Tree, y: Tree, weights: Any | None = None, what: str = "the data") -> None:
    """Raise DataError unless there are examples, equally many everywhere, and all are finite.

    ``y`` is ``()`` where no targets are wanted.
    """
    if y is None:
        raise DataError(f"{what} has no targets: y is None.")
    parts = {"x": x, "y": y, "sample_weight": weights}
    counts: dict[str, int] = {}
    for name, tree in parts.items():
        for path, array in _leaves(name, tree):
            if not array.shape:
                raise DataError(f"{path} of {what} is a single number; a batch axis is needed.")
            counts[path] = array.shape[0]
    if not counts or min(counts.values()) == 0:
        empty = [path for path, count in counts.items() if count == 0]
        raise DataError(f"{what} has no examples: {' and '.join(empty) or 'nothing'} is empty.")
    if len(set(counts.values())) > 1:
        shown = ", ".join(f"{path} has {count}" for path, count in counts.items())
        raise DataError(f"{what} must have as many targets as inputs: {shown}.")
    for name, tree in parts.items():
        for path, array in _leaves(name, tree):
            _check_finite(path, array, what)


def _leaves(name: str, tree: Tree | None) -> list[tuple[str, Any]]:
    flat, _ = jax.tree_util.tree_flatten_with_path(tree)
    return [(name + jax.tree_util.keystr(path), leaf) for path, leaf in flat]


def _check_finite(path: str, array: Any, what: str) -> None:
    if not jnp.issubdtype(array.dtype, jnp.inexact):
        return
    # What is on a disk is read in pieces.
    length = PIECE if is_streamed(array) else array.shape[0]
    for start in range(0, array.shape[0], length):
        _check_piece(path, array[start : start + length], start, what)


def _check_piece(path: str, array: Any, start: int, what: str) -> None:
    # The smallest and the largest value show NaN and infinity without a mask as large as the data.
    with np.errstate(over="ignore"):
        if np.isfinite(np.float32(array.min())) and np.isfinite(np.float32(array.max())):
            return
        wrong = np.argwhere(~np.isfinite(np.asarray(array, np.float32)))
    place, rows = wrong[0], np.unique(wrong[:, 0]).size
    value = np.asarray(array)[tuple(place)]
    shown = [start + int(place[0]), *map(int, place[1:])]
    raise DataError(
        f"{path}{shown} of {what} is {value} ({rows} of {array.shape[0]} rows looked at are not "
        "finite as float32). Fill in or drop them: x = x[np.isfinite(x).all(axis=1)]."
    )


def placed(x: Tree, y: Tree | None, weights: Any | None = None) -> Batch:
    """The data where it is to be trained from, as it is: bytes stay bytes.

    That is the device; but if a part is streamed, everything stays with the host.
    """
    data = Batch(x, y, weights)
    if not is_streamed(data):
        return jax.tree.map(jnp.asarray, data)
    return jax.tree.map(lambda leaf: leaf if is_streamed(leaf) else np.asarray(leaf), data)


def split(examples: Tree, fraction: float) -> tuple[Tree, Tree]:
    """The first examples, and the last ``fraction`` of them for validation, as Keras does."""
    count = jax.tree.leaves(examples)[0].shape[0]
    cut = int(count * (1.0 - fraction))
    if not 0.0 < fraction < 1.0 or cut == 0 or cut == count:
        raise DataError(
            f"validation_split={fraction} of {count} examples leaves none to "
            f"{'train on' if cut == 0 else 'validate on'}."
        )
    first = jax.tree.map(lambda array: part(array, 0, cut), examples)
    return first, jax.tree.map(lambda array: part(array, cut, count), examples)


def example_weights(
    y: Tree, sample_weight: Any | None, class_weight: Mapping[int, float] | str | None
) -> np.ndarray | None:
    """One weight an example, from the sample's and its class's weight; None if all are 1."""
    if sample_weight is None and class_weight is None:
        return None
    targets = jax.tree.leaves(y)
    if not targets and class_weight is not None:
        raise DataError("class_weight needs targets, class numbers, and there are none.")
    if isinstance(sample_weight, Mapping | tuple):
        raise DataError(
            "sample_weight is one number for each example, got several arrays; outputs are weighed "
            "against each other by compile(loss_weights=...)."
        )
    count = targets[0].shape[0] if targets else len(np.asarray(sample_weight))
    weights = np.ones(count, np.float32)
    if sample_weight is not None:
        sample_weight = np.asarray(sample_weight, np.float32)
        if sample_weight.shape != (count,):
            raise DataError(
                f"sample_weight must be one number for each of {count} examples, got shape "
                f"{show_shape(sample_weight.shape)}."
            )
        weights *= sample_weight
    if class_weight is not None:
        weights *= _class_weights(_class_numbers(y), class_weight)
    return weights


def _class_numbers(y: Tree) -> np.ndarray:
    if isinstance(y, Mapping | tuple):
        raise DataError(
            "class_weight is for one array of class numbers, and there are several targets; give "
            "sample_weight=, or weights in the loss of that output."
        )
    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] > 1:
        return array.argmax(1)
    return array.reshape(array.shape[0], -1)[:, 0].astype(np.int64)


def _class_weights(labels: np.ndarray, wanted: Mapping[int, float] | str) -> np.ndarray:
    classes, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if isinstance(wanted, str):
        if wanted != "balanced":
            raise DataError(f'class_weight must be a dict or "balanced", got {wanted!r}.')
        return np.asarray(labels.size / (classes.size * counts), np.float32)[places]
    unknown = sorted(set(wanted) - set(classes.tolist()))
    if unknown:
        raise DataError(
            f"class_weight names the classes {unknown}, which do not occur among the targets "
            f"{classes.tolist()}."
        )
    return np.array([wanted.get(int(c), 1.0) for c in classes], np.float32)[places]
