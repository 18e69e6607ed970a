"""The weight of each example in the loss, from sample weights and class weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from ...core.errors import DataError, format_shape
from ..step import Tree


def example_weights(
    y: Tree, sample_weight: Any | None, class_weight: Mapping[int, float] | str | None
) -> np.ndarray | None:
    """One weight per example, the product of sample and class weight; None if all are 1.

    Args:
        y: targets; class labels or one-hot rows if there are class weights.
        sample_weight: weight of each example, or None.
        class_weight: weight of each class, "balanced", or None.

    Raises:
        DataError: if the weights do not fit the targets.
    """
    if sample_weight is None and class_weight is None:
        return None
    targets = jax.tree.leaves(y)
    if not targets and class_weight is not None:
        raise DataError("class_weight needs class labels as targets, and there are none.")
    if isinstance(sample_weight, Mapping | tuple):
        raise DataError(
            "sample_weight is one number for each example, got several arrays; to weight the "
            "outputs, use compile(loss_weights=...)."
        )
    count = targets[0].shape[0] if targets else len(np.asarray(sample_weight))
    weights = np.ones(count, np.float32)
    if sample_weight is not None:
        sample_weight = np.asarray(sample_weight, np.float32)
        if sample_weight.shape != (count,):
            raise DataError(
                f"sample_weight must be one number for each of {count} examples, got shape "
                f"{format_shape(sample_weight.shape)}."
            )
        weights *= sample_weight
    if class_weight is not None:
        weights *= _weights_by_class(class_labels(y), class_weight)
    return weights


def class_labels(y: Tree) -> np.ndarray:
    """The class of each example, from class labels or one-hot rows.

    Raises:
        DataError: if the targets are several arrays.
    """
    if isinstance(y, Mapping | tuple):
        raise DataError(
            "class_weight is for one array of class labels, and there are several targets; give "
            "sample_weight=, or weights in the loss of that output."
        )
    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] > 1:
        return array.argmax(1)
    return array.reshape(array.shape[0], -1)[:, 0].astype(np.int64)


def _weights_by_class(labels: np.ndarray, class_weight: Mapping[int, float] | str) -> np.ndarray:
    classes, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise DataError(f'class_weight must be a dict or "balanced", got {class_weight!r}.')
        return np.asarray(labels.size / (classes.size * counts), np.float32)[inverse]
    unknown = sorted(set(class_weight) - set(classes.tolist()))
    if unknown:
        raise DataError(
            f"class_weight names the classes {unknown}, which do not occur among the targets "
            f"{classes.tolist()}."
        )
    return np.array([class_weight.get(int(c), 1.0) for c in classes], np.float32)[inverse]
