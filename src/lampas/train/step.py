"""One training step: forward propagation, loss, backpropagation and weight update.

These are plain functions on arrays, traced once by the compiled loop of ``epoch.py``; nothing in
Python follows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..core.context import ExampleIds
from ..core.errors import ArgumentError, ShapeError, format_shape
from ..core.functional import Apply, Arrays
from ..core.masks import get_mask, tree_masks, with_masks
from ..core.variable import Array, Parameter, Regularizer, WeightConstraint
from ..losses import Loss, LossFunction
from ..losses.base import match_column, per_example, weights_like
from ..metrics import Metric, compute_sums, divide_sums
from ..optimizers import Optimizer

Tree = Any


class Batch(NamedTuple):
    """Some examples; each leaf's first axis counts them.

    ``weights`` has the weight of each example, or of each of its elements, in the loss; None if all
    count the same.
    """

    x: Tree
    y: Tree
    weights: Array | None = None


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights of the ``data`` of a step; None for those that it has not.

    Args:
        data: x, (x,), (x, y) or (x, y, sample_weight).

    Example:
        >>> from lampas.train.step import unpack_x_y_sample_weight
        >>> unpack_x_y_sample_weight((1, 2))
        (1, 2, None)
    """
    parts = data if isinstance(data, tuple) else (data,)
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight


def pack_x_y_sample_weight(batch: Batch) -> Any:
    """The ``data`` of a step for a batch, in Keras's form."""
    has_targets = not (isinstance(batch.y, tuple) and not batch.y)
    if batch.weights is not None:
        return batch.x, batch.y if has_targets else None, batch.weights
    if has_targets:
        return batch.x, batch.y
    return (batch.x,) if isinstance(batch.x, tuple) else batch.x


class StepRng(NamedTuple):
    """The random numbers of a step: a key of its own, and the identity of each example."""

    key: jax.Array
    examples: ExampleIds


class TrainState(NamedTuple):
    """Everything that a step changes.

    ``model_state`` holds running statistics and frozen parameters. ``opt_state`` is the state of
    the optimizer; for a ``train_step`` of one's own, those of all its optimizers and metrics.
    """

    params: Arrays
    model_state: Arrays
    opt_state: Any


MetricSums = list[Array]
"""Sums of an epoch, from which its logs are computed: one vector per name."""
Step = Callable[[TrainState, MetricSums, Batch, StepRng], tuple[TrainState, MetricSums, Array]]
"""Trains on a batch: called with the sums of the epoch so far, it returns the new train state and
sums, and whether all is finite. If not, the train state is returned unchanged."""
Evaluation = Callable[[Arrays, Any, MetricSums, Batch], tuple[Any, MetricSums]]
"""Evaluates a batch: called with parameters, state and sums so far, it returns the new state and
sums."""


@dataclass(frozen=True)
class Objective:
    """The loss to minimize, and the metrics to compute beside it.

    Args:
        loss: the loss of ``compile``; None if ``compute_loss`` is overridden.
        metrics: computed beside the loss.
        regularizers: those of single parameters, by path.
        output_weights: the weights in the loss of the first metrics, the losses of several outputs.
        constraints: applied to single parameters after each update, by path.
    """

    loss: LossFunction | None
    metrics: Sequence[Metric]
    regularizers: Sequence[tuple[str, Regularizer]]
    output_weights: Sequence[float] = ()
    constraints: Mapping[str, WeightConstraint] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of the logged values, the loss first."""
        return ["loss", *(metric.name for metric in self.metrics)]

    def penalty(self, params: Arrays) -> Array | float:
        """The sum of all penalties on weights."""
        return sum((penalty(params[path]) for path, penalty in self.regularizers), start=0.0)

    def metric_sums(self, batch: Batch, output: Tree, loss: Array) -> list[Array]:
        """The sums of one batch from which epoch values are computed, one vector per name.

        The first vector has the loss; for several outputs, whose losses are metrics, what is left
        of it: penalties, and what layers add.
        """
        metrics = (
            compute_sums(metric, batch.y, output, _weights(metric, batch))
            for metric in self.metrics
        )
        return [self._loss_sums(batch, output, loss), *metrics]

    def add(self, sums: MetricSums, batch: Batch, output: Tree, loss: Array) -> MetricSums:
        """The sums of an epoch after one more batch."""
        total = sums[0] + self._loss_sums(batch, output, loss).astype(sums[0].dtype)
        pairs = zip(self.metrics, sums[1:], strict=True)
        metrics = (m.add(s, batch.y, output, _weights(m, batch)) for m, s in pairs)
        return [total, *metrics]

    def _loss_sums(self, batch: Batch, output: Tree, loss: Array) -> Array:
        if self.output_weights:
            loss = loss - mean_loss(self.loss, batch, output)
        return mean_sums(loss, self.loss, batch, output)

    def results(self, sums: Sequence[np.ndarray]) -> list[dict[str, float]]:
        """The logged values of each row of sums."""
        metrics = [metric.results(s) for metric, s in zip(self.metrics, sums[1:], strict=True)]
        values, names = zip(self.losses(sums), *metrics, strict=True), self.names
        return [dict(zip(names, row, strict=True)) for row in values]

    def losses(self, sums: Sequence[np.ndarray]) -> list[float]:
        """The loss of each row of sums: those of several outputs are means of their own."""
        total = np.array(divide_sums(sums[0]))
        for weight, metric, rows in zip(self.output_weights, self.metrics, sums[1:], strict=False):
            total += weight * np.array(metric.results(rows))
        return total.tolist()


def _weights(metric: Metric, batch: Batch) -> Array | None:
    return batch.weights if metric.is_weighted else None


def mean_sums(mean: Array, loss: LossFunction | None, batch: Batch, output: Tree) -> Array:
    """Sum and count of the terms of a mean loss: examples, or steps if some are masked."""
    count, mask = jnp.float32(num_examples(batch)), get_mask(output)
    if mask is not None and loss is not None:
        values = loss.values if isinstance(loss, Loss) else loss
        if jnp.shape(values(batch.y, output))[:2] == mask.shape:
            count = mask.sum(dtype=jnp.float32)
    return jnp.stack([mean * count, count])


def mean_loss(
    loss: LossFunction | None,
    batch: Batch,
    output: Tree,
    added: Sequence[Array] = (),
    mixture: Sequence[tuple[Array, Array]] | None = None,
) -> Array:
    """The mean loss of a batch: sum of weighted losses / number of examples, or unmasked steps.

    Args:
        loss: the loss of ``compile``; not needed if layers add one.
        batch: inputs, targets and weights.
        output: the predictions.
        added: what layers have added; it is not weighted.
        mixture: the rows that each row was mixed from by a layer, and their weights.

    Raises:
        ArgumentError: if there is no loss.
        ShapeError: if there are weights, but the loss does not return one number per example.
    """
    if loss is None and not added:
        raise ArgumentError(
            "compile was given no loss, and no layer adds one; write "
            'compile(loss="mse"), for example, or a train_step and test_step of your own.'
        )
    parts = [_mixed_part(batch, *part) for part in mixture or ()] or [batch]
    losses = [jnp.mean(example_losses(loss, part, output)) for part in parts if loss is not None]
    first, *rest = [*losses, *added]
    return jnp.asarray(sum(rest, first))


def _mixed_part(batch: Batch, rows: Array, part: Array) -> Batch:
    """The batch with the targets of other rows, which count by their part of each row."""
    if len(rows) != num_examples(batch):
        raise ShapeError(
            f"a layer has mixed {len(rows)} rows, and the batch has {num_examples(batch)}: put it "
            "where the first axis counts the examples."
        )
    y, weights = jax.tree.map(lambda array: array[rows], (batch.y, batch.weights))
    return Batch(batch.x, y, part if weights is None else weights * weights_like(weights, part))


def example_losses(loss: LossFunction, batch: Batch, output: Tree) -> Array:
    """The weighted loss of each example, of which the mean loss is the mean.

    Raises:
        ShapeError: if there are weights, but the loss does not return one number per example.
    """
    if batch.weights is not None and isinstance(loss, Loss):
        return loss(batch.y, output, batch.weights)
    losses = jnp.asarray(loss(match_column(batch.y, output), output))
    mask = get_mask(output)
    if mask is not None and losses.shape[:2] == mask.shape:
        losses = per_example(losses, mask)
    if batch.weights is None:
        return losses
    if losses.shape[: batch.weights.ndim] != batch.weights.shape:
        raise ShapeError(
            "weights need a loss that returns one number for each example, shape "
            f"{format_shape(batch.weights.shape)}, this one returned {format_shape(losses.shape)}."
        )
    return losses * weights_like(losses, batch.weights)


def regularizers(
    parameters: Mapping[str, Parameter], penalty: Regularizer | None
) -> list[tuple[str, Regularizer]]:
    """The regularizers of each parameter: its own, and for affine kernels that of the model."""
    pairs = []
    for path, parameter in parameters.items():
        both = [parameter.regularizer, penalty if parameter.regularized else None]
        pairs += [(path, regularizer) for regularizer in both if regularizer is not None]
    return pairs


def num_examples(batch: Batch) -> int:
    """Number of examples in a batch or a data set."""
    return int(jax.tree.leaves(batch.x)[0].shape[0])


def compute_gradients(
    apply: Apply, objective: Objective, train_state: TrainState, batch: Batch, rng: StepRng
) -> tuple[Array, Tree, Arrays, Arrays]:
    """Loss, output, new model state, and the gradient of the loss for every parameter."""

    def forward(params: Arrays) -> tuple[Array, tuple[Tree, list[Array | None], Arrays]]:
        # Stages 2 and 3, forward propagation and the loss function.
        (output, loss), state = apply(
            params, train_state.model_state, batch, training=True, rng=rng.key,
            examples=rng.examples,
        )  # fmt: skip
        return loss + objective.penalty(params), (output, tree_masks(output), state)

    # Stage 4, backpropagation.
    differentiate = jax.value_and_grad(forward, has_aux=True)
    (loss, (output, masks, state)), gradients = differentiate(train_state.params)
    return loss, with_masks(output, masks), state, gradients


def train_step(
    apply: Apply,
    objective: Objective,
    optimizer: Optimizer,
    train_state: TrainState,
    sums: MetricSums,
    batch: Batch,
    rng: StepRng,
) -> tuple[TrainState, MetricSums, Array]:
    """Train on one batch; all but the first three arguments are those of a :data:`Step`."""
    params = train_state.params
    loss, output, state, gradients = compute_gradients(apply, objective, train_state, batch, rng)

    # Stage 5, the weight update.
    def update() -> TrainState:
        new_params, opt_state = optimizer.update_params(
            params, gradients, train_state.opt_state, objective.constraints
        )
        return TrainState(new_params, state, opt_state)

    finite = all_finite((loss, gradients))
    train_state = lax.cond(finite, update, lambda: train_state)
    return train_state, objective.add(sums, batch, output, loss), finite


def all_finite(tree: Tree) -> Array:
    """Whether all values of all arrays are finite."""
    return jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(tree)]).all()


def evaluation_step(
    apply: Apply,
    objective: Objective,
    params: Arrays,
    state: Arrays,
    sums: MetricSums,
    batch: Batch,
) -> tuple[Arrays, MetricSums]:
    """Evaluate one batch; all but the first two arguments are those of an :data:`Evaluation`."""
    # For layers that draw random numbers outside of training too; others leave it unused.
    rng = jax.random.fold_in(jax.random.key(0), sums[0][-1].astype(jnp.int32))
    (output, loss), state = apply(params, state, batch, rng=rng)
    loss += objective.penalty(params)
    return state, objective.add(sums, batch, output, loss)
