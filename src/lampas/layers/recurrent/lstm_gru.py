"""The recurrent layers that everyone knows: SimpleRNN, GRU and LSTM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Unpack

import jax
import jax.numpy as jnp

from ... import activations
from ...activations import Activation
from ...core import context
from ...core.errors import ArgumentError, Shape
from ...core.variable import Array
from ...kernels.recurrent import cudnn_lstm, gru, has_cudnn, in_parts, lstm, simple_rnn
from .cells import CellOptions, GRUCell, LSTMCell, SimpleRNNCell
from .rnn import RNN, Run, RunOptions, over_steps


class RecurrentOptions(CellOptions, RunOptions, total=False):
    """Options of SimpleRNN, GRU and LSTM beside their activations: the cell's, RNN's, and two.

    Args:
        dropout: part of the input's features dropped in training, the same at all steps.
        recurrent_dropout: part of the old state that a step does not see in training, the same at
            all steps (Gal and Ghahramani, 2016).
    """

    dropout: float
    recurrent_dropout: float


class _Recurrent(RNN):
    """A layer with a cell of Lampas's own."""

    cell: SimpleRNNCell | GRUCell | LSTMCell
    kernel: ClassVar[Callable[..., tuple[Array, ...]]]
    cudnn: ClassVar[Callable[..., tuple[Array, ...]] | None] = None

    def __init__(self, cell: Any, **options: Any) -> None:
        rates = {name: options.pop(name, 0.0) for name in ("dropout", "recurrent_dropout")}
        for name, rate in rates.items():
            if not 0.0 <= rate < 1.0:
                raise ArgumentError(f"{name} must be from 0 up to, not including, 1, got {rate}.")
        super().__init__(cell, **options)
        self.units = self.cell.units
        self.dropout, self.recurrent_dropout = rates["dropout"], rates["recurrent_dropout"]

    def run(self, x: Array, states: tuple[Array, ...], mask: Array | None) -> Run:
        self.cell.prepare(x[:, 0])
        kind = jnp.result_type(x, self.cell.kernel.value)
        x, states = x.astype(kind), tuple(state.astype(kind) for state in states)
        rows = x.shape[0]
        kept = self._kept(self.dropout, (rows, x.shape[-1]), x)
        if kept is not None:
            x = x * kept[:, None]
        keep = self._kept(self.recurrent_dropout, (rows, self.units), x)
        if not self.is_standard:
            return over_steps(self.cell, x, states, mask, self.way, keep=keep)
        counts = None if mask is None else mask.astype(x.dtype)
        outputs, *states_after = self.whole(x, states, counts, keep)
        return Run(outputs, tuple(states_after))

    @property
    def is_standard(self) -> bool:
        """Whether the cell computes what ``whole`` does: it has the usual activations."""
        gate = getattr(self.cell, "recurrent_activation", activations.sigmoid)
        return self.cell.activation is activations.tanh and gate is activations.sigmoid

    def whole(
        self, x: Array, states: tuple[Array, ...], mask: Array | None, keep: Array | None
    ) -> tuple[Array, ...]:
        """The outputs and the states after all steps, by the kernel made for this layer."""
        cell = self.cell
        bias = cell.bias_shape(cell.gates * cell.units)
        weights = (
            cell.kernel.value,
            cell.recurrent_kernel.value,
            jnp.zeros(bias, x.dtype) if cell.bias is None else cell.bias.value,
        )
        if self.cudnn is not None and mask is None and keep is None and has_cudnn():
            return self.cudnn(self.way, x, *weights, *states)
        return in_parts(self.kernel, self.way, x, *weights, *states, mask, keep)

    def _kept(self, rate: float, shape: Shape, x: Array) -> Array | None:
        """Factors 0 and 1 / (1 - rate); None where nothing is dropped."""
        if rate == 0.0 or not context.is_training():
            return None
        drawn = jax.random.bernoulli(context.random_key(), 1.0 - rate, shape)
        return jnp.where(drawn, 1.0 / (1.0 - rate), 0.0).astype(x.dtype)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return inputs[0] * inputs[1] * (self.cell.kernel.size + self.cell.recurrent_kernel.size)


def _share(options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of the cell, and those of the layer."""
    cell = {name: options[name] for name in CellOptions.__annotations__ if name in options}
    return cell, {name: value for name, value in options.items() if name not in cell}


class SimpleRNN(_Recurrent):
    """``h = activation(x @ kernel + h @ recurrent_kernel + bias)`` at each step (Elman, 1990).

    Shape and errors: as of :class:`RNN`. Options: :class:`RecurrentOptions`.
    """

    kernel = staticmethod(jax.jit(simple_rnn, static_argnums=0))

    def __init__(
        self,
        units: int,
        activation: Activation | str | None = "tanh",
        **options: Unpack[RecurrentOptions],
    ) -> None:
        cell, layer = _share(options)
        super().__init__(SimpleRNNCell(units, activation, **cell), **layer)


class GRU(_Recurrent):
    """Gated recurrent unit (Cho et al., 2014); the formulas are :class:`GRUCell`'s.

    Shape and errors: as of :class:`RNN`. Options: :class:`RecurrentOptions`.
    """

    cell: GRUCell
    kernel = staticmethod(jax.jit(gru, static_argnums=0))

    def __init__(
        self,
        units: int,
        activation: Activation | str | None = "tanh",
        recurrent_activation: Activation | str | None = "sigmoid",
        *,
        reset_after: bool = True,
        **options: Unpack[RecurrentOptions],
    ) -> None:
        cell, layer = _share(options)
        made = GRUCell(units, activation, recurrent_activation, reset_after=reset_after, **cell)
        super().__init__(made, **layer)

    @property
    def is_standard(self) -> bool:
        return self.cell.reset_after and super().is_standard


class LSTM(_Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997); see :class:`LSTMCell`.

    Its states are ``(h, c)``.

    Shape and errors: as of :class:`RNN`. Options: :class:`RecurrentOptions`.
    """

    kernel = staticmethod(jax.jit(lstm, static_argnums=0))
    cudnn = staticmethod(cudnn_lstm)

    def __init__(
        self,
        units: int,
        activation: Activation | str | None = "tanh",
        recurrent_activation: Activation | str | None = "sigmoid",
        *,
        unit_forget_bias: bool = True,
        **options: Unpack[RecurrentOptions],
    ) -> None:
        cell, layer = _share(options)
        made = LSTMCell(
            units, activation, recurrent_activation, unit_forget_bias=unit_forget_bias, **cell
        )
        super().__init__(made, **layer)
