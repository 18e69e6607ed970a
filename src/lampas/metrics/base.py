"""Base classes of the metrics, and the sums and divisions that they share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from ..core.arguments import CheckedFields
from ..core.arrays import to_device
from ..core.errors import ArgumentError, ShapeError, format_shape
from ..core.lookup import snake_case
from ..core.masks import get_mask, set_mask
from ..core.variable import Array
from ..losses.base import Loss, match_column, weights_like
from ..saving.config import Configured
from .state import StatefulMetric

Sums = Array | np.ndarray
"""Running sums of a metric, a vector."""
PerExample = Callable[[Array, Array], Array]
"""Called with (y_true, y_pred); returns one value per example."""
Activation = Callable[[Array], Array]
"""The sigmoid or softmax function."""


class Metric(Configured, StatefulMetric, CheckedFields):
    """Base of the metrics: write ``update`` and ``result`` in your own class.

    A metric computes a few sums of each batch, which are added up over an epoch, and its value
    from the totals; so the value does not depend on how the data is divided into batches.
    ``update`` runs in compiled code. Called as a function, with (y_true, y_pred) and weights of the
    examples if there are any, a metric returns the value for one batch.

    In a loop or a ``train_step`` of your own, ``update_state(y_true, y_pred)`` adds a batch to the
    state of the metric, ``result()`` is the value for all batches, ``reset_state()`` forgets them.
    A call as a function adds its batch, too.

    In ``compile(weighted_metrics=...)`` examples count by their weights: ``update`` then needs the
    argument ``sample_weight``.

    Callbacks that monitor the metric read ``larger_is_better``: set it to True or False in your
    class.

    A class written for Keras, with variables from ``add_weight``, ``update_state`` and
    ``result(self)``, works as well.

    Args:
        dtype: ignored: sums are float32.
        name: the name in logs and histories; by default that of the class.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> class MaxError(lp.Metric):
        ...     larger_is_better = False
        ...
        ...     def update(self, y_true, y_pred):
        ...         return jnp.stack([jnp.sum(jnp.abs(y_true - y_pred) > 1), y_true.size])
        ...
        ...     def result(self, sums):
        ...         return sums[0] / sums[1]
        >>> MaxError()([0.0, 0.0], [0.5, 2.0])
        0.5
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        vars(self)["_name"] = name

    @property
    def name(self) -> str:
        """The name in logs and histories."""
        return vars(self).get("_name") or snake_case(type(self).__name__)

    @property
    def larger_is_better(self) -> bool | None:
        """Whether an increase is an improvement; None if that is not known."""
        return None

    @property
    def is_weighted(self) -> bool:
        """Whether ``fit`` and ``evaluate`` pass weights of the examples to ``update``."""
        return False

    @property
    def takes_probabilities(self) -> bool:
        """Whether predictions are probabilities, so that logits must be converted to them."""
        return False

    def for_logits(self, activation: Activation) -> Metric:
        """This metric for logits, of which ``activation`` makes probabilities."""
        return LogitsMetric(self, self.name, activation) if self.takes_probabilities else self

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        """The sums of one batch, a vector.

        Args:
            y_true: targets of the batch.
            y_pred: predictions of the batch.
            sample_weight: weight of each example, step or element; None if all count the same.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method update(y_true, y_pred).")

    def add(
        self, sums: Array, y_true: Any, y_pred: Any, sample_weight: Array | None = None
    ) -> Array:
        """The sums of several batches after one more.

        Args:
            sums: the sums of the batches before.
            y_true: targets of the batch.
            y_pred: predictions of the batch.
            sample_weight: as for ``update``.
        """
        return sums + compute_sums(self, y_true, y_pred, sample_weight).astype(sums.dtype)

    def check_targets(self, y_true: Any, y_pred: Any) -> None:
        """Raise DataError for invalid targets; called once before training starts.

        Args:
            y_true: all targets.
            y_pred: shape of the predictions.
        """

    def result(self, sums: np.ndarray) -> float:
        """The value of the metric.

        Args:
            sums: the sums over all batches.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method result(sums).")

    def results(self, sums: np.ndarray) -> list[float]:
        """The value for each row of ``sums``, one row per epoch."""
        return [float(self.result(row)) for row in np.asarray(sums, np.float64)]

    def batch_sums(self, y_true: Any, y_pred: Any, sample_weight: Any | None = None) -> Array:
        weights = None if sample_weight is None else to_device(sample_weight, "sample_weight")
        if not any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(y_true)):
            self.check_targets(np.asarray(y_true), np.shape(y_pred))
        y_true, y_pred = to_device(y_true, "y_true"), to_device(y_pred, "y_pred")
        return compute_sums(self, y_true, y_pred, weights)


def compute_sums(metric: Metric, y_true: Any, y_pred: Any, weights: Array | None = None) -> Array:
    """The sums of a metric for one batch, a vector.

    Raises:
        ArgumentError: for weights, if the metric does not take them.
        ShapeError: if ``update`` does not return a vector.
    """
    y_true = match_column(y_true, y_pred)
    if weights is None:
        sums = metric.update(y_true, y_pred)
    elif "sample_weight" in inspect.signature(metric.update).parameters:
        sums = metric.update(y_true, y_pred, weights)
    else:
        raise ArgumentError(
            f"update of the metric {metric.name!r} takes no weights; write update(self, y_true, "
            "y_pred, sample_weight=None), or pass the metric as metrics= instead of "
            "weighted_metrics=."
        )
    if jnp.ndim(sums) != 1:
        raise ShapeError(
            f"update of the metric {metric.name!r} must return a vector of sums, "
            f"jnp.stack([total, count]) for example; it returned shape {format_shape(sums.shape)}."
        )
    return sums


class MeanMetric(Metric):
    """Base of metrics that average ``values`` over examples by weight, without masked steps."""

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """One value per example or element."""
        raise NotImplementedError(f"{type(self).__name__} needs a method values(y_true, y_pred).")

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        values = self.values(y_true, y_pred).astype(jnp.float32)
        if values.ndim == 0 and sample_weight is None:  # the mean of the batch
            values = jnp.broadcast_to(values, jax.tree.leaves(y_pred)[0].shape[:1])
        weights = value_weights(y_pred, values, sample_weight)
        total = jnp.sum(values * weights, where=weights != 0)
        return jnp.stack([total, jnp.sum(weights).astype(jnp.float32)])

    def result(self, sums: np.ndarray) -> float:
        return safe_divide(sums[0], sums[1])

    def results(self, sums: np.ndarray) -> list[float]:
        return divide_sums(sums)


def value_weights(y_pred: Array, values: Array, sample_weight: Array | None = None) -> Array:
    """The weight of each of the ``values``; 0 for steps that the mask of the predictions excludes.

    Shape: that of ``values``; boolean if there are no sample weights.
    """
    mask, weights = get_mask(y_pred), jnp.ones(values.shape, bool)
    if mask is not None and values.shape[:2] == mask.shape:
        weights = weights & mask.reshape(*mask.shape, *(1,) * (values.ndim - 2))
    return weights if sample_weight is None else weights * weights_like(values, sample_weight)


def divide_sums(sums: np.ndarray) -> list[float]:
    """First column / second column of each row, 0 where the second is 0."""
    numerator, denominator = np.asarray(sums, np.float64).T
    ratios = np.zeros_like(numerator)
    return np.divide(numerator, denominator, out=ratios, where=denominator != 0).tolist()


def safe_divide(numerator: float, denominator: float) -> float:
    """``numerator / denominator``, 0 if the denominator is 0."""
    return float(numerator / denominator) if denominator else 0.0


@dataclass(frozen=True)
class MeanMetricWrapper(MeanMetric):
    """The mean of a function of (y_true, y_pred), for example of a loss.

    Args:
        fn: returns one value per example or element. The mean of the batch also works: the value of
            an epoch weights it by the examples of the batch, masked steps included.
        name: the name in logs and histories, by default that of the function.

    Raises:
        ShapeError: for a function that returns another shape, and for weights of the examples if it
            returns the mean of the batch.

    Example:
        >>> import lampas as lp
        >>> metric = lp.metrics.MeanMetricWrapper(lambda y_true, y_pred: y_pred - y_true, "bias")
        >>> metric.name, metric([1.0, 2.0], [2.0, 4.0])
        ('bias', 1.5)
    """

    fn: PerExample
    name: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        name = self.name or getattr(self.fn, "__name__", snake_case(type(self.fn).__name__))
        object.__setattr__(self, "name", name)

    @property
    def larger_is_better(self) -> bool | None:
        return False if isinstance(self.fn, Loss) else None

    @property
    def takes_probabilities(self) -> bool:
        return isinstance(self.fn, Loss) and self.fn.takes_probabilities

    def for_logits(self, activation: Activation) -> Metric:
        if self.takes_probabilities and hasattr(self.fn, "from_logits"):
            loss: Any = replace(cast(Any, self.fn), from_logits=True)
            if loss.output_activation is activation:
                return replace(self, fn=loss)
        return super().for_logits(activation)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if isinstance(self.fn, Loss):
            return self.fn.values(y_true, y_pred)
        values, rows = self.fn(y_true, y_pred), len(jax.tree.leaves(y_pred)[0])
        if jnp.shape(values)[:1] not in ((), (rows,)):
            raise ShapeError(
                f"the metric {self.name!r} must return one value for each of the {rows} examples "
                f"of a batch, it returned shape {format_shape(jnp.shape(values))}. Average over "
                "axis=-1, or write a class with update and result: lampas.Metric."
            )
        return jnp.asarray(values)


@dataclass(frozen=True)
class NamedMetric(Metric):
    """Base of metrics with an argument ``name``, by default the class name in snake case."""

    name: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "name", self.name or snake_case(type(self).__name__))


@dataclass(frozen=True)
class RenamedMetric(Metric):
    """A metric under another name.

    Args:
        metric: the metric.
        label: its name in logs and histories.
    """

    metric: Metric
    label: str

    @property
    def name(self) -> str:
        return self.label

    @property
    def larger_is_better(self) -> bool | None:
        return self.metric.larger_is_better

    @property
    def is_weighted(self) -> bool:
        return self.metric.is_weighted

    def check_targets(self, y_true: Any, y_pred: Any) -> None:
        self.metric.check_targets(y_true, y_pred)

    def inputs(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """What the metric gets as targets and predictions."""
        return y_true, y_pred

    def update(self, y_true: Any, y_pred: Any, sample_weight: Array | None = None) -> Array:
        return compute_sums(self.metric, *self.inputs(y_true, y_pred), sample_weight)

    def add(
        self, sums: Array, y_true: Any, y_pred: Any, sample_weight: Array | None = None
    ) -> Array:
        return self.metric.add(sums, *self.inputs(y_true, y_pred), sample_weight)

    def result(self, sums: np.ndarray) -> float:
        return self.metric.result(sums)

    def results(self, sums: np.ndarray) -> list[float]:
        return self.metric.results(sums)


@dataclass(frozen=True)
class WeightedMetric(RenamedMetric):
    """A metric in which examples count by their sample and class weights."""

    is_weighted = True


@dataclass(frozen=True)
class LogitsMetric(RenamedMetric):
    """A metric of probabilities, computed from logits.

    Args:
        activation: makes probabilities of the predictions.
    """

    activation: Activation

    def inputs(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        return y_true, set_mask(self.activation(y_pred), get_mask(y_pred))
