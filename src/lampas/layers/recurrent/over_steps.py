"""Run any cell over the steps of a sequence."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from ...core import context
from ...core.functional import assign, preserved
from ...core.variable import Array
from ...ops.recurrent import Way
from ..layer import is_built
from .cells import Cell


class Run(NamedTuple):
    """What a pass over a sequence gives.

    ``outputs`` are those of all steps in the order of the input, or the last one's alone.
    """

    outputs: Array
    states: tuple[Array, ...]


def over_steps(
    cell: Cell,
    x: Array,
    states: tuple[Array, ...],
    mask: Array | None,
    way: Way,
    nudge: Array | None = None,
    **options: Any,
) -> Run:
    """Run any cell over all steps by one compiled loop.

    ``nudge`` is added to the first state after each step; ``options`` go to the cell.
    """
    single = isinstance(cell.state_size, int)

    def call(x: Array, states: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
        output, after = cell(x, states[0] if single else states, **options)
        return output, (after,) if single else tuple(after)

    cell.prepare(x[:, 0])
    if not is_built(cell):  # it has layers that see their input only in a call
        with preserved(cell.states().values()):
            call(x[:, 0], states)
    variables, drawn = cell.states(), context.draws()

    def step(
        carried: Any, at: tuple[Array, Array | None, Array | None]
    ) -> tuple[Any, Array | None]:
        states, last, values = carried
        now, counts, push = at
        with context.loop_body(drawn), preserved(variables.values()):
            assign(variables, values)
            output, after = call(now, states)
            values = {path: variable.value for path, variable in variables.items()}
        is_state = output is after[0]
        if counts is not None:
            after = tuple(
                jnp.where(counts, new, old) for new, old in zip(after, states, strict=True)
            )
            output = jnp.where(counts, output, last)
        if push is not None:
            after = (after[0] + push, *after[1:])
            output = after[0] if is_state else output
        return (after, output, values), output if way.sequences else None

    values = {path: variable.value for path, variable in variables.items()}
    times = (
        x.swapaxes(0, 1),
        None if mask is None else mask.T[..., None],
        None if nudge is None else nudge.swapaxes(0, 1),
    )
    with context.loop_body(drawn), preserved(variables.values()):
        shapes = jax.eval_shape(call, x[:, 0], states)
    states = tuple(s.astype(to.dtype) for s, to in zip(states, shapes[1], strict=True))
    first = first_output(shapes[0], states)
    (states, last, values), outputs = lax.scan(
        step, (states, first, values), times, reverse=way.backwards
    )
    assign(variables, values)
    return Run(last if outputs is None else outputs.swapaxes(0, 1), states)


def first_output(shape: jax.ShapeDtypeStruct, states: tuple[Array, ...]) -> Array:
    """The output of masked first steps: the state, or zeros where that can be no output."""
    if states[0].shape == shape.shape:
        return states[0].astype(shape.dtype)
    return jnp.zeros(shape.shape, shape.dtype)
