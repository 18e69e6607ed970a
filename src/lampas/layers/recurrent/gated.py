"""The recurrent layers that everyone knows: SimpleRNN, GRU and LSTM."""

from __future__ import annotations

from typing import Any, Unpack

import jax
import jax.numpy as jnp

from ...activations import Activation
from ...core import context
from ...core.errors import ArgumentError, Shape
from ...core.variable import Array
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
        rows = x.shape[0]
        kept = self._kept(self.dropout, (rows, x.shape[-1]), x)
        if kept is not None:
            x = x * kept[:, None]
        keep = self._kept(self.recurrent_dropout, (rows, self.units), x)
        return over_steps(
            self.cell, x, states, mask, self.go_backwards, self.return_sequences, keep=keep
        )

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


class LSTM(_Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997); see :class:`LSTMCell`.

    Its states are ``(h, c)``.

    Shape and errors: as of :class:`RNN`. Options: :class:`RecurrentOptions`.
    """

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
