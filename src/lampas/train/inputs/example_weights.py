"""The weights of examples, steps or elements in the loss, from sample weights and class weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from ...core.errors import DataError, format_shape
from ...core.module import Module
from ...layers.masking import Masking
from ...losses import Loss, LossFunction, SparseCategoricalCrossentropy
from ..step import Tree


def example_weights(
    y: Tree,
    sample_weight: Any | None,
    class_weight: Mapping[int, float] | str | None,
    loss: LossFunction | None = None,
    *,
    is_batch: bool = False,
) -> np.ndarray | None:
    """The product of sample and class weight; None if all are 1.

    Shape: ``(n,)``, one weight per example; or one per step or element, ``(n, steps, ...)``, if the
    sample weights have that shape, or if each step or element has a class.

    Args:
        y: targets; if there are class weights, integer labels, or one-hot along the last axis.
        sample_weight: weight of each example, step or element, or None.
        class_weight: weight of each class, "balanced", or None.
        loss: the loss that is weighted.
        is_batch: whether ``y`` is one of several batches, which need not have all classes.

    Raises:
        DataError: if the weights do not fit the targets.
    """
    weights = None
    if sample_weight is not None:
        weights = _checked(sample_weight, jax.tree.leaves(y), loss)
    if class_weight is not None:
        by_class = _weights_by_class(class_labels(y, loss), class_weight, is_batch)
        weights = by_class if weights is None else _product(weights, by_class)
    return weights


def check_padding(model: Module, class_weight: Mapping[int, float] | str | None) -> None:
    """Raise DataError for the class weight "balanced" of steps if the model masks some of them."""
    layers = (layer for _, layer in model.modules())
    if class_weight == "balanced" and any(
        isinstance(layer, Masking) or getattr(layer, "mask_zero", False) for layer in layers
    ):
        raise DataError(
            'class_weight="balanced" would count the labels of padded steps too, which the model '
            "masks: give the weight of each class, {0: 1.0, 1: 5.0} for example."
        )


def class_labels(y: Tree, loss: LossFunction | None) -> np.ndarray:
    """The class of each example, or of each of its steps or elements.

    Args:
        y: integer labels, or one-hot along the last axis.
        loss: the loss that is weighted.

    Raises:
        DataError: if there are no targets, several arrays, or targets that are not of one class.
    """
    if isinstance(y, Mapping | tuple):
        raise DataError(
            "class_weight is for one array of class labels, and there are "
            f"{'several' if y else 'no'} targets; give sample_weight=, or weights in the loss of "
            "that output."
        )
    array = np.asarray(y)
    if array.ndim > 1 and array.shape[-1] == 1:
        array = array[..., 0]
    elif array.ndim > 1 and not isinstance(loss, SparseCategoricalCrossentropy):
        array = _one_hot_labels(array)
    if array.ndim > 1 and not isinstance(loss, Loss):
        raise DataError(
            f"class_weight: each example has {format_shape(array.shape[1:])} classes, and the loss "
            "is not one of lampas.losses; weight them in your own loss, or give sample_weight=."
        )
    labels = array.astype(np.int64)
    if len(wrong := np.argwhere(labels != array)):
        raise DataError(
            "class_weight needs integer class labels as targets, got "
            f"{array[tuple(wrong[0])]} in row {wrong[0][0]}. For other targets give sample_weight=."
        )
    return labels


def _one_hot_labels(array: np.ndarray) -> np.ndarray:
    is_one_hot = ((array == 0) | (array == 1)).all(-1) & (array.sum(-1) == 1)
    if not is_one_hot.all():
        index = tuple(np.argwhere(~is_one_hot)[0])
        raise DataError(
            "class_weight needs targets of one class each, one-hot along the last axis, got "
            f"{np.array2string(array[index], threshold=6)} in row {index[0]}. Give "
            f"sample_weight= instead: a weight for each example, or for each element, shape "
            f"{format_shape(array.shape)}."
        )
    return array.argmax(-1)


def _checked(sample_weight: Any, targets: list[Any], loss: LossFunction | None) -> np.ndarray:
    """Sample weights as an array that fits the targets."""
    if isinstance(sample_weight, Mapping | tuple):
        raise DataError(
            "sample_weight is one number for each example, got several arrays; to weight the "
            "outputs, use compile(loss_weights=...)."
        )
    weights = np.asarray(sample_weight, np.float32)
    if weights.ndim > 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    shape = tuple(targets[0].shape) if targets else weights.shape[:1]
    per_element = len(targets) == 1 and isinstance(loss, Loss)
    allowed = shape[: weights.ndim] if per_element else shape[:1]
    if weights.ndim == 0 or weights.shape != allowed:
        raise DataError(
            f"sample_weight must be one number for each of {shape[0]} examples"
            f"{', or for each of their steps or elements' if per_element else ''}, got shape "
            f"{format_shape(weights.shape)}."
        )
    return weights


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The product of two arrays whose first axes are the same; the shorter shape is repeated."""
    ndim = max(a.ndim, b.ndim)
    a, b = (array.reshape(*array.shape, *(1,) * (ndim - array.ndim)) for array in (a, b))
    return a * b


def _weights_by_class(
    labels: np.ndarray, class_weight: Mapping[int, float] | str, is_batch: bool
) -> np.ndarray:
    classes, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if isinstance(class_weight, Mapping):
        unknown = sorted(set(class_weight) - set(classes.tolist()))
        if unknown and not is_batch:
            raise DataError(
                f"class_weight names the classes {unknown}, which do not occur among the targets "
                f"{classes.tolist()}."
            )
        weights = np.array([class_weight.get(int(c), 1.0) for c in classes])
        if not (np.abs(weights) <= np.finfo(np.float32).max).all():
            raise DataError(f"class_weight must have finite numbers, got {dict(class_weight)}.")
    elif isinstance(class_weight, str) and class_weight == "balanced":
        weights = labels.size / (classes.size * counts)
    else:
        raise DataError(f'class_weight must be a dict or "balanced", got {class_weight!r:.60}.')
    return np.asarray(weights, np.float32)[inverse].reshape(labels.shape)
