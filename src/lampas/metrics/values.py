"""Metrics of values that a training step or loop of one's own has computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core.arrays import to_device
from ..core.errors import ArgumentError
from ..core.variable import Array
from .base import NamedMetric, safe_divide, value_weights


@dataclass(frozen=True)
class _ValueMetric(NamedMetric):
    """Base of metrics of values that a step or loop of your own has computed."""

    name: str = ""

    def batch_sums(  # type: ignore[override]
        self, values: Any, sample_weight: Any | None = None
    ) -> Array:
        values = to_device(values, "values").astype(jnp.float32)
        weights = None if sample_weight is None else to_device(sample_weight, "sample_weight")
        weights = value_weights(values, values, weights)
        return jnp.stack([jnp.sum(values * weights), jnp.sum(weights, dtype=jnp.float32)])

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        raise ArgumentError(
            f"{self!r} is of values, which you pass to its update_state in a train_step or loop of "
            "your own. compile takes names, metrics of (y_true, y_pred), or functions of them."
        )


@dataclass(frozen=True)
class Mean(_ValueMetric):
    """The mean of values, such as the losses of the batches, in a step or loop of your own.

    Args:
        name: the name.

    Example:
        >>> import lampas as lp
        >>> mean = lp.metrics.Mean(name="loss")
        >>> mean.update_state([1.0, 2.0])
        >>> mean.update_state(6.0)
        >>> mean.result()
        3.0
        >>> mean.reset_state()
        >>> mean.update_state([1.0, 2.0], sample_weight=[3.0, 1.0])
        >>> mean.result()
        1.25
    """

    def result(self, sums: np.ndarray) -> float:
        return safe_divide(sums[0], sums[1])


@dataclass(frozen=True)
class Sum(_ValueMetric):
    """The sum of values in a step or loop of your own.

    Args:
        name: the name.

    Example:
        >>> import lampas as lp
        >>> total = lp.metrics.Sum()
        >>> total.update_state([1.0, 2.0])
        >>> total.update_state([3.0, 4.0], sample_weight=[1.0, 0.0])
        >>> total.result()
        6.0
    """

    def result(self, sums: np.ndarray) -> float:
        return float(sums[0])
