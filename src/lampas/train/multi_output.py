"""Models with several outputs: a loss and metrics for each, combined to one objective."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, cast

import jax.numpy as jnp
import numpy as np

from .. import losses, metrics
from ..core.arguments import Interval, is_number
from ..core.errors import ArgumentError
from ..core.variable import Array
from ..losses import Loss, LossFunction
from ..losses.base import per_example
from ..metrics import Metric, PerExample, RenamedMetric, WeightedMetric
from ..metrics.base import MeanMetric
from .outputs import Outputs
from .step import Batch, Tree, example_losses, mean_sums

LossChoice = LossFunction | str | Mapping[str, Any] | Sequence[Any]
MetricChoice = Metric | PerExample | str
MetricsChoice = MetricChoice | Sequence[Any] | Mapping[str, Any]
LossWeights = Mapping[str, float] | Sequence[float]


@dataclass(frozen=True)
class LossesAndMetrics:
    """The arguments of ``compile`` about losses and metrics, as they were given.

    Args:
        loss: a loss, or a dict or sequence of losses by output; None for no loss.
        loss_weights: weight of each output's loss in their sum.
        metrics: metrics, or a dict or sequence of metrics by output.
        weighted_metrics: the same for metrics in which examples count by their weights.
    """

    loss: LossChoice | None
    loss_weights: LossWeights | None = None
    metrics: MetricsChoice | None = None
    weighted_metrics: MetricsChoice | None = None

    def resolve(
        self, names: Sequence[str] | Set[str] | None = None
    ) -> tuple[LossFunction | None, list[Metric]]:
        """The loss function and the metrics.

        Args:
            names: names of the outputs, a set for those of a dict; none for a model whose output is
                a single array. If None, they are not known yet: a loss by output names them.

        Raises:
            ArgumentError: for arguments by output that do not match.
            UnknownNameError: for the name of an unknown loss or metric.
        """
        loss = self.loss
        if names is None and isinstance(loss, Mapping):
            names = set(loss)
        elif names is None and isinstance(loss, list | tuple):
            names = output_names(len(loss)) if len(loss) > 1 else ()
        if loss is None or not names:
            return self._resolve_single()
        have_order = not isinstance(names, Set)
        if isinstance(names, Set):
            # Keras's order: that of the losses, otherwise alphabetic.
            first = loss if isinstance(loss, Mapping) else ()
            names = [name for name in first if name in names] + sorted(names - set(first))
        by_name = partial(_by_name, names=names, have_order=have_order)
        chosen = by_name(loss, "loss")
        functions = {
            name: losses.get(chosen[name]) for name in names if chosen.get(name) is not None
        }
        if not functions:
            raise ArgumentError("compile needs a loss for at least one of the outputs.")
        if missing := [name for name in names if name not in chosen]:
            warnings.warn(
                f"compile: the outputs {missing} have no loss and are not trained; "
                f"loss={{{missing[0]!r}: None, ...}} says that this is intended.",
                stacklevel=5,
            )
        outputs = Outputs(tuple(names), tuple(functions), have_order)
        weights = by_name(self.loss_weights, "loss_weights")
        unweighted = by_name(self.metrics, "metrics")
        weighted = by_name(self.weighted_metrics, "weighted_metrics")
        computed = [
            OutputMetric.of(metric, name, outputs)
            for name in names
            for metric in _resolve_metrics(
                unweighted.get(name), weighted.get(name), functions.get(name)
            )
        ]
        # The losses come first: the objective adds them up. A single one is the loss itself.
        several = functions if len(functions) > 1 else {}
        resolved = [
            *(OutputMetric.of(_OutputLoss(f), name, outputs) for name, f in several.items()),
            *sorted(computed, key=lambda metric: metric.name),  # the order of Keras's list
        ]
        _check_unique([metric.name for metric in resolved])
        return MultiOutputLoss(functions, _as_weights(weights, outputs), outputs), [*resolved]

    def _resolve_single(self) -> tuple[LossFunction | None, list[Metric]]:
        """Loss and metrics of a model with one output."""
        if self.loss_weights is not None:
            raise ArgumentError(
                "loss_weights belong to a model of several outputs; give a loss for each: "
                'loss={"first": "mse", "second": "mae"}. Metrics are passed as metrics=.'
            )
        loss = self.loss
        if isinstance(loss, Mapping | list | tuple):
            if len(loss) != 1:
                raise ArgumentError(
                    f"loss has {len(loss)} entries, and the model has one output: give one loss."
                )
            (loss,) = _values(loss)
        function = None if loss is None else losses.get(cast(LossFunction | str, loss))
        return function, _resolve_metrics(self.metrics, self.weighted_metrics, function)


def output_names(count: int) -> list[str]:
    """Names of outputs that have none: ``output_1``, ``output_2``, ..."""
    return [f"output_{number + 1}" for number in range(count)]


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
    """Metrics of one output as a list; by Keras they may be in a dict or list by output."""
    if choice is None:
        return ()
    return [metric for part in _values(choice) for metric in _values(part)]


def _values(choice: Any) -> list[Any]:
    if isinstance(choice, Mapping):
        return list(choice.values())
    return list(choice) if isinstance(choice, list | tuple) else [choice]


def _by_name(value: Any, argument: str, names: Sequence[str], have_order: bool) -> dict[str, Any]:
    """An argument by the name of the output; one that is not by output holds for each."""
    if isinstance(value, Mapping):
        if unknown := [name for name in value if name not in names]:
            raise ArgumentError(
                f"{argument} name the outputs {unknown}, the outputs are {list(names)}; use the "
                "same names."
            )
        return dict(value)
    if not isinstance(value, list | tuple):
        return dict.fromkeys(names, value)
    fits = len(value) == len(names)
    if fits and have_order:
        return dict(zip(names, value, strict=True))
    is_nested = any(isinstance(part, list | tuple) for part in value)
    if fits or is_nested or argument in ("loss", "loss_weights"):
        listed = ", ".join(f"{name!r}: ..." for name in names)
        raise ArgumentError(
            f"{argument} has {len(value)} entries, for the {len(names)} outputs {list(names)}; "
            f"give each its own: {argument}={{{listed}}}."
        )
    return dict.fromkeys(names, value)


def _as_weights(by_name: Mapping[str, Any], outputs: Outputs) -> dict[str, float]:
    """The weight of the loss of each output that has one, 1 by default."""
    weights = {}
    for name in outputs.trained:
        weight = by_name.get(name)
        weight = 1.0 if weight is None else weight
        if not is_number(weight) or weight not in Interval():
            raise ArgumentError(
                f"loss_weights must be finite numbers, got {weight!r} for {name!r}."
            )
        weights[name] = float(weight)
    return weights


def _check_unique(logged: Sequence[str]) -> None:
    if repeated := {name for name in logged if logged.count(name) > 1}:
        raise ArgumentError(
            f"several values would be logged as {sorted(repeated)}; rename an output or a metric."
        )


@dataclass(frozen=True)
class MultiOutputLoss(Loss):
    """The weighted sum of the losses of several outputs.

    Args:
        losses: loss function of each output that has one.
        weights: their weights.
        outputs: all outputs.
    """

    losses: Mapping[str, LossFunction]
    weights: Mapping[str, float]
    outputs: Outputs

    @property
    def logged_weights(self) -> list[float]:
        """The weights of the losses that are logged for themselves: of several."""
        return list(self.weights.values()) if len(self.weights) > 1 else []

    def __call__(self, y_true: Tree, y_pred: Tree, sample_weight: Array | None = None) -> Array:
        total = jnp.float32(0)
        for name, loss in self.losses.items():
            output = self.outputs.prediction(y_pred, name)
            batch = Batch(output, self.outputs.target(y_true, name), sample_weight)
            losses = example_losses(loss, batch, output)
            total += self.weights[name] * (per_example(losses) if losses.ndim else losses)
        return total

    def check_targets(self, y_true: Tree, y_pred: Tree) -> None:
        """Raise DataError for targets that are invalid for the loss of their output."""
        for name, loss in self.losses.items():
            check = getattr(loss, "check_targets", None)
            if check is not None:
                targets = self.outputs.target(y_true, name)
                check(np.asarray(targets), self.outputs.prediction(y_pred, name))


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
    """A metric of one output.

    Args:
        output: name of the output.
        outputs: all of them.
    """

    output: str
    outputs: Outputs

    @classmethod
    def of(cls, metric: Metric, output: str, outputs: Outputs) -> Self:
        """The metric under the name ``"<output>_<metric>"`` if there are several outputs."""
        label = f"{output}_{metric.name}" if len(outputs.names) > 1 else metric.name
        return cls(metric, label, output, outputs)

    def check_targets(self, y_true: Tree, y_pred: Tree) -> None:
        y_true, y_pred = self.inputs(y_true, y_pred)
        super().check_targets(np.asarray(y_true), y_pred)

    def inputs(self, y_true: Tree, y_pred: Tree) -> tuple[Any, Any]:
        outputs, name = self.outputs, self.output
        return outputs.target(y_true, name), outputs.prediction(y_pred, name)
