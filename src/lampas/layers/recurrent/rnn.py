"""A recurrent layer: a cell run over all steps of a sequence.

Run any cell over the steps of a sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

import jax
import jax.numpy as jnp
from jax import lax

from ...core import context
from ...core.build import is_dry_run
from ...core.errors import ArgumentError, DataError, Shape, ShapeError, show_shape
from ...core.functional import assign, preserved
from ...core.masks import carry_mask, checked, mask_of
from ...core.variable import Array, State
from ...kernels.recurrent import Way
from ..base import Layer, LayerOptions, is_built
from .cells import Cell

Initial = Array | tuple[Array, ...] | list[Array]


class RunOptions(LayerOptions, total=False):
    """Options of every recurrent layer; see :class:`RNN`."""

    return_sequences: bool
    return_state: bool
    go_backwards: bool
    stateful: bool
    batch_size: int | None


class RNN(Layer):
    """Run a cell over the steps of a sequence, one after the other.

    Args:
        cell: a :class:`Cell`.
        return_sequences: give the output of every step, not of the last alone.
        return_state: give ``(output, *states)``, the states after the last step.
        go_backwards: begin with the last step; the outputs come in the order of work.
        stateful: begin each batch with the states that the one before it ended with; row ``i`` of
            a batch goes on where row ``i`` of the last one ended, so fit with ``shuffle=False``.
            ``reset_states()`` begins anew.
        batch_size: rows of every batch, needed when stateful.

    Calls take three options: ``initial_state`` (an array, or one for each state), ``mask`` (batch,
    steps) and ``lengths`` (batch,), the number of steps at the beginning that count. A masked step
    changes no state, and its output is that of the step before; where none counts, the states stay
    as they began.

    Shape: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with
    ``return_sequences``.
    Raises ShapeError when features, masks or states do not fit.
    """

    axes = ("batch", "steps", "features")
    nudge: Array | None = None
    """Added to the first state after each step, (batch, steps, size): to see what that changes."""

    def __init__(
        self,
        cell: Cell,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        *,
        batch_size: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not hasattr(cell, "state_size"):
            raise ArgumentError(
                f"{type(self).__name__} needs a cell with a state_size, got {cell!r}."
            )
        if stateful and batch_size is None:
            raise ArgumentError(
                "a stateful layer keeps a state for each row of a batch: say how many rows, "
                "as in stateful=True, batch_size=32."
            )
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.batch_size = batch_size
        self.kept: list[State] = []

    @property
    def way(self) -> Way:
        """How the sequence is read, and what of it is given."""
        return Way(self.go_backwards, self.return_sequences)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The length of each state."""
        size = self.cell.state_size
        return (size,) if isinstance(size, int) else tuple(size)

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        if self.stateful and self.batch_size:
            self.kept = [self.state((self.batch_size, size), "zeros") for size in self.sizes]

    def reset_states(self) -> None:
        """Let a stateful layer begin with zeros again."""
        for state in self.kept:
            state.value = jnp.zeros_like(state.value)

    def forward(
        self,
        x: Array,
        initial_state: Initial | None = None,
        mask: Array | None = None,
        lengths: Array | None = None,
    ) -> Any:
        if x.shape[1] == 0:
            raise ShapeError(
                f"the sequences have no steps: shape {show_shape(x.shape)}. Leave empty ones out."
            )
        mask = which_steps(x, mask, lengths)
        begin = self.begin(x, initial_state)
        if self.nudge is None:
            outputs, states = self.run(x, begin, mask)
        else:
            outputs, states = over_steps(self.cell, x, begin, mask, self.way, nudge=self.nudge)
        for variable, state in zip(self.kept, states, strict=bool(self.kept)):
            variable.value = lax.stop_gradient(state)
        if self.return_sequences:
            if self.go_backwards:
                outputs, mask = outputs[:, ::-1], None if mask is None else mask[:, ::-1]
            carry_mask(outputs, mask)
        return (outputs, *states) if self.return_state else outputs

    def begin(self, x: Array, given: Initial | None) -> tuple[Array, ...]:
        """The states before the first step."""
        rows = x.shape[0]
        if given is not None:
            states = tuple(given) if isinstance(given, tuple | list) else (given,)
            return self._fit(states, rows)
        if self.kept and not is_dry_run():
            if rows != self.batch_size:
                raise ShapeError(
                    f"is stateful and keeps the states of batch_size={self.batch_size} rows, got a "
                    f"batch of {rows}. Feed batches of {self.batch_size}."
                )
            return tuple(state.value for state in self.kept)
        return tuple(jnp.zeros((rows, size), x.dtype) for size in self.sizes)

    def _fit(self, states: tuple[Array, ...], rows: int) -> tuple[Array, ...]:
        wanted = [(rows, size) for size in self.sizes]
        shapes = [jnp.shape(state) for state in states]
        if shapes != wanted:
            raise ShapeError(
                f"initial_state must be {_list(wanted)}, got {_list(shapes)}: one array for each "
                "state, one row for each example."
            )
        return tuple(jnp.asarray(state) for state in states)

    def run(self, x: Array, states: tuple[Array, ...], mask: Array | None) -> Run:
        """Go over all steps. A class with a quicker way than a loop over its cell has its own."""
        return over_steps(self.cell, x, states, mask, self.way)


def _list(shapes: Sequence[Shape]) -> str:
    return " and ".join(show_shape(shape) for shape in shapes)


def _within(lengths: Array, steps: int) -> bool:
    return bool(jnp.all((lengths >= 0) & (lengths <= steps)))


def which_steps(x: Array, mask: Array | None, lengths: Array | None) -> Array | None:
    """The mask of a call: the one given, or made of lengths, or carried by ``x``."""
    if lengths is not None:
        if mask is not None:
            raise ArgumentError("give a mask or lengths, not both.")
        lengths = jnp.asarray(lengths)
        if lengths.shape != x.shape[:1]:
            raise ShapeError(
                f"lengths must be one number for each of {x.shape[0]} sequences, got shape "
                f"{show_shape(lengths.shape)}."
            )
        if not isinstance(lengths, jax.core.Tracer) and not _within(lengths, x.shape[1]):
            raise DataError(
                f"lengths must be from 0 to the {x.shape[1]} steps there are, got {lengths}."
            )
        return jnp.arange(x.shape[1]) < lengths[:, None]
    return mask_of(x) if mask is None else checked(mask, x)


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
