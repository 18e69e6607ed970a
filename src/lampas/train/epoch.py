"""The compiled training loop: many steps, and many epochs, in one program.

A program runs the steps ``start .. start + steps`` of a fit. The bounds are data, so one
compilation serves every length. Sums for the logs are collected in arrays with one row per epoch;
the order of the examples is shuffled again, on the device, when an epoch begins. Each step is
``train_step`` of ``step.py``, or one of the user's own (``own_step.py``).
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from ..core.context import ExampleIds
from ..core.functional import Arrays
from ..core.random import fold_in_name
from ..core.variable import Array
from .step import Batch, Evaluation, MetricSums, Step, StepRng, TrainState, num_examples

_Carry = tuple[Array, Array, TrainState, Array, MetricSums]


class EpochLayout(NamedTuple):
    """How an epoch is divided into steps; static, known when a program is compiled.

    The program takes ``batch_size`` examples per step, full batches have ``full_batch_size``. An
    epoch has ``steps`` steps in all; the short last one is run by a program of its own. A
    ``streamed`` program receives only the examples of its own steps, in their order, and never
    crosses the end of an epoch.
    """

    batch_size: int
    full_batch_size: int
    steps: int
    shuffle: bool
    streamed: bool = False


class Position(NamedTuple):
    """A point in a fit: ``step`` steps are done, ``step_in_epoch`` of them in epoch ``epoch``."""

    step: Any
    epoch: Any
    step_in_epoch: Any


def train_steps(
    train_step: Step,
    layout: EpochLayout,
    train_state: TrainState,
    order: Array,
    sums: MetricSums,
    data: Batch,
    key: jax.Array,
    start: Position,
    steps: Array,
) -> tuple[TrainState, Array, MetricSums, Array]:
    """Run ``steps`` steps, or as many as stay finite.

    Args:
        train_step: trains on one batch.
        layout: how the epochs are divided into steps.
        train_state: parameters, model state and optimizer state.
        order: indices of the examples in the order of the steps, for the whole epoch or, if
            streamed, from step ``start`` on.
        sums: sums so far, one row per epoch, beginning with the epoch of ``start``.
        data: the examples.
        key: key of the fit.
        start: position before the first step.
        steps: number of steps to run.

    Returns:
        The train state, order and sums after the last step, and the number of steps whose loss and
        gradients were finite. If it is smaller than ``steps``, the step after them was not applied.
    """

    def step(carry: _Carry) -> _Carry:
        i, _, train_state, order, sums = carry
        zero = jnp.int32(0)
        row, index = (zero, i) if layout.streamed else divmod(start.step_in_epoch + i, layout.steps)
        epoch = start.epoch + row
        if layout.shuffle:
            shuffle = partial(shuffled_order, key, epoch)
            order = lax.cond(index == 0, shuffle, lambda order: order, order)
        first = index * layout.full_batch_size
        indices = lax.dynamic_slice_in_dim(order, first, layout.batch_size)
        batch = take_batch(data, indices) if layout.shuffle else slice_batch(data, first, layout)
        rng = step_rng(key, start.step + i, epoch, indices)
        train_state, totals, finite = train_step(train_state, take_row(sums, row), batch, rng)
        return i + finite, finite, train_state, order, put_row(sums, row, totals)

    carry = (jnp.int32(0), jnp.bool(True), train_state, order, sums)
    done, _, *result = lax.while_loop(lambda carry: (carry[0] < steps) & carry[1], step, carry)
    return (*result, done)


def step_rng(key: jax.Array, step: Array, epoch: Array, indices: Array) -> StepRng:
    """The random numbers of a step of the fit with this key."""
    return StepRng(
        jax.random.fold_in(fold_in_name(key, "step"), step),
        ExampleIds(jax.random.fold_in(fold_in_name(key, "examples"), epoch), indices),
    )


def evaluation_steps(
    evaluation_step: Evaluation,
    layout: EpochLayout,
    params: Arrays,
    state: Any,
    sums: MetricSums,
    data: Batch,
    first: Array,
    last: Array,
) -> tuple[Any, MetricSums]:
    """Add up the sums of the steps ``first .. last - 1`` without training.

    The state is passed from batch to batch, for stateful layers.
    """

    def step(i: Array, carry: tuple[Any, MetricSums]) -> tuple[Any, MetricSums]:
        state, sums = carry
        index = i - first if layout.streamed else i
        batch = slice_batch(data, index * layout.full_batch_size, layout)
        first_row = jnp.int32(0)
        state, totals = evaluation_step(params, state, take_row(sums, first_row), batch)
        return state, put_row(sums, first_row, totals)

    result: tuple[Any, MetricSums] = lax.fori_loop(first, last, step, (state, sums))
    return result


def shuffled_order(key: jax.Array, epoch: Array, order: Array) -> Array:
    """The order of the examples in an epoch; always the same for one key and epoch."""
    epoch_key = jax.random.fold_in(fold_in_name(key, "shuffle"), epoch)
    return jnp.asarray(jax.random.permutation(epoch_key, order.shape[0]), order.dtype)


def slice_batch(data: Batch, first: Array, layout: EpochLayout) -> Batch:
    """A batch of consecutive examples, beginning with example ``first``."""

    rows = partial(lax.dynamic_slice_in_dim, start_index=first, slice_size=layout.batch_size)
    return jax.tree.map(rows, data)


def take_batch(data: Batch, indices: Array) -> Batch:
    """The examples with these indices."""
    return jax.tree.map(lambda array: jnp.take(array, indices, axis=0, mode="clip"), data)


def take_row(sums: MetricSums, row: Array) -> MetricSums:
    """The sums of one epoch."""
    return [lax.dynamic_index_in_dim(rows, row, keepdims=False) for rows in sums]


def put_row(sums: MetricSums, row: Array, totals: MetricSums) -> MetricSums:
    """The sums with those of one epoch replaced."""
    return [
        lax.dynamic_update_index_in_dim(rows, total, row, 0)
        for rows, total in zip(sums, totals, strict=True)
    ]


def epoch_layouts(
    data: Batch, batch_size: int, shuffle: bool, streamed: bool = False
) -> tuple[EpochLayout, EpochLayout | None]:
    """The layout of the full batches, and of the short last one if there is one."""
    count = num_examples(data)
    batch_size = min(batch_size, count)
    steps = -(-count // batch_size)
    # With a single batch the order makes no difference; streamed data is shuffled by its reader.
    shuffle = shuffle and steps > 1 and not streamed
    full = EpochLayout(batch_size, batch_size, steps, shuffle, streamed)
    remainder = count % batch_size
    return full, full._replace(batch_size=remainder) if remainder else None
