"""Metrics of quantities."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp
import numpy as np

from .. import losses
from ..core.variable import Array
from ..losses.base import as_float, check_same_shape
from .base import MeanMetric, NamedMetric, safe_divide, value_weights


@dataclass(frozen=True)
class RootMeanSquaredError(NamedMetric, MeanMetric):
    """``sqrt(mean((y_true - y_pred)**2))``.

    Args:
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.RootMeanSquaredError()([0.0, 0.0], [2.0, -2.0])
        2.0
    """

    name: str = ""
    larger_is_better = False

    def values(self, y_true: Array, y_pred: Array) -> Array:
        check_same_shape(y_true.shape, y_pred.shape, "RootMeanSquaredError")
        return jnp.square(as_float(y_true) - as_float(y_pred))

    def result(self, sums: np.ndarray) -> float:
        return float(np.sqrt(super().result(sums)))

    def results(self, sums: np.ndarray) -> list[float]:
        return np.sqrt(super().results(sums)).tolist()


@dataclass(frozen=True)
class CosineSimilarity(NamedMetric, MeanMetric):
    """Cosine of the angle between target and prediction over the last axis; 1 is perfect.

    The loss of this name is its negative.

    Args:
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> round(lp.metrics.CosineSimilarity()([[1.0, 0.0]], [[2.0, 0.0]]), 3)
        1.0
    """

    name: str = ""
    larger_is_better = True

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return -losses.CosineSimilarity().values(y_true, y_pred)


@dataclass(frozen=True)
class R2Score(NamedMetric):
    """Share of the variance of each output that is explained, averaged; 1 is perfect.

    Outputs are along the last axis. One whose targets are constant has the score 0.

    Sums are float32: where the mean of the targets is more than a hundred times their standard
    deviation (years), a warning asks to subtract it from targets and predictions first.

    Args:
        class_aggregation: "uniform_average" for the mean over the outputs,
            "variance_weighted_average" for their mean weighted by the variance of their targets.
        name: the name in logs and histories.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.R2Score()([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        0.5
    """

    larger_is_better = True
    class_aggregation: Literal["uniform_average", "variance_weighted_average"] = "uniform_average"

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        check_same_shape(y_true.shape, y_pred.shape, "R2Score")
        y = y_true.astype(jnp.float32)
        weights = value_weights(y_pred, y, sample_weight)
        terms = jnp.stack([jnp.square(y - y_pred), y, jnp.square(y), jnp.ones_like(y)])
        outputs = y.shape[-1] if y.ndim > 1 else 1
        return jnp.where(weights != 0, terms * weights, 0).reshape(4, -1, outputs).sum(1).ravel()

    def result(self, sums: np.ndarray) -> float:
        residual, total, squares, count = np.asarray(sums, np.float64).reshape(4, -1)
        variation = squares - np.divide(total**2, count, out=np.zeros_like(count), where=count > 0)
        # Less is the rounding of the sums.
        varies = variation > 4 * np.finfo(np.float32).eps * squares
        if (varies & (variation < 1e-4 * squares)).any():
            warnings.warn(
                "R2Score is inexact: the mean of the targets is more than 100 times their standard "
                "deviation. Subtract it from the targets before training.",
                stacklevel=2,
            )
        scores = 1 - np.divide(residual, variation, out=np.ones_like(variation), where=varies)
        if self.class_aggregation == "uniform_average":
            return float(scores.mean())
        return safe_divide(float(scores @ variation), float(variation.sum()))
