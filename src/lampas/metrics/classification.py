"""Metrics of classes: accuracies, rates of right and wrong predictions, the ROC curve."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import jax.numpy as jnp
import numpy as np

from ..core.arguments import Interval, NonNegativeInt, PositiveInt
from ..core.errors import ArgumentError, DataError, Shape, ShapeError, format_shape
from ..core.variable import Array
from ..losses.base import check_same_shape
from .base import MeanMetric, NamedMetric, safe_divide, value_weights


class _ThresholdMetric(NamedMetric):
    """Base of metrics whose ``threshold`` is a probability, or a logit outside of 0..1."""

    larger_is_better = True
    threshold: float

    @property
    def takes_probabilities(self) -> bool:
        return 0 < self.threshold < 1


def _has_one_column(y_pred: Shape) -> bool:
    return len(y_pred) == 1 or y_pred[-1] == 1


def _invalid_binary(y_true: np.ndarray) -> str:
    """Which targets are neither 0 nor 1; empty if there are none."""
    invalid = np.argwhere((y_true != 0) & (y_true != 1))
    if not len(invalid):
        return ""
    value, rows = y_true[tuple(invalid[0])], np.unique(invalid[:, :1]).size
    return f"got the target {value} in row {invalid[0, 0]} ({rows} such rows)"


def _check_binary(y_true: np.ndarray, name: str) -> None:
    if invalid := _invalid_binary(y_true):
        raise DataError(
            f"{name} needs targets 0 and 1, {invalid}. Label the classes 0 and 1; for quantities "
            "use a metric such as 'mae'."
        )


@dataclass(frozen=True)
class BinaryAccuracy(_ThresholdMetric, MeanMetric):
    """Share of elements whose prediction is on the right side of ``threshold``.

    Args:
        name: the name in logs and histories.
        threshold: predictions above it are of class 1. Beside a loss of logits it is a
            probability if it is between 0 and 1, otherwise a logit.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.BinaryAccuracy()([1, 0], [0.9, 0.6])
        0.5
    """

    name: str = ""
    threshold: float = field(default=0.5, kw_only=True)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        check_same_shape(y_true.shape, y_pred.shape, "BinaryAccuracy")
        return (y_pred > self.threshold) == y_true

    def check_targets(self, y_true: Any, y_pred: Any) -> None:
        if invalid := _invalid_binary(y_true):
            warnings.warn(
                f"{self.name} is the share of predictions whose class, 0 or 1, equals the target; "
                f"{invalid}. For quantities use a metric such as 'mae'.",
                stacklevel=2,
            )


@dataclass(frozen=True)
class CategoricalAccuracy(NamedMetric, MeanMetric):
    """Share of rows whose largest prediction is at the class of the one-hot target.

    Args:
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]])
        0.5
    """

    name: str = ""
    larger_is_better = True

    def values(self, y_true: Array, y_pred: Array) -> Array:
        check_same_shape(y_true.shape, y_pred.shape, "CategoricalAccuracy")
        return jnp.argmax(y_true, -1) == jnp.argmax(y_pred, -1)


@dataclass(frozen=True)
class SparseCategoricalAccuracy(NamedMetric, MeanMetric):
    """Share of rows whose largest prediction is at the class of the integer target.

    Args:
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.3, 0.7]])
        0.5
    """

    name: str = ""
    larger_is_better = True

    def values(self, y_true: Array, y_pred: Array) -> Array:
        _check_labels(y_true, y_pred, "SparseCategoricalAccuracy")
        return y_true.reshape(y_pred.shape[:-1]) == jnp.argmax(y_pred, -1)


def _check_labels(y_true: Array, y_pred: Array, name: str) -> None:
    if y_true.shape not in (y_pred.shape[:-1], (*y_pred.shape[:-1], 1)):
        raise ShapeError(
            f"{name} takes one integer class label per row, got targets "
            f"{format_shape(y_true.shape)} and predictions {format_shape(y_pred.shape)}. Convert "
            "one-hot targets by y.argmax(-1)."
        )


@dataclass(frozen=True)
class Accuracy(NamedMetric, MeanMetric):
    """Binary, categorical or sparse categorical accuracy, chosen by the shapes.

    Keras's class of this name compares for equality, so that of probabilities it is 0.

    Args:
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> accuracy = lp.metrics.Accuracy()
        >>> accuracy([1, 0], [0.9, 0.6]), accuracy([1, 1], [[0.1, 0.9], [0.3, 0.7]])
        (0.5, 1.0)
    """

    name: str = ""
    larger_is_better = True

    @property
    def takes_probabilities(self) -> bool:
        return True

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if y_true.shape != y_pred.shape and not _has_one_column(y_pred.shape):
            return SparseCategoricalAccuracy().values(y_true, y_pred)
        accuracy = BinaryAccuracy() if _has_one_column(y_pred.shape) else CategoricalAccuracy()
        return accuracy.values(y_true, y_pred)

    def check_targets(self, y_true: Any, y_pred: Any) -> None:
        if _has_one_column(y_pred):
            BinaryAccuracy(self.name).check_targets(y_true, y_pred)


@dataclass(frozen=True)
class TopKCategoricalAccuracy(NamedMetric, MeanMetric):
    """Share of rows whose class is among the ``k`` largest predictions.

    Targets are integer class labels or one-hot.

    Args:
        k: the number of predictions that count.
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.TopKCategoricalAccuracy(k=2)([0, 2], [[0.3, 0.5, 0.2], [0.5, 0.3, 0.2]])
        0.5
    """

    larger_is_better = True

    k: PositiveInt = 5

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if y_true.shape == y_pred.shape:
            y_true = jnp.argmax(y_true, -1)
        _check_labels(y_true, y_pred, "TopKCategoricalAccuracy")
        labels = y_true.reshape(*y_pred.shape[:-1], 1).astype(jnp.int32)
        score = jnp.take_along_axis(y_pred, labels, -1, mode="clip")
        is_class = (labels >= 0) & (labels < y_pred.shape[-1])
        return (jnp.sum(y_pred > score, -1) < self.k) & is_class[..., 0]


@dataclass(frozen=True)
class _BinaryCounts(_ThresholdMetric):
    """Sums: true positives, predicted positives, actual positives."""

    threshold: float = 0.5

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        check_same_shape(y_true.shape, y_pred.shape, type(self).__name__)
        weights = value_weights(y_pred, y_pred, sample_weight)
        predicted, actual = y_pred > self.threshold, y_true > 0.5
        terms = (predicted & actual, predicted, actual)
        return jnp.stack([jnp.sum(term * weights) for term in terms]).astype(jnp.float32)

    def check_targets(self, y_true: Any, y_pred: Any) -> None:
        _check_binary(y_true, type(self).__name__)


@dataclass(frozen=True)
class Precision(_BinaryCounts):
    """TP / (TP + FP): the share of positive predictions that are correct.

    Args:
        threshold: predictions above it are positive; see :class:`BinaryAccuracy`.
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.Precision()([1, 0, 1], [0.9, 0.8, 0.1])
        0.5
    """

    def result(self, sums: np.ndarray) -> float:
        return safe_divide(sums[0], sums[1])


@dataclass(frozen=True)
class Recall(_BinaryCounts):
    """TP / (TP + FN): the share of actual positives that are predicted positive.

    Args:
        threshold: predictions above it are positive; see :class:`BinaryAccuracy`.
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.Recall()([1, 0, 1], [0.9, 0.8, 0.1])
        0.5
    """

    def result(self, sums: np.ndarray) -> float:
        return safe_divide(sums[0], sums[2])


@dataclass(frozen=True)
class F1Score(NamedMetric):
    """Harmonic mean of precision and recall of each column, averaged over the columns.

    Keras's ``average=None``, one value for each column, is not available: a metric is one number.

    Args:
        average: "macro" for the mean over the columns, "weighted" for their mean weighted by the
            number of positives, "micro" for the value of all columns together.
        threshold: predictions above it are positive; None for the largest one of each row, or for
            0.5 if there is one column.
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.F1Score()([1, 0, 1], [0.9, 0.8, 0.1])
        0.5
    """

    larger_is_better = True
    average: Literal["micro", "macro", "weighted"] = "macro"
    threshold: float | None = None

    @property
    def takes_probabilities(self) -> bool:
        return self.threshold is None or 0 < self.threshold < 1

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        check_same_shape(y_true.shape, y_pred.shape, "F1Score")
        columns = y_pred.shape[-1] if y_pred.ndim > 1 else 1
        if self.threshold is None and columns > 1:
            # Rows of zeros have no positive prediction.
            predicted = (y_pred >= y_pred.max(-1, keepdims=True)) & (jnp.abs(y_pred) > 1e-9)
        else:
            predicted = y_pred > (0.5 if self.threshold is None else self.threshold)
        actual, weights = y_true > 0.5, value_weights(y_pred, y_pred, sample_weight)
        terms = jnp.stack([predicted & actual, predicted, actual]) * weights
        counts = terms.reshape(3, -1, columns).sum(1)
        if self.average == "micro":
            counts = counts.sum(-1)
        return counts.ravel().astype(jnp.float32)

    def check_targets(self, y_true: Any, y_pred: Any) -> None:
        _check_binary(y_true, type(self).__name__)

    def result(self, sums: np.ndarray) -> float:
        correct, predicted, actual = np.asarray(sums, np.float64).reshape(3, -1)
        total = predicted + actual
        scores = np.divide(2 * correct, total, out=np.zeros_like(total), where=total > 0)
        if self.average == "weighted":
            return safe_divide(float(scores @ actual), float(actual.sum()))
        return float(scores.mean())


@dataclass(frozen=True)
class _OneClassMetric(_ThresholdMetric):
    """Sums of one class against the rest: true positives, predicted and actual positives, all."""

    positive: NonNegativeInt = 1
    threshold: float = 0.5

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        predicted, actual = self._predicted_and_actual(y_true, y_pred)
        weights = value_weights(y_pred, actual, sample_weight)
        terms = (predicted & actual, predicted, actual, jnp.ones_like(actual))
        return jnp.stack([jnp.sum(term * weights) for term in terms]).astype(jnp.float32)

    def check_targets(self, y_true: Any, y_pred: Any) -> None:
        if _has_one_column(y_pred):
            _check_binary(y_true, type(self).__name__)

    def _predicted_and_actual(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        name = type(self).__name__
        one_column = _has_one_column(y_pred.shape)
        classes = 2 if one_column else y_pred.shape[-1]
        if not 0 <= self.positive < classes:
            raise ArgumentError(
                f"{name}(positive={self.positive}): the predictions are of {classes} classes, "
                f"0..{classes - 1}."
            )
        if one_column:
            check_same_shape(y_true.shape, y_pred.shape, name)
            predicted, actual = y_pred > self.threshold, y_true > 0.5
            return (predicted, actual) if self.positive else (~predicted, ~actual)
        if y_true.shape == y_pred.shape:
            y_true = jnp.argmax(y_true, -1)
        _check_labels(y_true, y_pred, name)
        labels = y_true.reshape(y_pred.shape[:-1])
        return jnp.argmax(y_pred, -1) == self.positive, labels == self.positive


@dataclass(frozen=True)
class Sensitivity(_OneClassMetric):
    """Share of the examples of class ``positive`` that are predicted as it; its recall.

    Predictions are probabilities of class 1, or one column per class, the largest of which is the
    predicted class; targets are then integer class labels or one-hot.

    Args:
        positive: the class.
        threshold: probabilities of class 1 above it are predictions of class 1.
        name: the name in logs and histories.

    Raises:
        ArgumentError: when the predictions have no such class.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.Sensitivity()([1, 0, 1, 0], [0.9, 0.8, 0.1, 0.2])
        0.5
    """

    def result(self, sums: np.ndarray) -> float:
        return safe_divide(sums[0], sums[2])


@dataclass(frozen=True)
class Specificity(_OneClassMetric):
    """Share of the examples of other classes that are not predicted as class ``positive``.

    Predictions, targets and errors are those of :class:`Sensitivity`.

    Args:
        positive: the class.
        threshold: probabilities of class 1 above it are predictions of class 1.
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.Specificity()([1, 0, 0, 0], [0.9, 0.8, 0.1, 0.2]) > 0.66
        True
    """

    def result(self, sums: np.ndarray) -> float:
        both, predicted, actual, count = sums
        return safe_divide(count - predicted - actual + both, count - actual)


@dataclass(frozen=True)
class AUC(NamedMetric):
    """Area under the ROC curve, by trapezoids between ``num_thresholds`` equal steps of the score.

    Predictions are probabilities, of the shape of the binary targets. Scores below 0 or above 1
    are compared at as many thresholds again, whose distance from 0 and 1 grows by a constant
    factor; a warning says where these are too few.

    Args:
        num_thresholds: the number of points of the curve.
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.AUC()([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8])
        0.75
    """

    larger_is_better = True
    num_thresholds: Annotated[int, Interval(2)] = 200

    @property
    def takes_probabilities(self) -> bool:
        return True

    @property
    def thresholds(self) -> np.ndarray:
        """The scores at which the curve is computed, from minus to plus infinity."""
        inside = np.linspace(0.0, 1.0, self.num_thresholds)[1:-1]
        outside = np.geomspace(1e-2, 1e4, self.num_thresholds // 2)
        below, above = (-np.inf, *-outside[::-1], -1e-7), (1.0 + 1e-7, *1.0 + outside, np.inf)
        return np.concatenate([below, inside, above]).astype(np.float32)

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        check_same_shape(y_true.shape, y_pred.shape, "AUC")
        predicted = y_pred.reshape(-1, 1) > self.thresholds
        actual = y_true.reshape(-1, 1) > 0.5
        weights = value_weights(y_pred, y_pred, sample_weight).reshape(-1, 1)
        terms = (predicted & actual, predicted & ~actual)
        return jnp.concatenate([jnp.sum(term * weights, 0) for term in terms]).astype(jnp.float32)

    def check_targets(self, y_true: Any, y_pred: Any) -> None:
        _check_binary(y_true, type(self).__name__)

    def result(self, sums: np.ndarray) -> float:
        true_positives, false_positives = np.split(np.asarray(sums, np.float64), 2)
        if not (true_positives[0] and false_positives[0]):
            return 0.0
        sensitivity = true_positives / true_positives[0]
        false_positive_rate = false_positives / false_positives[0]
        self._check_resolution(np.diff(sensitivity) * np.diff(false_positive_rate) / 2)
        return float(-np.trapezoid(sensitivity, false_positive_rate))

    def _check_resolution(self, errors: np.ndarray) -> None:
        """Warn if the trapezoids of scores that are not probabilities may be wrong by over 0.02."""
        thresholds = self.thresholds
        error = errors[(thresholds[1:] <= -1e-7) | (thresholds[:-1] >= 1)].sum()
        if error > 0.02:
            warnings.warn(
                f"AUC may be wrong by {error:.2g}: most predictions are not between 0 and 1, and "
                "too close together for its thresholds. Make probabilities of them, by a sigmoid "
                "as activation of the last layer for example.",
                stacklevel=2,
            )
