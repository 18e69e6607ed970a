"""Metrics: what people read, where the loss is what training follows.

A metric is a few running sums, so that its value over an epoch is exact whatever the batches:
``update`` gives the sums of one batch, which are added up, and ``result`` turns sums into the
value. Both work inside compiled code; a metric itself holds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import losses
from ..core.errors import ArgumentError, ShapeError, show_shape
from ..core.masks import mask_of
from ..core.registry import resolve, snake_case
from ..core.variable import Array

Sums = Array | np.ndarray
PerExample = Callable[[Array, Array], Array]

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "F1Score",
    "Mean",
    "Metric",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "Sensitivity",
    "SparseCategoricalAccuracy",
    "Specificity",
    "TopKCategoricalAccuracy",
]


class Metric:
    """Base of the metrics: write ``update`` and ``result`` in a class of your own."""

    @property
    def name(self) -> str:
        """Its name in logs and histories."""
        return snake_case(type(self).__name__)

    def update(self, y_true: Array, y_pred: Array) -> Array:
        """The sums of one batch, a vector."""
        raise NotImplementedError(f"{type(self).__name__} needs a method update(y_true, y_pred).")

    def result(self, sums: np.ndarray) -> float:
        """The metric's value from the sums over all batches."""
        raise NotImplementedError(f"{type(self).__name__} needs a method result(sums).")

    def results(self, table: np.ndarray) -> list[float]:
        """The value for each row of a table of sums."""
        return [float(self.result(row)) for row in np.asarray(table, np.float64)]

    def __call__(self, y_true: Any, y_pred: Any) -> float:
        sums = self.update(jnp.asarray(y_true), jnp.asarray(y_pred))
        return float(self.result(np.asarray(sums, np.float64)))


class MeanMetric(Metric):
    """The mean over examples of ``values``; masked steps of the predictions are left out."""

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """One number for each example or element."""
        raise NotImplementedError(f"{type(self).__name__} needs a method values(y_true, y_pred).")

    def update(self, y_true: Array, y_pred: Array) -> Array:
        values = self.values(y_true, y_pred).astype(jnp.float32)
        there = counted(y_pred, values)
        return jnp.stack([jnp.sum(values, where=there), jnp.sum(there).astype(jnp.float32)])

    def result(self, sums: np.ndarray) -> float:
        return ratio(sums[0], sums[1])

    def results(self, table: np.ndarray) -> list[float]:
        return ratios(table)


def counted(y_pred: Array, values: Array) -> Array:
    """Which of the ``values`` of predictions count: all but those of masked steps."""
    mask = mask_of(y_pred)
    if mask is None or values.shape[:2] != mask.shape:
        return jnp.ones(values.shape, bool)
    there = mask.reshape(*mask.shape, *(1,) * (values.ndim - 2))
    return jnp.broadcast_to(there, values.shape)


def ratios(table: np.ndarray) -> list[float]:
    """First column / second column of each row, 0 where there is nothing."""
    part, whole = np.asarray(table, np.float64).T
    return np.divide(part, whole, out=np.zeros_like(part), where=whole != 0).tolist()


def ratio(part: float, whole: float) -> float:
    """``part / whole``, 0 where there is nothing."""
    return float(part / whole) if whole else 0.0


@dataclass(frozen=True)
class Mean(MeanMetric):
    """The mean of any function of (y_true, y_pred), a loss for example, under a name."""

    function: PerExample
    label: str

    @property
    def name(self) -> str:
        return self.label

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return jnp.atleast_1d(self.function(y_true, y_pred))


@dataclass(frozen=True)
class Renamed(Metric):
    """A metric under another name."""

    metric: Metric
    label: str

    @property
    def name(self) -> str:
        return self.label

    def update(self, y_true: Array, y_pred: Array) -> Array:
        return self.metric.update(y_true, y_pred)

    def result(self, sums: np.ndarray) -> float:
        return self.metric.result(sums)

    def results(self, table: np.ndarray) -> list[float]:
        return self.metric.results(table)


@dataclass(frozen=True)
class BinaryAccuracy(MeanMetric):
    """Share of elements on the right side of ``threshold``."""

    threshold: float = 0.5

    def values(self, y_true: Array, y_pred: Array) -> Array:
        losses.same_shape(y_true.shape, y_pred.shape, "BinaryAccuracy")
        return (y_pred > self.threshold) == (y_true > 0.5)


@dataclass(frozen=True)
class CategoricalAccuracy(MeanMetric):
    """Share of rows whose largest prediction is the one-hot target's class."""

    def values(self, y_true: Array, y_pred: Array) -> Array:
        losses.same_shape(y_true.shape, y_pred.shape, "CategoricalAccuracy")
        return jnp.argmax(y_true, -1) == jnp.argmax(y_pred, -1)


@dataclass(frozen=True)
class SparseCategoricalAccuracy(MeanMetric):
    """Share of rows whose largest prediction is the class that the target numbers."""

    def values(self, y_true: Array, y_pred: Array) -> Array:
        _one_number_a_row(y_true, y_pred, "SparseCategoricalAccuracy")
        return y_true.reshape(y_pred.shape[:-1]) == jnp.argmax(y_pred, -1)


def _one_number_a_row(y_true: Array, y_pred: Array, what: str) -> None:
    if y_true.shape not in (y_pred.shape[:-1], (*y_pred.shape[:-1], 1)):
        raise ShapeError(
            f"{what} takes one class number for each row, got targets "
            f"{show_shape(y_true.shape)} and predictions {show_shape(y_pred.shape)}. Of one-hot "
            "targets take y.argmax(-1)."
        )


@dataclass(frozen=True)
class Accuracy(MeanMetric):
    """Binary, categorical or sparse categorical accuracy, whichever fits the shapes."""

    def values(self, y_true: Array, y_pred: Array) -> Array:
        one_column = y_pred.ndim == 1 or y_pred.shape[-1] == 1
        if y_true.shape != y_pred.shape and not one_column:
            return SparseCategoricalAccuracy().values(y_true, y_pred)
        chosen = BinaryAccuracy() if one_column else CategoricalAccuracy()
        return chosen.values(y_true, y_pred)


@dataclass(frozen=True)
class TopKCategoricalAccuracy(MeanMetric):
    """Share of rows whose class is among the ``k`` largest predictions.

    Targets are class numbers or one-hot.
    """

    k: int = 5

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if y_true.shape == y_pred.shape:
            y_true = jnp.argmax(y_true, -1)
        _one_number_a_row(y_true, y_pred, "TopKCategoricalAccuracy")
        labels = y_true.reshape(*y_pred.shape[:-1], 1).astype(jnp.int32)
        score = jnp.take_along_axis(y_pred, labels, -1)
        return jnp.sum(y_pred > score, -1) < self.k


@dataclass(frozen=True)
class RootMeanSquaredError(MeanMetric):
    """``sqrt(mean((y_true - y_pred)**2))``."""

    def values(self, y_true: Array, y_pred: Array) -> Array:
        losses.same_shape(y_true.shape, y_pred.shape, "RootMeanSquaredError")
        return jnp.square(losses.as_float(y_true) - losses.as_float(y_pred))

    def result(self, sums: np.ndarray) -> float:
        return float(np.sqrt(super().result(sums)))

    def results(self, table: np.ndarray) -> list[float]:
        return np.sqrt(super().results(table)).tolist()


@dataclass(frozen=True)
class R2Score(Metric):
    """Share of the targets' variance that is explained, all outputs together; 1 is perfect.

    Sums are float32: where the targets' mean is more than some hundred times their spread (prices,
    years), subtract it from targets and predictions first.
    """

    def update(self, y_true: Array, y_pred: Array) -> Array:
        losses.same_shape(y_true.shape, y_pred.shape, "R2Score")
        y = y_true.astype(jnp.float32)
        there = counted(y_pred, y)
        of = (jnp.square(y - y_pred), y, jnp.square(y), jnp.ones_like(y))
        return jnp.stack([jnp.sum(values, where=there) for values in of])

    def result(self, sums: np.ndarray) -> float:
        residual, total, squares, count = sums
        spread = squares - total**2 / max(count, 1)
        return float(1 - residual / spread) if spread > 0 else 0.0


@dataclass(frozen=True)
class _Counts(Metric):
    """Sums: true positives, predicted positives, actual positives."""

    threshold: float = 0.5

    def update(self, y_true: Array, y_pred: Array) -> Array:
        losses.same_shape(y_true.shape, y_pred.shape, type(self).__name__)
        there = counted(y_pred, y_pred)
        said, true = there & (y_pred > self.threshold), there & (y_true > 0.5)
        return jnp.stack([jnp.sum(said & true), jnp.sum(said), jnp.sum(true)]).astype(jnp.float32)


@dataclass(frozen=True)
class Precision(_Counts):
    """Of those said to be positive, the share that is."""

    def result(self, sums: np.ndarray) -> float:
        return ratio(sums[0], sums[1])


@dataclass(frozen=True)
class Recall(_Counts):
    """Of those that are positive, the share said to be (sensitivity)."""

    def result(self, sums: np.ndarray) -> float:
        return ratio(sums[0], sums[2])


@dataclass(frozen=True)
class F1Score(_Counts):
    """Harmonic mean of precision and recall."""

    def result(self, sums: np.ndarray) -> float:
        return ratio(2 * sums[0], sums[1] + sums[2])


@dataclass(frozen=True)
class _OfAClass(Metric):
    """Sums of one class against the rest: rightly said, said, true, all."""

    positive: int = 1
    threshold: float = 0.5

    def update(self, y_true: Array, y_pred: Array) -> Array:
        said, true = self._said_and_true(y_true, y_pred)
        there = counted(y_pred, true)
        sums = [jnp.sum(of, where=there) for of in (said & true, said, true, there)]
        return jnp.stack(sums).astype(jnp.float32)

    def _said_and_true(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        what = type(self).__name__
        one_column = y_pred.ndim == 1 or y_pred.shape[-1] == 1
        classes = 2 if one_column else y_pred.shape[-1]
        if not 0 <= self.positive < classes:
            raise ArgumentError(
                f"{what}(positive={self.positive}): the predictions tell {classes} classes apart, "
                f"0..{classes - 1}."
            )
        if one_column:
            losses.same_shape(y_true.shape, y_pred.shape, what)
            said, true = y_pred > self.threshold, y_true > 0.5
            return (said, true) if self.positive else (~said, ~true)
        if y_true.shape == y_pred.shape:
            y_true = jnp.argmax(y_true, -1)
        _one_number_a_row(y_true, y_pred, what)
        labels = y_true.reshape(y_pred.shape[:-1])
        return jnp.argmax(y_pred, -1) == self.positive, labels == self.positive


@dataclass(frozen=True)
class Sensitivity(_OfAClass):
    """Of those of the class ``positive``, the share said to be of it; its recall.

    Takes probabilities of class 1, which are said above ``threshold``, or one column for each
    class, of which the largest is said; targets are then class numbers or one-hot.
    Raises ArgumentError when there is no such class.
    """

    def result(self, sums: np.ndarray) -> float:
        return ratio(sums[0], sums[2])


@dataclass(frozen=True)
class Specificity(_OfAClass):
    """Of those of other classes than ``positive``, the share not said to be of it.

    Predictions, targets and errors are those of :class:`Sensitivity`.
    """

    def result(self, sums: np.ndarray) -> float:
        both, said, true, count = sums
        return ratio(count - said - true + both, count - true)


@dataclass(frozen=True)
class AUC(Metric):
    """Area under the ROC curve by trapezoids over ``num_thresholds`` equal steps of the score.

    Predictions are probabilities between 0 and 1, of the shape of the binary targets.
    """

    num_thresholds: int = 200

    @property
    def name(self) -> str:
        return "auc"

    def update(self, y_true: Array, y_pred: Array) -> Array:
        losses.same_shape(y_true.shape, y_pred.shape, "AUC")
        limits = jnp.linspace(0.0, 1.0, self.num_thresholds)[1:-1]
        limits = jnp.concatenate([jnp.array([-1e-7]), limits, jnp.array([1.0 + 1e-7])])
        said = y_pred.reshape(-1, 1) > limits
        true, there = y_true.reshape(-1, 1) > 0.5, counted(y_pred, y_pred).reshape(-1, 1)
        of = (said & true & there, said & ~true & there)
        return jnp.concatenate([jnp.sum(hits, 0) for hits in of]).astype(jnp.float32)

    def result(self, sums: np.ndarray) -> float:
        hits, alarms = np.split(np.asarray(sums, np.float64), 2)
        if not (hits[0] and alarms[0]):
            return 0.0
        return float(-np.trapezoid(hits / hits[0], alarms / alarms[0]))


METRICS: dict[str, Metric] = {
    "acc": Accuracy(),
    "accuracy": Accuracy(),
    "auc": AUC(),
    "binary_accuracy": BinaryAccuracy(),
    "categorical_accuracy": CategoricalAccuracy(),
    "f1_score": F1Score(),
    "precision": Precision(),
    "r2_score": R2Score(),
    "recall": Recall(),
    "root_mean_squared_error": RootMeanSquaredError(),
    "rmse": RootMeanSquaredError(),
    "sensitivity": Sensitivity(),
    "sparse_categorical_accuracy": SparseCategoricalAccuracy(),
    "specificity": Specificity(),
    "top_k_categorical_accuracy": TopKCategoricalAccuracy(),
    **{name: Mean(loss, name) for name, loss in losses.LOSSES.items()},
}


def get(value: Metric | PerExample | str) -> Metric:
    """The metric of that name, the one given, or the mean of a function.

    Raises:
        UnknownNameError: with the nearest right name.
    """
    table: dict[str, Metric | PerExample] = {**METRICS}
    found = resolve("metric", value, table)
    if isinstance(found, Metric):
        return found
    return Mean(found, getattr(found, "__name__", snake_case(type(found).__name__)))
