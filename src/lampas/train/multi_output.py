"""Models with several outputs: an error and metrics for each, as one objective."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from .. import losses, metrics
from ..core.errors import ArgumentError, DataError
from ..core.variable import Array
from ..losses import LossFunction
from ..metrics import Mean, Metric, PerExample, Renamed, Sums
from .step import Tree

Key = str | int
LossChoice = LossFunction | str | Mapping[str, Any] | Sequence[Any]
MetricChoice = Metric | PerExample | str
MetricsChoice = MetricChoice | Sequence[Any] | Mapping[str, Any]


def objectives(
    loss: LossChoice | None,
    weights: Mapping[str, float] | Sequence[float] | None,
    wanted: MetricsChoice,
) -> tuple[LossFunction | None, list[Metric]]:
    """The error function and the metrics that ``compile`` is given, one or one for each output."""
    if not isinstance(loss, Mapping | list | tuple):
        if weights is not None:
            raise ArgumentError(
                "loss_weights belong to a model of several outputs; give a loss for each: "
                'loss={"first": "mse", "second": "mae"}.'
            )
        chosen = None if loss is None else losses.get(cast(LossFunction | str, loss))
        return chosen, named(_listed(wanted))
    each = {key: losses.get(value) for key, value in _keyed(loss).items()}
    shares = dict.fromkeys(each, 1.0) | _known(weights or {}, each, "loss_weights")
    found: list[Metric] = [OutputMetric(key, Mean(one, "loss")) for key, one in each.items()]
    for key, chosen in _known(wanted or {}, each, "metrics").items():
        found += [OutputMetric(key, metric) for metric in named(_listed(chosen))]
    return EachLoss(each, {key: float(share) for key, share in shares.items()}), found


def named(wanted: Sequence[MetricChoice]) -> list[Metric]:
    """Metrics under the names that the user wrote; a name that is taken gets a number."""
    found: dict[str, Metric] = {}
    for value in wanted:
        metric = metrics.get(value)
        name = label = value if isinstance(value, str) else metric.name
        number = 1
        while label in found or label == "loss":
            number += 1
            label = f"{name}_{number}"
        found[label] = metric if label == metric.name else Renamed(metric, label)
    return list(found.values())


def _listed(wanted: Any) -> Sequence[MetricChoice]:
    if isinstance(wanted, Mapping):
        raise ArgumentError("metrics by output need a loss by output: loss={...} with its names.")
    return wanted if isinstance(wanted, list | tuple) else [wanted]


def _keyed(value: Any) -> dict[Key, Any]:
    """What is given for each output, by its name, or by its number where there are no names."""
    return dict(value) if isinstance(value, Mapping) else dict(enumerate(value))


def _known(value: Any, each: Mapping[Key, Any], what: str) -> dict[Key, Any]:
    keyed = _keyed(value)
    if odd := [key for key in keyed if key not in each]:
        raise ArgumentError(
            f"{what} name the outputs {odd}, the losses are for {list(each)}; use the same names."
        )
    return keyed


def _of(tree: Tree, key: Key, losses: Mapping[Key, Any], what: str) -> Any:
    """One output's part."""
    keys = list(tree) if isinstance(tree, Mapping) else list(range(len(tree)))
    several = isinstance(tree, Mapping | list | tuple)
    if not several or set(keys) != set(losses):
        form = f"has {keys}" if several else "is a single array"
        raise DataError(
            f"there are losses for the outputs {list(losses)}, but {what} {form}. Name outputs, "
            "targets and losses alike, or give all three as tuples."
        )
    return tree[key]


@dataclass(frozen=True)
class EachLoss:
    """The weighted sum of an error for each output."""

    losses: Mapping[Key, LossFunction]
    weights: Mapping[Key, float]

    def __call__(self, y_true: Tree, y_pred: Tree) -> Array:
        parts = [
            self.weights[key]
            * loss(
                _of(y_true, key, self.losses, "the targets y"),
                _of(y_pred, key, self.losses, "the model's output"),
            )
            for key, loss in self.losses.items()
        ]
        return sum(parts[1:], start=parts[0])

    def check_targets(self, y_true: Tree, y_pred: Tree) -> None:
        """Raise DataError for targets that make no sense to the loss of their output."""
        for key, loss in self.losses.items():
            check = getattr(loss, "check_targets", None)
            if check is not None:
                targets = _of(y_true, key, self.losses, "the targets y")
                check(np.asarray(targets), _of(y_pred, key, self.losses, "the model's output"))


@dataclass(frozen=True)
class OutputMetric(Metric):
    """A metric of one output; named ``"<output>_<metric>"``, outputs without a name by number."""

    key: Key
    metric: Metric

    @property
    def name(self) -> str:
        label = f"output_{self.key + 1}" if isinstance(self.key, int) else self.key
        return f"{label}_{self.metric.name}"

    def update(self, y_true: Tree, y_pred: Tree) -> Array:
        return self.metric.update(y_true[self.key], y_pred[self.key])

    def result(self, sums: Sums) -> float:
        return self.metric.result(np.asarray(sums))

    def results(self, table: np.ndarray) -> list[float]:
        return self.metric.results(table)
