"""Checks of data that can be trained on but is probably not what was meant."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...core.errors import Shape, ShapeError, format_shape
from ...core.module import Module
from ...losses import Loss, LossFunction, SparseCategoricalCrossentropy
from ..source import is_streamed
from ..step import Tree

_CHANNELS = (1, 3, 4)
"""Numbers of channels by which pictures are recognized."""
_EXPECTED_ROWS = 10
"""By chance a class is missing in so many expected rows once in twenty thousand times."""


def _has_channels(channels: int, height: int, width: int) -> bool:
    return channels in _CHANNELS and min(height, width) > max(_CHANNELS)


def check_channels(x: Tree, input_shape: Shape | None) -> None:
    """Refuse pictures whose channels are at the other end than the model was built for.

    Raises:
        ShapeError: names the transpose to write.
    """
    shape: Shape = getattr(x, "shape", ())
    if input_shape is None or None in input_shape or len(input_shape) != 3 or len(shape) != 4:
        return
    sizes, expected = tuple(shape[1:]), tuple(input_shape)
    last, first = (*sizes[1:], sizes[0]), (sizes[2], *sizes[:2])
    if sizes == expected:
        return
    if last == expected and _has_channels(*sizes):
        _refuse_channels(shape, expected, "first", "x.transpose(0, 2, 3, 1)")
    if first == expected and _has_channels(*first):
        _refuse_channels(shape, expected, "last", "x.transpose(0, 3, 1, 2)")


def _refuse_channels(shape: Shape, expected: Shape, end: str, transpose: str) -> None:
    raise ShapeError(
        f"the model takes pictures of shape {format_shape((None, *expected))}, got "
        f"{format_shape(shape)}, with the channels {end}. Write {transpose}."
    )


@contextmanager
def channels_explained(x: Tree) -> Iterator[None]:
    """A block in which errors of shapes say so if pictures seem to have their channels first."""
    try:
        yield
    except ShapeError as error:
        if advice := _advice(x):
            error.add_note(advice)
        raise


def warn_about_channels(model: Module, x: Tree) -> None:
    """Warn where a convolution was built with the width of the pictures as channels."""
    advice = _advice(x)
    if not advice:
        return
    kernels = (vars(layer).get("kernel") for _, layer in model.modules())
    shapes = (getattr(kernel, "shape", ()) for kernel in kernels)
    first: Shape = next((shape for shape in shapes if len(shape) == 4), ())
    if first[2:3] == x.shape[3:]:
        warnings.warn(advice, stacklevel=2)


def _advice(x: Tree) -> str:
    """What to write for pictures that seem to have their channels first; empty for others."""
    shape: Shape = getattr(x, "shape", ())
    sizes = shape[1:]
    if len(sizes) != 3 or not _has_channels(*sizes) or sizes[2] == sizes[0]:
        return ""
    return (
        f"x has shape {format_shape(shape)}, which looks like pictures with the channels first; "
        f"layers take its last axis, of size {sizes[2]}, as the channels. Write "
        "x.transpose(0, 2, 3, 1)."
    )


def warn_about_classes(y: Any, held_out: Any, loss: LossFunction | None) -> None:
    """Warn where ``validation_split`` holds out classes that the other rows lack, or the reverse.

    Args:
        y: targets to train on.
        held_out: the last ones, for validation.
        loss: the loss, which determines whether integers are classes.
    """
    trained, validated = _classes(y, loss), _classes(held_out, loss)
    if trained is None or validated is None:
        return
    (classes, counts), (held_out_classes, held_out_counts) = trained, validated
    unseen = np.setdiff1d(held_out_classes, classes)
    expected = counts / counts.sum() * held_out_counts.sum()
    absent = np.setdiff1d(classes[expected >= _EXPECTED_ROWS], held_out_classes)
    if unseen.size or absent.size:
        missing = unseen if unseen.size else absent
        among = "the rows to train on" if unseen.size else "the rows held out"
        warnings.warn(
            f"validation_split holds out the last rows, and the classes {missing.tolist()} do not "
            f"occur among {among}: rows seem to be sorted by class. Shuffle them first, order = "
            "np.random.permutation(len(x)); x, y = x[order], y[order], or give validation_data=.",
            stacklevel=2,
        )


def _classes(y: Any, loss: LossFunction | None) -> tuple[np.ndarray, np.ndarray] | None:
    """The classes among targets and how often each occurs; None for targets of another kind."""
    if not isinstance(loss, Loss) or is_streamed(y) or not getattr(y, "shape", ()) or y.ndim > 2:
        return None
    labels = np.asarray(y)
    is_binary = bool(((labels == 0) | (labels == 1)).all())
    if labels.ndim == 2 and labels.shape[1] > 1:
        one_hot = is_binary and bool((labels.sum(1) == 1).all())
        return np.unique(labels.argmax(1), return_counts=True) if one_hot else None
    if not (is_binary or isinstance(loss, SparseCategoricalCrossentropy)):
        return None
    return np.unique(labels.astype(np.int64), return_counts=True)
