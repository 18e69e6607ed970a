"""Losses of classes and probabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np

from ..core.arguments import Fraction
from ..core.errors import DataError, Shape, ShapeError, format_shape
from ..core.masks import get_mask
from ..core.variable import Array
from .base import EPSILON, Loss


@dataclass(frozen=True)
class _Crossentropy(Loss):
    """Base of the losses of probabilities, or of logits."""

    from_logits: bool = False
    label_smoothing: Fraction = 0.0

    @property
    def takes_probabilities(self) -> bool:
        return not self.from_logits


@dataclass(frozen=True)
class BinaryCrossentropy(_Crossentropy):
    """``-y log(p) - (1 - y) log(1 - p)`` for targets between 0 and 1.

    Args:
        from_logits: whether predictions are logits, before the sigmoid.
        label_smoothing: fraction by which the targets are moved toward 1/2.

    Example:
        >>> import lampas as lp
        >>> loss = lp.losses.BinaryCrossentropy()
        >>> round(float(loss([[1.0]], [[0.5]])[0]), 3)
        0.693
    """

    @property
    def output_activation(self) -> Callable[[Array], Array] | None:
        return jax.nn.sigmoid if self.from_logits else None

    def call(self, y_true: Array, y_pred: Array) -> Array:
        y = y_true * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
        if self.from_logits:
            return jnp.maximum(y_pred, 0) - y_pred * y + jnp.log1p(jnp.exp(-jnp.abs(y_pred)))
        p = _clip(y_pred)
        return -(y * jnp.log(p) + (1.0 - y) * jnp.log(1.0 - p))

    def check_targets(self, y_true: np.ndarray, y_pred: Shape) -> None:
        if y_true.size and (y_true.min() < 0 or y_true.max() > 1):
            raise DataError(
                f"BinaryCrossentropy needs targets between 0 and 1, got {y_true.min()} to "
                f"{y_true.max()}. Label the two classes 0 and 1; for more classes use "
                "sparse_categorical_crossentropy, for quantities mse."
            )


@dataclass(frozen=True)
class _CategoricalLoss(_Crossentropy):
    """Crossentropy over the classes of the last axis."""

    @property
    def output_activation(self) -> Callable[[Array], Array] | None:
        return jax.nn.softmax if self.from_logits else None

    def crossentropy(self, one_hot: Array, y_pred: Array) -> Array:
        """``-sum(y log(p))`` over the last axis; probabilities are first scaled to sum to 1."""
        classes = y_pred.shape[-1]
        y = one_hot * (1.0 - self.label_smoothing) + self.label_smoothing / classes
        return -jnp.sum(y * self._log_probabilities(y_pred), -1)

    def _log_probabilities(self, y_pred: Array) -> Array:
        if self.from_logits:
            return jax.nn.log_softmax(y_pred)
        return jnp.log(_clip(y_pred / jnp.sum(y_pred, -1, keepdims=True)))


def _clip(p: Array) -> Array:
    """Probabilities whose logarithm, and that of ``1 - p``, is finite."""
    return jnp.clip(p, EPSILON, 1.0 - EPSILON)


@dataclass(frozen=True)
class CategoricalCrossentropy(_CategoricalLoss):
    """``-sum(y log(p))`` for one-hot targets, shape ``(batch, ..., classes)``.

    Args:
        from_logits: whether predictions are logits, before the softmax.
        label_smoothing: fraction by which the targets are moved toward the uniform distribution.

    Example:
        >>> import lampas as lp
        >>> loss = lp.losses.CategoricalCrossentropy()
        >>> round(float(loss([[0, 1]], [[0.5, 0.5]])[0]), 3)
        0.693
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return self.crossentropy(y_true, y_pred)


@dataclass(frozen=True)
class SparseCategoricalCrossentropy(_CategoricalLoss):
    """``-log(p[class])`` for integer class labels as targets, shape ``(batch, ...)``.

    A last target axis of size 1 is allowed, as in Keras.

    Args:
        from_logits: whether predictions are logits, before the softmax.
        label_smoothing: fraction by which the targets are moved toward the uniform distribution.

    Example:
        >>> import lampas as lp
        >>> loss = lp.losses.SparseCategoricalCrossentropy()
        >>> round(float(loss([1], [[0.5, 0.5]])[0]), 3)
        0.693
    """

    label_smoothing: Fraction = field(default=0.0, kw_only=True)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        if not isinstance(y_true, jax.core.Tracer) and get_mask(y_pred) is None:
            self.check_targets(np.asarray(y_true), y_pred.shape)
        labels = y_true.reshape(y_pred.shape[:-1]).astype(jnp.int32)
        one_hot = jax.nn.one_hot(labels, y_pred.shape[-1], dtype=y_pred.dtype)
        return self.crossentropy(one_hot, y_pred)

    def check_shapes(self, y_true: Shape, y_pred: Shape) -> None:
        if y_true not in (y_pred[:-1], (*y_pred[:-1], 1)):
            hint = ""
            if y_true == y_pred:
                hint = " For one-hot targets use categorical_crossentropy."
            raise ShapeError(
                "SparseCategoricalCrossentropy takes one class label for each row of "
                f"probabilities, got targets {format_shape(y_true)} and predictions "
                f"{format_shape(y_pred)}.{hint}"
            )

    def check_targets(self, y_true: np.ndarray, y_pred: Shape) -> None:
        classes = y_pred[-1]
        integers = np.issubdtype(y_true.dtype, np.integer)
        if not integers and len(fractional := np.argwhere(y_true != np.floor(y_true))):
            raise DataError(
                "SparseCategoricalCrossentropy needs integer class labels as targets, got "
                f"{y_true[tuple(fractional[0])]} in row {fractional[0][0]}. "
                "For probabilities of classes use categorical_crossentropy, for quantities mse."
            )
        if y_true.size and (y_true.min() < 0 or y_true.max() >= classes):
            invalid = np.argwhere((y_true < 0) | (y_true >= classes))
            advice = "Number the classes from 0"
            if y_true.min() >= 0:
                advice += f", or give the last layer {int(y_true.max()) + 1} units"
            raise DataError(
                f"labels must be 0 to {classes - 1} for an output of {classes} classes, got "
                f"{y_true[tuple(invalid[0])]} in row {invalid[0][0]} "
                f"({np.unique(invalid[:, 0]).size} such rows). {advice}."
            )


@dataclass(frozen=True)
class KLDivergence(Loss):
    """``sum(y_true * log(y_true / y_pred))`` over the last axis.

    Example:
        >>> import lampas as lp
        >>> loss = lp.losses.KLDivergence()
        >>> round(float(loss([[1.0, 0.0]], [[0.5, 0.5]])[0]), 3)
        0.693
    """

    takes_probabilities = True

    def call(self, y_true: Array, y_pred: Array) -> Array:
        p_true, p_pred = (jnp.clip(y, EPSILON, 1.0) for y in (y_true, y_pred))
        return jnp.sum(p_true * jnp.log(p_true / p_pred), -1)


@dataclass(frozen=True)
class Hinge(Loss):
    """``max(1 - y_true * y_pred, 0)``; targets 0 and 1 are converted to -1 and 1.

    Example:
        >>> import lampas as lp
        >>> lp.losses.Hinge()([[1.0, 0.0]], [[0.5, 0.5]]).tolist()
        [1.0]
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return jnp.maximum(1.0 - _bipolar(y_true) * y_pred, 0.0)


@dataclass(frozen=True)
class SquaredHinge(Loss):
    """The square of :class:`Hinge`.

    Example:
        >>> import lampas as lp
        >>> lp.losses.SquaredHinge()([[1.0, 0.0]], [[0.5, 0.5]]).tolist()
        [1.25]
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return jnp.square(jnp.maximum(1.0 - _bipolar(y_true) * y_pred, 0.0))


def _bipolar(y: Array) -> Array:
    binary = jnp.all((y == 0) | (y == 1))
    return jnp.where(binary, 2.0 * y - 1.0, y)


@dataclass(frozen=True)
class CategoricalHinge(Loss):
    """``max(largest score of a wrong class - score of the right class + 1, 0)``.

    Targets are one-hot; scores are along the last axis.

    Example:
        >>> import lampas as lp
        >>> lp.losses.CategoricalHinge()([[0, 1]], [[0.25, 0.5]]).tolist()
        [0.75]
    """

    def call(self, y_true: Array, y_pred: Array) -> Array:
        right = jnp.sum(y_true * y_pred, -1)
        wrong = jnp.max((1.0 - y_true) * y_pred, -1)
        return jnp.maximum(wrong - right + 1.0, 0.0)
