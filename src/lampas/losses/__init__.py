"""Error functions: how wrong a prediction is, one number for each example.

A loss is called with (y_true, y_pred) and returns the error of each example, shape ``(batch,)``.
Where the predictions carry a mask, masked steps are left out.
Targets and predictions must have the same shape: shapes that would broadcast silently, such as
``(32,)`` against ``(32, 1)``, are an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import DataError, Shape, ShapeError, show_shape
from ..core.masks import mask_of
from ..core.registry import resolve
from ..core.variable import Array
from ..kernels.elementwise import absolute

LossFunction = Callable[[Array, Array], Array]
EPSILON = 1e-7
"""Probabilities are kept this far from 0 and 1 before their logarithm is taken."""

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]


class Loss:
    """Base of the losses: write ``error`` (one number an element or row) in a class of yours."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        """The error, shape ``(batch, ...)``; what follows the batch axis is averaged."""
        raise NotImplementedError(f"{type(self).__name__} needs a method error(y_true, y_pred).")

    def check_shapes(self, y_true: Shape, y_pred: Shape) -> None:
        """Raise ShapeError unless targets of one shape can be compared with the predictions."""
        same_shape(y_true, y_pred, type(self).__name__)

    def check_targets(self, y_true: np.ndarray, y_pred: Shape) -> None:
        """Raise DataError for targets that make no sense, before training starts."""

    def __call__(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = as_float(y_true), as_float(y_pred)
        self.check_shapes(y_true.shape, y_pred.shape)
        return per_example(self.error(y_true, y_pred), mask_of(y_pred))


def as_float(y: Any) -> Array:
    """An array of floating point numbers: bytes and other whole numbers would wrap around."""
    if isinstance(y, Mapping) or (isinstance(y, tuple) and any(hasattr(e, "shape") for e in y)):
        parts = list(y) if isinstance(y, Mapping) else len(y)
        raise ShapeError(
            f"a loss compares one output with its targets, got several ({parts}); give compile a "
            'loss for each: loss={"name": "mse", ...}, or a tuple of losses.'
        )
    y = jnp.asarray(y)
    return y if jnp.issubdtype(y.dtype, jnp.inexact) else y.astype(jnp.float32)


def per_example(values: Array, mask: Array | None = None) -> Array:
    """Average over all axes but the batch: ``(batch, ...) -> (batch,)``.

    With a mask (batch, steps) over the steps that count; 0 where none does.
    """
    if values.ndim == 1:
        return values
    if mask is None:
        return values.reshape(values.shape[0], -1).mean(-1)
    steps = values.reshape(*mask.shape, -1).mean(-1)
    return jnp.sum(jnp.where(mask, steps, 0), 1) / jnp.maximum(mask.sum(1), 1)


def same_shape(y_true: Shape, y_pred: Shape, what: str) -> None:
    """Raise ShapeError unless the shapes are equal, with the change to make."""
    if y_true == y_pred:
        return
    message = (
        f"{what} compares targets and predictions of the same shape, got targets "
        f"{show_shape(y_true)} and predictions {show_shape(y_pred)}."
    )
    if y_pred == (*y_true, 1):
        message += " Give the targets a last axis, y[:, None]; they would broadcast silently."
    elif y_true == (*y_pred, 1):
        message += " Drop the targets' last axis, y[:, 0]; they would broadcast silently."
    elif y_true == y_pred[:-1]:
        message += ' For class numbers as targets use a loss that begins with "sparse_".'
    raise ShapeError(message)


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """``mean((y_true - y_pred)**2)``."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        return jnp.square(y_true - y_pred)


@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """``mean(|y_true - y_pred|)``."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        return absolute(y_true - y_pred)


@dataclass(frozen=True)
class MeanAbsolutePercentageError(Loss):
    """``100 * mean(|y_true - y_pred| / max(|y_true|, 1e-7))``."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        return 100.0 * absolute((y_true - y_pred) / jnp.maximum(jnp.abs(y_true), EPSILON))


@dataclass(frozen=True)
class MeanSquaredLogarithmicError(Loss):
    """``mean((log(1 + y_true) - log(1 + y_pred))**2)``, negative values taken as 0."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        true, predicted = (jnp.log1p(jnp.maximum(y, EPSILON)) for y in (y_true, y_pred))
        return jnp.square(true - predicted)


@dataclass(frozen=True)
class Huber(Loss):
    """Squared near zero, straight beyond ``delta`` (Huber, 1964): outliers pull less."""

    delta: float = 1.0

    def error(self, y_true: Array, y_pred: Array) -> Array:
        distance = jnp.abs(y_true - y_pred)
        straight = self.delta * distance - 0.5 * self.delta**2
        return jnp.where(distance <= self.delta, 0.5 * jnp.square(distance), straight)


@dataclass(frozen=True)
class LogCosh(Loss):
    """``log(cosh(y_pred - y_true))``, a smooth relative of the absolute error."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        difference = y_pred - y_true
        return difference + jax.nn.softplus(-2.0 * difference) - math.log(2.0)


@dataclass(frozen=True)
class Poisson(Loss):
    """``y_pred - y_true * log(y_pred)``, for counts."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        return y_pred - y_true * jnp.log(y_pred + EPSILON)


@dataclass(frozen=True)
class Hinge(Loss):
    """``max(1 - y_true * y_pred, 0)``; targets 0 and 1 are read as -1 and 1."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        return jnp.maximum(1.0 - _bipolar(y_true) * y_pred, 0.0)


@dataclass(frozen=True)
class SquaredHinge(Loss):
    """The square of :class:`Hinge`."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        return jnp.square(jnp.maximum(1.0 - _bipolar(y_true) * y_pred, 0.0))


def _bipolar(y: Array) -> Array:
    binary = jnp.all((y == 0) | (y == 1))
    return jnp.where(binary, 2.0 * y - 1.0, y)


@dataclass(frozen=True)
class CategoricalHinge(Loss):
    """``max(largest wrong score - right score + 1, 0)`` over the last axis."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        right = jnp.sum(y_true * y_pred, -1)
        wrong = jnp.max((1.0 - y_true) * y_pred, -1)
        return jnp.maximum(wrong - right + 1.0, 0.0)


@dataclass(frozen=True)
class KLDivergence(Loss):
    """``sum(y_true * log(y_true / y_pred))`` over the last axis."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        true, predicted = (jnp.clip(y, EPSILON, 1.0) for y in (y_true, y_pred))
        return jnp.sum(true * jnp.log(true / predicted), -1)


@dataclass(frozen=True)
class CosineSimilarity(Loss):
    """Minus the cosine of the angle between target and prediction over the last axis."""

    def error(self, y_true: Array, y_pred: Array) -> Array:
        return -jnp.sum(_unit(y_true) * _unit(y_pred), -1)


def _unit(y: Array) -> Array:
    square = jnp.sum(jnp.square(y), -1, keepdims=True)
    return y * jax.lax.rsqrt(jnp.maximum(square, EPSILON**2))


@dataclass(frozen=True)
class BinaryCrossentropy(Loss):
    """``-y log(p) - (1 - y) log(1 - p)`` for targets between 0 and 1.

    Args:
        from_logits: predictions are before the sigmoid.
        label_smoothing: targets are drawn this much toward 1/2.
    """

    from_logits: bool = False
    label_smoothing: float = 0.0

    def error(self, y_true: Array, y_pred: Array) -> Array:
        y = y_true * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
        if self.from_logits:
            return jnp.maximum(y_pred, 0) - y_pred * y + jnp.log1p(jnp.exp(-jnp.abs(y_pred)))
        p = jnp.clip(y_pred, EPSILON, 1.0 - EPSILON)
        return -(y * jnp.log(p) + (1.0 - y) * jnp.log(1.0 - p))

    def check_targets(self, y_true: np.ndarray, y_pred: Shape) -> None:
        if y_true.size and (y_true.min() < 0 or y_true.max() > 1):
            raise DataError(
                f"BinaryCrossentropy needs targets between 0 and 1, got {y_true.min()} to "
                f"{y_true.max()}. Number the two classes 0 and 1; more classes take "
                "sparse_categorical_crossentropy, quantities mse."
            )


@dataclass(frozen=True)
class _ClassLoss(Loss):
    """Crossentropy over the classes of the last axis."""

    from_logits: bool = False
    label_smoothing: float = 0.0

    def crossentropy(self, one_hot: Array, y_pred: Array) -> Array:
        """``-sum(y log(p))`` over the last axis; probabilities are first made to sum to 1."""
        classes = y_pred.shape[-1]
        y = one_hot * (1.0 - self.label_smoothing) + self.label_smoothing / classes
        return -jnp.sum(y * self._log_probabilities(y_pred), -1)

    def _log_probabilities(self, y_pred: Array) -> Array:
        if self.from_logits:
            return jax.nn.log_softmax(y_pred)
        p = y_pred / jnp.sum(y_pred, -1, keepdims=True)
        return jnp.log(jnp.clip(p, EPSILON, 1.0 - EPSILON))


@dataclass(frozen=True)
class CategoricalCrossentropy(_ClassLoss):
    """``-sum(y log(p))`` for one-hot targets, shape ``(batch, ..., classes)``.

    Args:
        from_logits: predictions are before the softmax.
        label_smoothing: targets are drawn this much toward the uniform distribution.
    """

    def error(self, y_true: Array, y_pred: Array) -> Array:
        return self.crossentropy(y_true, y_pred)


@dataclass(frozen=True)
class SparseCategoricalCrossentropy(_ClassLoss):
    """``-log(p[class])`` for class numbers as targets, shape ``(batch, ...)``.

    A last target axis of size 1 is allowed, as in Keras.

    Args:
        from_logits: predictions are before the softmax.
        label_smoothing: targets are drawn this much toward the uniform distribution.
    """

    def error(self, y_true: Array, y_pred: Array) -> Array:
        labels = y_true.reshape(y_pred.shape[:-1]).astype(jnp.int32)
        one_hot = jax.nn.one_hot(labels, y_pred.shape[-1], dtype=y_pred.dtype)
        return self.crossentropy(one_hot, y_pred)

    def check_shapes(self, y_true: Shape, y_pred: Shape) -> None:
        if y_true not in (y_pred[:-1], (*y_pred[:-1], 1)):
            hint = ""
            if y_true == y_pred:
                hint = " For one-hot targets use categorical_crossentropy."
            raise ShapeError(
                "SparseCategoricalCrossentropy takes one class number for each row of "
                f"probabilities, got targets {show_shape(y_true)} and predictions "
                f"{show_shape(y_pred)}.{hint}"
            )

    def check_targets(self, y_true: np.ndarray, y_pred: Shape) -> None:
        classes = y_pred[-1]
        whole = np.issubdtype(y_true.dtype, np.integer)
        if not whole and len(broken := np.argwhere(y_true != np.floor(y_true))):
            raise DataError(
                "SparseCategoricalCrossentropy needs whole class numbers as targets, got "
                f"{y_true[tuple(broken[0])]} in row {broken[0][0]}. "
                "Probabilities of classes take categorical_crossentropy, quantities mse."
            )
        if y_true.size and (y_true.min() < 0 or y_true.max() >= classes):
            wrong = np.argwhere((y_true < 0) | (y_true >= classes))
            raise DataError(
                f"labels must be 0 to {classes - 1} for an output of {classes} classes, got "
                f"{y_true[tuple(wrong[0])]} in row {wrong[0][0]} ({np.unique(wrong[:, 0]).size} "
                "rows in all are out of range). Give the last layer "
                f"{int(y_true.max()) + 1} units, or number the classes from 0."
            )


LOSSES: dict[str, LossFunction] = {
    "binary_crossentropy": BinaryCrossentropy(),
    "categorical_crossentropy": CategoricalCrossentropy(),
    "categorical_hinge": CategoricalHinge(),
    "cosine_similarity": CosineSimilarity(),
    "hinge": Hinge(),
    "huber": Huber(),
    "kl_divergence": KLDivergence(),
    "log_cosh": LogCosh(),
    "mae": MeanAbsoluteError(),
    "mape": MeanAbsolutePercentageError(),
    "mean_absolute_error": MeanAbsoluteError(),
    "mean_absolute_percentage_error": MeanAbsolutePercentageError(),
    "mean_squared_error": MeanSquaredError(),
    "mean_squared_logarithmic_error": MeanSquaredLogarithmicError(),
    "mse": MeanSquaredError(),
    "msle": MeanSquaredLogarithmicError(),
    "poisson": Poisson(),
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy(),
    "squared_hinge": SquaredHinge(),
}


def get(value: LossFunction | str) -> LossFunction:
    """The loss of that name, or the function given.

    Raises:
        UnknownNameError: with the nearest right name.
    """
    return resolve("loss", value, LOSSES)
