"""Models with several outputs: a loss and metrics for each, combined to one objective."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import jax.numpy as jnp
import numpy as np

from .. import losses, metrics
from ..core.arguments import Interval, is_number
from ..core.errors import ArgumentError, DataError
from ..core.variable import Array
from ..losses import Loss, LossFunction
from ..losses.base import per_example
from ..metrics import Metric, PerExample, RenamedMetric, WeightedMetric
from ..metrics.base import MeanMetric
from .step import Batch, Tree, example_losses, mean_sums

Key = str | int
LossChoice = LossFunction | str | Mapping[str, Any] | Sequence[Any]
MetricChoice = Metric | PerExample | str
MetricsChoice = MetricChoice | Sequence[Any] | Mapping[str, Any]


def resolve_losses_and_metrics(
    loss: LossChoice | None,
    loss_weights: Mapping[str, float] | Sequence[float] | None,
    metric_choice: MetricsChoice | None = None,
    weighted_choice: MetricsChoice | None = None,
) -> tuple[LossFunction | None, list[Metric]]:
    """The loss function and the metrics for the arguments of ``compile``.

    Args:
        loss: a loss, or a dict or sequence of losses by output.
        loss_weights: weight of each output's loss in the sum.
        metric_choice: metrics, or a dict or sequence of metrics by output.
        weighted_choice: the same for metrics in which examples count by their weights.

    Raises:
        ArgumentError: for arguments by output that do not match.
        UnknownNameError: for the name of an unknown loss or metric.
    """
    if not isinstance(loss, Mapping | list | tuple):
        if loss_weights is not None:
            raise ArgumentError(
                "loss_weights belong to a model of several outputs; give a loss for each: "
                'loss={"first": "mse", "second": "mae"}. Metrics are passed as metrics=.'
            )
        loss_function = None if loss is None else losses.get(cast(LossFunction | str, loss))
        return loss_function, _resolve_metrics(metric_choice, weighted_choice, loss_function)
    by_output = {key: losses.get(value) for key, value in _by_output(loss).items()}
    weights = dict.fromkeys(by_output, 1.0)
    weights |= _check_keys(loss_weights or {}, by_output, "loss_weights")
    unweighted = _check_keys(metric_choice or {}, by_output, "metrics")
    weighted = _check_keys(weighted_choice or {}, by_output, "weighted_metrics")
    # The losses come first: the objective adds them up.
    resolved = [_output_metric(key, _OutputLoss(function)) for key, function in by_output.items()]
    for key, function in by_output.items():
        chosen = _resolve_metrics(unweighted.get(key), weighted.get(key), function)
        resolved += [_output_metric(key, metric) for metric in chosen]
    names = [metric.name for metric in resolved]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise ArgumentError(
            f"several values would be logged as {sorted(repeated)}; rename an output or a metric."
        )
    for key, weight in weights.items():
        if not is_number(weight) or weight not in Interval():
            raise ArgumentError(f"loss_weights must be finite numbers, got {weight!r} for {key!r}.")
    return MultiOutputLoss(by_output, {key: float(w) for key, w in weights.items()}), resolved


def _resolve_metrics(
    choice: MetricsChoice | None, weighted_choice: MetricsChoice | None, loss: LossFunction | None
) -> list[Metric]:
    """The metrics of one output; the name of a weighted one that is taken gets a prefix."""
    unweighted = unique_names(_as_list(choice), loss)
    weighted = unique_names(_as_list(weighted_choice), loss, [m.name for m in unweighted])
    return [*unweighted, *(WeightedMetric(metric, metric.name) for metric in weighted)]


def unique_names(
    choices: Sequence[MetricChoice], loss: LossFunction | None = None, taken: Sequence[str] = ()
) -> list[Metric]:
    """Metrics under the names that the user wrote; a name that occurs again gets a number.

    Where ``loss`` takes logits, metrics of probabilities convert them.

    Args:
        choices: metrics and names of metrics.
        loss: the loss beside which they are computed.
        taken: names of other metrics, which are prefixed by ``"weighted_"`` here.
    """
    activation = getattr(loss, "output_activation", None)
    by_name: dict[str, Metric] = {}
    for choice in choices:
        metric = metrics.get(choice)
        name = label = choice if isinstance(choice, str) else metric.name
        if name in taken:
            name = label = f"weighted_{name}"
        if activation is not None:
            metric = metric.for_logits(activation)
        number = 1
        while label in by_name or label == "loss":
            number += 1
            label = f"{name}_{number}"
        by_name[label] = metric if label == metric.name else RenamedMetric(metric, label)
    return list(by_name.values())


def _as_list(choice: Any) -> Sequence[MetricChoice]:
    if isinstance(choice, Mapping):
        raise ArgumentError("metrics by output need a loss by output: loss={...} with its names.")
    if choice is None:
        return ()
    return choice if isinstance(choice, list | tuple) else [choice]


def _by_output(value: Any) -> dict[Key, Any]:
    """A dict by the name of the output, or by its index if there are no names."""
    return dict(value) if isinstance(value, Mapping) else dict(enumerate(value))


def _check_keys(value: Any, losses_by_output: Mapping[Key, Any], argument: str) -> dict[Key, Any]:
    by_output = _by_output(value)
    if unknown := [key for key in by_output if key not in losses_by_output]:
        raise ArgumentError(
            f"{argument} name the outputs {unknown}, the losses are for {list(losses_by_output)}; "
            "use the same names."
        )
    return by_output


def _select_output(tree: Tree, key: Key, losses: Mapping[Key, Any], name: str) -> Any:
    """The part of ``tree`` that belongs to one output."""
    several = isinstance(tree, Mapping | list | tuple)
    keys = list(tree) if isinstance(tree, Mapping) else list(range(len(tree)))
    if not several or set(keys) != set(losses):
        structure = f"has {keys}" if several else "is a single array"
        raise DataError(
            f"there are losses for the outputs {list(losses)}, but {name} {structure}. Name "
            "outputs, targets and losses identically, or give all three as tuples."
        )
    return tree[key]


@dataclass(frozen=True)
class MultiOutputLoss(Loss):
    """The weighted sum of the losses of several outputs.

    Args:
        losses: loss function of each output.
        weights: weight of each output.
    """

    losses: Mapping[Key, LossFunction]
    weights: Mapping[Key, float]

    def __call__(self, y_true: Tree, y_pred: Tree, sample_weight: Array | None = None) -> Array:
        total = jnp.float32(0)
        for key, loss in self.losses.items():
            output = self._output(y_pred, key)
            batch = Batch(output, self._targets(y_true, key), sample_weight)
            losses = example_losses(loss, batch, output)
            total += self.weights[key] * (per_example(losses) if losses.ndim else losses)
        return total

    def check_targets(self, y_true: Tree, y_pred: Tree) -> None:
        """Raise DataError for targets that are invalid for the loss of their output."""
        for key, loss in self.losses.items():
            check = getattr(loss, "check_targets", None)
            if check is not None:
                targets = self._targets(y_true, key)
                check(np.asarray(targets), self._output(y_pred, key))

    def _targets(self, y_true: Tree, key: Key) -> Any:
        return _select_output(y_true, key, self.losses, "the targets y")

    def _output(self, y_pred: Tree, key: Key) -> Any:
        return _select_output(y_pred, key, self.losses, "the model's output")


@dataclass(frozen=True)
class _OutputLoss(MeanMetric):
    """The mean loss of one output; of your own function it may be the mean of the batch."""

    name = "loss"
    larger_is_better = False
    is_weighted = True
    function: LossFunction

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        batch = Batch(y_pred, y_true, sample_weight)
        mean = jnp.mean(example_losses(self.function, batch, y_pred))
        return mean_sums(mean, self.function, batch, y_pred)


@dataclass(frozen=True)
class OutputMetric(RenamedMetric):
    """A metric of one output."""

    key: Key

    def check_targets(self, y_true: Tree, y_pred: Tree) -> None:
        super().check_targets(np.asarray(y_true[self.key]), y_pred[self.key])

    def update(self, y_true: Tree, y_pred: Tree, sample_weight: Array | None = None) -> Array:
        return super().update(y_true[self.key], y_pred[self.key], sample_weight)


def _output_metric(key: Key, metric: Metric) -> Metric:
    """Named ``"<output>_<metric>"``, outputs without a name by number."""
    label = f"output_{key + 1}" if isinstance(key, int) else key
    return OutputMetric(metric, f"{label}_{metric.name}", key)
