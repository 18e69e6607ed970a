"""Stage six, iterate: many steps, and many epochs, in one compiled program.

A program runs the steps ``first .. last`` of a fit. The bounds are data, so one compilation
serves every length. Sums for the logs go into a table with a row for each epoch; the order of the
examples is drawn anew, on the device, when an epoch begins.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from ..core.context import Examples, fold_in_name
from ..core.functional import Apply, Arrays
from ..core.variable import Array
from ..optimizers import Optimizer
from .step import Batch, Draw, Learner, Objective, evaluation_step, size, train_step

Tables = list[Array]
_Carry = tuple[Array, Array, Learner, Array, Tables]


class Pace(NamedTuple):
    """How the steps of a fit are cut up; all whole numbers, known when compiling.

    ``batch`` examples a step here; an epoch has ``steps`` steps in all, of which those of another
    size (the short last batch) are run by a program of their own. A ``streamed`` program is given
    the examples of its own steps alone, in their order, and never goes beyond an epoch.
    """

    batch: int
    full: int
    steps: int
    shuffle: bool
    streamed: bool = False


class Place(NamedTuple):
    """A point in a fit: ``step`` steps in all are done, ``done`` of them in epoch ``epoch``."""

    step: Any
    epoch: Any
    done: Any


def train_steps(
    apply: Apply,
    objective: Objective,
    optimizer: Optimizer,
    pace: Pace,
    learner: Learner,
    order: Array,
    tables: Tables,
    data: Batch,
    key: jax.Array,
    first: Place,
    steps: Array,
) -> tuple[Learner, Array, Tables, Array]:
    """Run ``steps`` steps, or as many as stay finite.

    ``order`` has the numbers of the examples in the order of the steps, for the whole epoch or,
    streamed, from step ``first`` on; ``tables`` the sums so far, a row an epoch, beginning with the
    epoch of step ``first``. The last of the results is the number of steps whose error and
    gradients were finite; where it is smaller than ``steps``, the step after them was not applied.
    """

    def step(carry: _Carry) -> _Carry:
        i, _, learner, order, tables = carry
        zero = jnp.int32(0)
        later, place = (zero, i) if pace.streamed else divmod(first.done + i, pace.steps)
        epoch = first.epoch + later
        if pace.shuffle:
            order = lax.cond(place == 0, partial(shuffled, key, epoch), lambda old: old, order)
        start = place * pace.full
        rows = lax.dynamic_slice_in_dim(order, start, pace.batch)
        batch = gather(data, rows) if pace.shuffle else cut(data, start, pace)
        draw = draw_for(key, first.step + i, epoch, rows)
        learner, sums, finite = train_step(apply, objective, optimizer, learner, batch, draw)
        return i + finite, finite, learner, order, add(tables, later, sums)

    start = (jnp.int32(0), jnp.bool(True), learner, order, tables)
    done, _, *result = lax.while_loop(lambda carry: (carry[0] < steps) & carry[1], step, start)
    return (*result, done)


def draw_for(key: jax.Array, step: Array, epoch: Array, rows: Array) -> Draw:
    """What a step of a fit draws its random numbers from."""
    return Draw(
        jax.random.fold_in(fold_in_name(key, "step"), step),
        Examples(jax.random.fold_in(fold_in_name(key, "examples"), epoch), rows),
    )


def evaluation_steps(
    apply: Apply,
    objective: Objective,
    pace: Pace,
    params: Arrays,
    state: Arrays,
    tables: Tables,
    data: Batch,
    first: Array,
    last: Array,
) -> tuple[Arrays, Tables]:
    """Add up the sums of the steps ``first .. last - 1`` without learning.

    The state goes from batch to batch, for layers that remember.
    """

    def step(i: Array, carry: tuple[Arrays, Tables]) -> tuple[Arrays, Tables]:
        state, tables = carry
        batch = cut(data, (i - first if pace.streamed else i) * pace.full, pace)
        state, sums = evaluation_step(apply, objective, params, state, batch)
        return state, add(tables, jnp.int32(0), sums)

    result: tuple[Arrays, Tables] = lax.fori_loop(first, last, step, (state, tables))
    return result


def shuffled(key: jax.Array, epoch: Array, order: Array) -> Array:
    """The order of the examples in an epoch; the same for a key and an epoch, always."""
    drawn = jax.random.fold_in(fold_in_name(key, "shuffle"), epoch)
    return jnp.asarray(jax.random.permutation(drawn, order.shape[0]), order.dtype)


def cut(data: Batch, start: Array, pace: Pace) -> Batch:
    """A batch of examples as they lie, beginning with example ``start``."""
    return jax.tree.map(lambda array: lax.dynamic_slice_in_dim(array, start, pace.batch), data)


def gather(data: Batch, rows: Array) -> Batch:
    """The examples with these numbers."""
    return jax.tree.map(lambda array: jnp.take(array, rows, axis=0, mode="clip"), data)


def add(tables: Tables, row: Array, sums: list[Array]) -> Tables:
    """Add one batch's sums to a row of each table."""

    def add_to(table: Array, more: Array) -> Array:
        so_far = lax.dynamic_index_in_dim(table, row, keepdims=False)
        return lax.dynamic_update_index_in_dim(table, so_far + more.astype(table.dtype), row, 0)

    return [add_to(table, more) for table, more in zip(tables, sums, strict=True)]


def full_and_rest(
    data: Batch, batch_size: int, shuffle: bool, streamed: bool = False
) -> tuple[Pace, Pace | None]:
    """The pace of the full batches, and of the short last one where there is one."""
    examples = size(data)
    batch = min(batch_size, examples)
    steps = -(-examples // batch)
    # One batch holds everything: its order makes no difference. What is streamed is shuffled there.
    shuffle = shuffle and steps > 1 and not streamed
    full = Pace(batch, batch, steps, shuffle, streamed)
    rest = examples % batch
    return full, full._replace(batch=rest) if rest else None
