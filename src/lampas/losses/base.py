"""Base class of the losses, and the checks and averages that they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from ..core.arguments import CheckedFields
from ..core.arrays import to_device
from ..core.errors import ArgumentError, Shape, ShapeError, format_shape
from ..core.lookup import snake_case
from ..core.masks import get_mask
from ..core.variable import Array
from ..saving.config import Configured

LossFunction = Callable[[Array, Array], Array]
"""Called with (y_true, y_pred); returns the loss of each example."""

EPSILON = 1e-7
"""Probabilities are clipped to this distance from 0 and 1 before their logarithm is taken."""


class Loss(Configured, CheckedFields):
    """Base of the losses: write ``call`` (one value per element or row) in your own class.

    A loss is called with (y_true, y_pred) and returns the loss of each example, shape
    ``(batch,)``, of which Keras returns the mean. It is multiplied by ``sample_weight``, of shape
    ``(batch,)`` or ``(batch, steps, ...)``. Masked steps of the predictions are left out: the mean
    of what is returned is the mean over all other steps of the batch, as in Keras, so that a row
    without any counts for nothing.

    Args:
        name: name of the loss, for ``super().__init__(name="...")`` in a class of your own.
        reduction: "sum_over_batch_size", the mean that ``fit`` takes; of another one
            ``compute_loss`` of a model is the place.
        dtype: has no effect.

    Raises:
        ArgumentError: for another reduction.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> class Cubic(lp.Loss):
        ...     def call(self, y_true, y_pred):
        ...         return jnp.abs(y_true - y_pred) ** 3
        >>> Cubic()([[0.0, 0.0], [1.0, 1.0]], [[1.0, 2.0], [1.0, 1.0]]).tolist()
        [4.5, 0.0]
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: Literal["sum_over_batch_size", "mean", "none"] | None = "sum_over_batch_size",
        dtype: str | None = None,
    ) -> None:
        if reduction not in ("sum_over_batch_size", "mean", "none", None):
            raise ArgumentError(
                f"reduction={reduction!r}: a loss returns one value for each example, of which fit "
                "takes the mean. For a sum, override compute_loss of the model."
            )
        self.name = name or snake_case(type(self).__name__)

    @property
    def takes_probabilities(self) -> bool:
        """Whether predictions are probabilities."""
        return False

    @property
    def output_activation(self) -> Callable[[Array], Array] | None:
        """The function that makes probabilities of logits; None if predictions are not logits."""
        return None

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """The loss, shape ``(batch, ...)``; axes after the batch axis are averaged.

        The mean of the batch also works, without ``sample_weight``.

        Args:
            y_true: targets, floating point.
            y_pred: predictions, floating point.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method call(y_true, y_pred).")

    def check_shapes(self, y_true: Shape, y_pred: Shape) -> None:
        """Raise ShapeError unless targets and predictions of these shapes can be compared."""
        check_same_shape(y_true, y_pred, type(self).__name__)

    def check_targets(self, y_true: np.ndarray, y_pred: Shape) -> None:
        """Raise DataError for invalid targets; called once before training starts.

        Args:
            y_true: all targets.
            y_pred: shape of the predictions.
        """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """``call`` for targets and predictions of any dtype, after a check of their shapes."""
        y_true, y_pred = as_float(y_true), as_float(y_pred)
        y_true = match_column(y_true, y_pred)
        self.check_shapes(y_true.shape, y_pred.shape)
        return self.call(y_true, y_pred)

    def __call__(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        values = self.values(y_true, y_pred)
        if sample_weight is not None:
            values = values * weights_like(values, to_device(sample_weight, "sample_weight"))
        return per_example(values, get_mask(y_pred))


def weights_like(values: Array, weights: Array) -> Array:
    """Weights of examples, steps or elements in a shape that broadcasts to ``values``.

    Raises:
        ShapeError: unless the shape of the weights is that of the first axes of ``values``.
    """
    shape = weights.shape
    if shape and not values.ndim:
        raise ShapeError(
            "sample_weight needs a function that returns one number for each example, this one "
            "returned the mean of the batch: average over axis=-1 alone."
        )
    if len(shape) > 1 and shape[-1] == 1:
        shape = shape[:-1]
    if shape != values.shape[: len(shape)]:
        raise ShapeError(
            "sample_weight has one number for each example, or for each of its steps or elements: "
            f"shape {format_shape(values.shape)} or the first axes of it, got "
            f"{format_shape(weights.shape)}."
        )
    return weights.reshape(*shape, *(1,) * (values.ndim - len(shape)))


def as_float(y: Any) -> Array:
    """``y`` as a floating point array: unsigned integers would wrap around when subtracted.

    Raises:
        ShapeError: for several arrays, such as the outputs of a model with several outputs.
    """
    if isinstance(y, Mapping) or (isinstance(y, tuple) and any(hasattr(e, "shape") for e in y)):
        outputs = list(y) if isinstance(y, Mapping) else len(y)
        raise ShapeError(
            f"a loss compares one output with its targets, got several ({outputs}); give compile a "
            'loss for each: loss={"name": "mse", ...}, or a tuple of losses.'
        )
    y = to_device(y, "an argument of the loss")
    return y if jnp.issubdtype(y.dtype, jnp.inexact) else y.astype(jnp.float32)


def per_example(values: Array, mask: Array | None = None) -> Array:
    """Average over all axes except the batch: ``(batch, ...) -> (batch,)``.

    Args:
        values: one value per element or row; a mean of the batch is returned as it is.
        mask: ``(batch, steps)``, true for steps that count. Each row is then scaled by its share
            of these steps, so that the mean over the rows is the mean over the steps that count.
    """
    if values.ndim <= 1:
        return values
    if mask is None:
        return values.reshape(values.shape[0], -1).mean(-1)
    steps = values.reshape(*mask.shape, -1).mean(-1)
    scale = mask.shape[0] / jnp.maximum(mask.sum(), 1)
    return jnp.sum(jnp.where(mask, steps, 0), 1) * scale


def match_column(y_true: Any, y_pred: Any) -> Any:
    """Targets ``(n,)`` for predictions ``(n, 1)``, or the reverse, in the shape of the predictions.

    All other targets are returned as they are.
    """
    shapes = [getattr(y, "shape", ()) for y in (y_true, y_pred)]
    shorter, longer = sorted(shapes, key=len)
    is_column = len(shorter) == 1 and longer == (*shorter, 1)
    return jnp.reshape(y_true, y_pred.shape) if is_column else y_true


def check_same_shape(y_true: Shape, y_pred: Shape, name: str) -> None:
    """Check that targets and predictions have the same shape.

    Shapes that would broadcast silently, such as ``(32, 1)`` and ``(32, 5)``, are an error too.

    Args:
        y_true: shape of the targets.
        y_pred: shape of the predictions.
        name: the loss or metric, for the error message.

    Raises:
        ShapeError: when the shapes differ; says what to change.
    """
    if y_true == y_pred:
        return
    message = (
        f"{name} compares targets and predictions of the same shape, got targets "
        f"{format_shape(y_true)} and predictions {format_shape(y_pred)}."
    )
    if y_pred == (*y_true, 1):
        message += " Give the targets a last axis, y[..., None]; they would broadcast silently."
    elif y_true == (*y_pred, 1):
        message += " Drop the targets' last axis, y[..., 0]; they would broadcast silently."
    elif y_true == y_pred[:-1]:
        message += ' For integer class labels use a loss that begins with "sparse_".'
    raise ShapeError(message)
