"""Metrics of quantities."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from ..core.variable import Array
from ..losses.base import as_float, check_same_shape
from .base import MeanMetric, Metric, valid_mask


@dataclass(frozen=True)
class RootMeanSquaredError(MeanMetric):
    """``sqrt(mean((y_true - y_pred)**2))``.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.RootMeanSquaredError()([0.0, 0.0], [2.0, -2.0])
        2.0
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        check_same_shape(y_true.shape, y_pred.shape, "RootMeanSquaredError")
        return jnp.square(as_float(y_true) - as_float(y_pred))

    def result(self, sums: np.ndarray) -> float:
        return float(np.sqrt(super().result(sums)))

    def results(self, sums: np.ndarray) -> list[float]:
        return np.sqrt(super().results(sums)).tolist()


@dataclass(frozen=True)
class R2Score(Metric):
    """Share of the targets' variance that is explained, over all outputs; 1 is perfect.

    Sums are float32: where the mean of the targets is more than some hundred times their standard
    deviation (prices, years), subtract it from targets and predictions first.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.R2Score()([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        0.5
    """

    def update(self, y_true: Array, y_pred: Array) -> Array:
        check_same_shape(y_true.shape, y_pred.shape, "R2Score")
        y = y_true.astype(jnp.float32)
        valid = valid_mask(y_pred, y)
        terms = (jnp.square(y - y_pred), y, jnp.square(y), jnp.ones_like(y))
        return jnp.stack([jnp.sum(values, where=valid) for values in terms])

    def result(self, sums: np.ndarray) -> float:
        residual, total, squares, count = sums
        variation = squares - total**2 / max(count, 1)
        return float(1 - residual / variation) if variation > 0 else 0.0
