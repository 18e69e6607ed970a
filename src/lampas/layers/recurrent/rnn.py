"""RNN, which runs a cell over the steps of a sequence, and the scan it uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

import jax
import jax.numpy as jnp
from jax import lax

from ...core import context
from ...core.arguments import PositiveInt, is_of_lampas
from ...core.arrays import to_device
from ...core.build import is_shape_pass
from ...core.errors import ArgumentError, DataError, Shape, ShapeError, format_shape
from ...core.functional import assign_values, preserve_values
from ...core.masks import as_mask, get_mask, set_mask
from ...core.variable import Array, State
from ...kernels.recurrent import ScanOptions
from ..base import Layer, LayerOptions, is_built

InitialStates = Array | tuple[Array, ...] | list[Array]


class RNN(Layer):
    """Run a cell over the steps of a sequence.

    Args:
        cell: a :class:`Cell`, or any layer that has a ``state_size``. If it has a method
            ``call(inputs, states)`` as in Keras, ``states`` is a list, also of a single state, and
            ``get_initial_state(batch_size)`` may return the first ones.
        return_sequences: whether to return the output of every step instead of the last one.
        return_state: whether to return ``(output, *states)`` with the states after the last step.
        go_backwards: whether to process the steps from the last to the first; outputs are returned
            in this order.
        stateful: whether each batch starts from the final states of the previous one. Row ``i``
            continues row ``i`` of the previous batch, so train with ``shuffle=False``;
            ``reset_states()`` sets the states to zero.
        batch_size: number of rows in every batch; needed if stateful.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Calls take three options: ``initial_state`` (an array, or one per state), ``mask`` (batch,
    steps) and ``lengths`` (batch,), the number of steps per row before padding begins. A masked
    step changes no state, and its output is that of the previous step; if all steps are masked,
    the initial states are returned.

    Shape: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with
    ``return_sequences``.

    Raises:
        ArgumentError: when ``cell`` is not a cell, or ``stateful`` is set without ``batch_size``.
        ShapeError: when features, masks or states do not match.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> layer = lp.RNN(lp.LSTMCell(4), return_state=True)
        >>> output, h, c = layer(np.ones((2, 5, 3)), lengths=[5, 2])
        >>> output.shape, c.shape
        ((2, 4), (2, 4))
    """

    axes = ("batch", "steps", "features")
    state_perturbation: Array | None = None
    """Added to the first state after each step, (batch, steps, size), to measure its effect."""

    def __init__(
        self,
        cell: Layer,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        *,
        batch_size: PositiveInt | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not hasattr(cell, "state_size"):
            raise ArgumentError(
                f"{type(self).__name__} needs a cell with a state_size, got {cell!r}."
            )
        if stateful and batch_size is None:
            raise ArgumentError(
                "a stateful layer keeps a state for each row of a batch: set the number of rows, "
                "as in stateful=True, batch_size=32."
            )
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.batch_size = batch_size
        self.carried_states: list[State] = []

    @property
    def scan_options(self) -> ScanOptions:
        """The order of the steps, and whether all outputs are returned."""
        return ScanOptions(self.go_backwards, self.return_sequences)

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """The size of each state."""
        size = self.cell.state_size
        return (size,) if isinstance(size, int) else tuple(size)

    def build(self, shape: Shape) -> None:
        self.input_features = shape[-1]
        if self.stateful and self.batch_size:
            self.carried_states = [
                self.state((self.batch_size, size), "zeros") for size in self.state_sizes
            ]

    def reset_states(self) -> None:
        """Set the states of a stateful layer to zero."""
        for state in self.carried_states:
            state.value = jnp.zeros_like(state.value)

    def forward(
        self,
        x: Array,
        initial_state: InitialStates | None = None,
        mask: Array | None = None,
        lengths: Array | None = None,
    ) -> Any:
        if x.shape[1] == 0:
            raise ShapeError(
                f"the sequences have no steps: shape {format_shape(x.shape)}. Drop empty sequences."
            )
        mask = resolve_mask(x, mask, lengths)
        states = self.initial_states(x, initial_state)
        if self.state_perturbation is None:
            outputs, states = self.run(x, states, mask)
        else:
            outputs, states = scan_cell(
                self.cell, x, states, mask, self.scan_options, self.state_perturbation
            )
        for variable, state in zip(self.carried_states, states, strict=bool(self.carried_states)):
            variable.value = lax.stop_gradient(state)
        if self.return_sequences:
            if self.go_backwards:
                outputs, mask = outputs[:, ::-1], None if mask is None else mask[:, ::-1]
            set_mask(outputs, mask)
        return (outputs, *states) if self.return_state else outputs

    def initial_states(self, x: Array, initial_state: InitialStates | None) -> tuple[Array, ...]:
        """The states before the first step."""
        rows = x.shape[0]
        if initial_state is not None:
            return self._check_states(_as_tuple(initial_state), rows)
        if self.carried_states and not is_shape_pass():
            if rows != self.batch_size:
                raise ShapeError(
                    f"is stateful and keeps the states of batch_size={self.batch_size} rows, got a "
                    f"batch of {rows}. Use batches of {self.batch_size}."
                )
            return tuple(state.value for state in self.carried_states)
        if hasattr(self.cell, "get_initial_state"):
            states = _as_tuple(self.cell.get_initial_state(batch_size=rows))
            return self._check_states(states, rows)
        return tuple(jnp.zeros((rows, size), x.dtype) for size in self.state_sizes)

    def _check_states(self, states: tuple[Array, ...], rows: int) -> tuple[Array, ...]:
        expected = [(rows, size) for size in self.state_sizes]
        shapes = [jnp.shape(state) for state in states]
        if shapes != expected:
            raise ShapeError(
                f"initial_state must be {_format_shapes(expected)}, got {_format_shapes(shapes)}: "
                "one array per state, one row per example."
            )
        return tuple(to_device(state, "initial_state") for state in states)

    def run(self, x: Array, states: tuple[Array, ...], mask: Array | None) -> ScanResult:
        """Process all steps; layers with a faster implementation than a scan override this."""
        return scan_cell(self.cell, x, states, mask, self.scan_options)


def _as_tuple(states: Any) -> tuple[Array, ...]:
    return tuple(states) if isinstance(states, tuple | list) else (states,)


def _format_shapes(shapes: Sequence[Shape]) -> str:
    return " and ".join(format_shape(shape) for shape in shapes)


def resolve_mask(x: Array, mask: Array | None, lengths: Array | None) -> Array | None:
    """The mask of a call: the argument, or made from lengths, or the one attached to ``x``."""
    if lengths is not None:
        if mask is not None:
            raise ArgumentError("pass either mask or lengths, not both.")
        lengths = to_device(lengths, "lengths")
        if lengths.shape != x.shape[:1]:
            raise ShapeError(
                f"lengths must be one number for each of {x.shape[0]} sequences, got shape "
                f"{format_shape(lengths.shape)}."
            )
        is_known = not isinstance(lengths, jax.core.Tracer)
        if is_known and not ((lengths >= 0) & (lengths <= x.shape[1])).all():
            raise DataError(
                f"lengths must be between 0 and the number of steps, {x.shape[1]}, got {lengths}."
            )
        return jnp.arange(x.shape[1]) < lengths[:, None]
    return get_mask(x) if mask is None else as_mask(mask, x)


class ScanResult(NamedTuple):
    """Result of a pass over a sequence.

    ``outputs`` holds the outputs of all steps in the order of the input, or that of the last step.
    """

    outputs: Array
    states: tuple[Array, ...]


def scan_cell(
    cell: Layer,
    x: Array,
    states: tuple[Array, ...],
    mask: Array | None,
    scan_options: ScanOptions,
    state_perturbation: Array | None = None,
    **cell_options: Any,
) -> ScanResult:
    """Run any cell over all steps in one ``lax.scan``.

    ``state_perturbation`` is added to the first state after each step; ``cell_options`` are passed
    to the cell.
    """
    takes_list = not is_of_lampas(type(cell).call)
    single = isinstance(cell.state_size, int) and not takes_list

    def call(x: Array, states: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
        argument = list(states) if takes_list else states[0] if single else states
        output, result = cell(x, argument, **cell_options)
        new_states = _as_tuple(result)
        if len(new_states) != len(states):
            raise ShapeError(
                f"{cell.name} has {len(states)} states by its state_size, and returned "
                f"{len(new_states)}: return output, [state] with one array for each."
            )
        return output, new_states

    cell.pre_forward(x[:, 0])
    if not is_built(cell):  # the cell contains layers, which are built in a call
        with preserve_values(cell.state_variables().values()):
            call(x[:, 0], states)
    variables, rng_counts = cell.state_variables(), context.rng_counts()

    def step(
        carry: Any, inputs: tuple[Array, Array | None, Array | None]
    ) -> tuple[Any, Array | None]:
        states, last_output, values = carry
        x_t, mask_t, perturbation = inputs
        with context.scan_body_scope(rng_counts), preserve_values(variables.values()):
            assign_values(variables, values)
            output, new_states = call(x_t, states)
            values = {path: variable.value for path, variable in variables.items()}
        is_state = output is new_states[0]
        if mask_t is not None:
            new_states = tuple(
                jnp.where(mask_t, new, old) for new, old in zip(new_states, states, strict=True)
            )
            output = jnp.where(mask_t, output, last_output)
        if perturbation is not None:
            new_states = (new_states[0] + perturbation, *new_states[1:])
            output = new_states[0] if is_state else output
        carry = (new_states, output, values)
        return carry, output if scan_options.return_sequences else None

    values = {path: variable.value for path, variable in variables.items()}
    steps = (
        x.swapaxes(0, 1),
        None if mask is None else mask.T[..., None],
        None if state_perturbation is None else state_perturbation.swapaxes(0, 1),
    )
    with context.scan_body_scope(rng_counts), preserve_values(variables.values()):
        shapes = jax.eval_shape(call, x[:, 0], states)
    states = tuple(s.astype(to.dtype) for s, to in zip(states, shapes[1], strict=True))
    first = initial_output(shapes[0], states)
    (states, last, values), outputs = lax.scan(
        step, (states, first, values), steps, reverse=scan_options.go_backwards
    )
    assign_values(variables, values)
    return ScanResult(last if outputs is None else outputs.swapaxes(0, 1), states)


def initial_output(shape: jax.ShapeDtypeStruct, states: tuple[Array, ...]) -> Array:
    """The output of masked first steps: the state if it has the output's shape, else zeros."""
    if states[0].shape == shape.shape:
        return states[0].astype(shape.dtype)
    return jnp.zeros(shape.shape, shape.dtype)
