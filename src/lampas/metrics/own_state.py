"""Metrics written for Keras, with variables and ``update_state``, as metrics of ``compile``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core.functional import preserve_values
from ..core.variable import Array, Variable
from .base import Metric, RenamedMetric


def has_own_state(metric: Metric) -> bool:
    """Whether the class of a metric has an ``update_state`` of its own."""
    return type(metric).update_state is not Metric.update_state


@dataclass(frozen=True)
class OwnStateMetric(RenamedMetric):
    """A metric whose class has ``update_state`` and ``result(self)``.

    Its sums are the number of batches, and the values of its variables after them.
    """

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        self.metric.update_state(*args, **kwargs)

    def reset_state(self) -> None:
        self.metric.reset_state()

    def children(self) -> Iterator[tuple[str, Variable]]:
        return self.metric.children()

    def update(self, y_true: Any, y_pred: Any, sample_weight: Array | None = None) -> Array:
        size = 1 + sum(variable.size for variable in self.metric.variables)
        return self.add(jnp.zeros(size), y_true, y_pred, sample_weight)

    def add(
        self, sums: Array, y_true: Any, y_pred: Any, sample_weight: Array | None = None
    ) -> Array:
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        with self._values(sums):
            self.metric.update_state(y_true, y_pred, **weights)
            values = [jnp.ravel(variable.value) for variable in self.metric.variables]
        return jnp.concatenate([sums[:1] + 1, *values]).astype(jnp.float32)

    def result(self, sums: np.ndarray) -> float:
        with self._values(jnp.asarray(sums, jnp.float32)):
            return float(self.metric.result())  # type: ignore[call-arg]

    def results(self, sums: np.ndarray) -> list[float]:
        return [self.result(row) for row in sums]

    def _result(self) -> Any:
        return self.metric.result()  # type: ignore[call-arg]

    @contextmanager
    def _values(self, sums: Array) -> Iterator[None]:
        """A block in which the variables have the values after the batches of ``sums``."""
        variables = self.metric.variables
        with preserve_values(variables):
            self.metric.reset_state()
            first = 1
            for variable in variables:
                value = sums[first : first + variable.size].reshape(variable.shape)
                variable.value = jnp.where(sums[0] == 0, variable.value, value)
                first += variable.size
            yield
