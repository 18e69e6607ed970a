"""One step of learning: stages two to five."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..core.context import Examples
from ..core.errors import ArgumentError, ShapeError, show_shape
from ..core.functional import Apply, Arrays
from ..core.variable import Array, Parameter, Regularizer
from ..losses import LossFunction
from ..metrics import Metric, ratios
from ..optimizers import Optimizer, Slots

Tree = Any


class Batch(NamedTuple):
    """Some examples; each leaf's first axis counts them.

    ``weights`` has the weight of each example in the loss, None where all count the same.
    """

    x: Tree
    y: Tree
    weights: Array | None = None


class Draw(NamedTuple):
    """What a step draws its random numbers from: a key of its own, and one for each example."""

    key: jax.Array
    examples: Examples


class Learner(NamedTuple):
    """Parameters, running state (with frozen parameters), and what the optimizer remembers."""

    params: Arrays
    state: Arrays
    slots: Slots


@dataclass(frozen=True)
class Objective:
    """What is to be made small, and what is measured beside it.

    ``penalties`` are the regularizers of single parameters by path.
    """

    loss: LossFunction | None
    metrics: Sequence[Metric]
    penalties: Mapping[str, Sequence[Regularizer]]

    @property
    def names(self) -> list[str]:
        """Names of the logged values, the loss first."""
        return ["loss", *(metric.name for metric in self.metrics)]

    def error(self, batch: Batch, output: Tree) -> Array:
        """The mean error of a batch: sum of weighted errors / number of examples."""
        if self.loss is None:
            raise ArgumentError('compile was given no loss; compile(loss="mse") for example.')
        errors = jnp.asarray(self.loss(batch.y, output))
        if batch.weights is None:
            return jnp.mean(errors)
        if errors.shape != batch.weights.shape:
            raise ShapeError(
                "weights need a loss that returns one error for each example, shape "
                f"{show_shape(batch.weights.shape)}, this one returned {show_shape(errors.shape)}."
            )
        return jnp.mean(errors * batch.weights)

    def penalty(self, params: Arrays) -> Array | float:
        """The sum of all penalties on weights."""
        return sum(
            (
                penalize(params[path])
                for path, all_of in self.penalties.items()
                for penalize in all_of
            ),
            start=0.0,
        )

    def measure(self, batch: Batch, output: Tree, error: Array) -> list[Array]:
        """The sums of one batch from which epoch values are made, one vector for each name."""
        count = jnp.float32(size(batch))
        return [
            jnp.stack([error * count, count]),
            *(metric.update(batch.y, output) for metric in self.metrics),
        ]

    def results(self, tables: Sequence[np.ndarray]) -> list[dict[str, float]]:
        """The logged values of each row of sums."""
        loss = ratios(tables[0])
        others = [metric.results(t) for metric, t in zip(self.metrics, tables[1:], strict=True)]
        names = self.names
        return [dict(zip(names, row, strict=True)) for row in zip(loss, *others, strict=True)]


def penalties(
    parameters: Mapping[str, Parameter], whole_model: Regularizer | None
) -> dict[str, list[Regularizer]]:
    """The regularizers of each parameter: its own, and the model's where it is an affine kernel."""
    found: dict[str, list[Regularizer]] = {}
    for path, parameter in parameters.items():
        both = [parameter.regularizer, whole_model if parameter.penalized else None]
        if chosen := [regularizer for regularizer in both if regularizer is not None]:
            found[path] = chosen
    return found


def size(batch: Batch) -> int:
    """Number of examples in a batch or a data set."""
    return int(jax.tree.leaves(batch.x)[0].shape[0])


def gradients_of(
    apply: Apply, objective: Objective, learner: Learner, batch: Batch, draw: Draw
) -> tuple[Array, Tree, Arrays, Arrays]:
    """Error, output, new state, and the slope of the error for every parameter."""

    def forward(params: Arrays) -> tuple[Array, tuple[Tree, Arrays]]:
        # Stages 2 and 3, forward propagation and the error function.
        (output, error), state = apply(
            params, learner.state, batch, training=True, rng=draw.key, examples=draw.examples
        )
        return error + objective.penalty(params), (output, state)

    # Stage 4, backpropagation.
    (error, (output, state)), gradients = jax.value_and_grad(forward, has_aux=True)(learner.params)
    return error, output, state, gradients


def train_step(
    apply: Apply,
    objective: Objective,
    optimizer: Optimizer,
    learner: Learner,
    batch: Batch,
    draw: Draw,
) -> tuple[Learner, list[Array], Array]:
    """Learn from one batch.

    Returns the learner, the batch's sums for the logs, and whether error and gradients are finite;
    if they are not, the learner is the one from before.
    """
    error, output, state, gradients = gradients_of(apply, objective, learner, batch, draw)

    # Stage 5, the weight update.
    def update() -> Learner:
        params, slots = optimizer.descend(learner.params, gradients, learner.slots)
        return Learner(params, state, slots)

    finite = all_finite((error, gradients))
    learner = lax.cond(finite, update, lambda: learner)
    return learner, objective.measure(batch, output, error), finite


def all_finite(tree: Tree) -> Array:
    """Whether all numbers of all arrays are."""
    return jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(tree)]).all()


def evaluation_step(
    apply: Apply, objective: Objective, params: Arrays, state: Arrays, batch: Batch
) -> tuple[Arrays, list[Array]]:
    """The state after, and the sums of, one batch without learning from it."""
    (output, error), state = apply(params, state, batch)
    return state, objective.measure(batch, output, error + objective.penalty(params))
