"""SimpleRNN, GRU and LSTM: recurrent layers with a fused kernel.

An LSTM consists of these files (GRU and SimpleRNN likewise):

- ``layers/recurrent/lstm_gru.py``: the layer; it chooses between kernel, cuDNN and scan;
- ``layers/recurrent/cells.py``: ``LSTMCell``, the weights and the formula of one step;
- ``layers/recurrent/rnn.py``: arguments, states and masks, and ``scan_cell``, which runs any cell;
- ``kernels/recurrent/lstm.py``: all steps at once, with a gradient written by hand;
- ``kernels/recurrent/loop.py``: the loop over steps that the kernels share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Unpack, cast

import jax
import jax.numpy as jnp

from ... import activations
from ...activations import Activation
from ...core import context
from ...core.arguments import PositiveInt, ProperFraction
from ...core.build import Initializer
from ...core.errors import Shape
from ...core.variable import Array
from ...kernels import recurrent as kernels
from ...kernels.recurrent.loop import Weights
from ..base import LayerOptions
from ..weights import layer_options
from .cells import GRUCell, LSTMCell, RecurrentOptions, SimpleRNNCell
from .rnn import RNN, ScanResult, scan_cell


class _FusedRNN(RNN):
    """Base of layers whose cell has a fused kernel, used with the standard activations."""

    cell: SimpleRNNCell | GRUCell | LSTMCell
    kernel: ClassVar[Callable[..., tuple[Array, ...]]]
    cudnn: ClassVar[Callable[..., tuple[Array, ...]] | None] = None

    def __init__(
        self,
        cell: SimpleRNNCell | GRUCell | LSTMCell,
        dropout: ProperFraction,
        recurrent_dropout: ProperFraction,
        return_sequences: bool,
        return_state: bool,
        go_backwards: bool,
        stateful: bool,
        *,
        batch_size: PositiveInt | None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful,
            batch_size=batch_size, **options,
        )  # fmt: skip
        self.units = cell.units
        self.dropout, self.recurrent_dropout = dropout, recurrent_dropout

    def run(self, x: Array, states: tuple[Array, ...], mask: Array | None) -> ScanResult:
        self.cell.pre_forward(x[:, 0])
        dtype = jnp.result_type(x, self.cell.kernel.value)
        x, states = x.astype(dtype), tuple(state.astype(dtype) for state in states)
        rows = x.shape[0]
        input_mask = self._dropout_mask(self.dropout, (rows, x.shape[-1]), x)
        if input_mask is not None:
            x = x * input_mask[:, None]
        keep_mask = self._dropout_mask(self.recurrent_dropout, (rows, self.units), x)
        if not self.is_standard:
            return scan_cell(self.cell, x, states, mask, self.scan_options, keep_mask=keep_mask)
        step_mask = None if mask is None else mask.astype(x.dtype)
        outputs, *last_states = self.fused_forward(x, states, step_mask, keep_mask)
        return ScanResult(outputs, tuple(last_states))

    @property
    def is_standard(self) -> bool:
        """Whether the cell has the activations that the fused kernel computes."""
        gate = getattr(self.cell, "recurrent_activation", activations.sigmoid)
        return self.cell.activation is activations.tanh and gate is activations.sigmoid

    def fused_forward(
        self, x: Array, states: tuple[Array, ...], mask: Array | None, keep_mask: Array | None
    ) -> tuple[Array, ...]:
        """The outputs and the states after all steps, computed by the fused kernel."""
        cell = self.cell
        shape = cell.bias_shape(cell.gates * cell.units)
        bias = jnp.zeros(shape, x.dtype) if cell.bias is None else cell.bias.value
        weights = Weights(cell.kernel.value, cell.recurrent_kernel.value, bias)
        options, arrays = self.scan_options, (*states, mask, keep_mask)
        if self.cudnn is not None and mask is None and keep_mask is None and kernels.has_cudnn():
            return self.cudnn(options, x, weights, *states)
        return kernels.in_row_blocks(self.kernel, options, x, weights, *arrays)

    def _dropout_mask(self, rate: float, shape: Shape, x: Array) -> Array | None:
        """Factors 0 and ``1 / (1 - rate)``; None if nothing is dropped."""
        if rate == 0.0 or not context.is_training():
            return None
        mask = jax.random.bernoulli(context.random_key(), 1.0 - rate, shape)
        return jnp.where(mask, 1.0 / (1.0 - rate), 0.0).astype(x.dtype)

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return inputs[0] * inputs[1] * (self.cell.kernel.size + self.cell.recurrent_kernel.size)


def cell_options(options: RecurrentOptions) -> RecurrentOptions:
    """The options of the cell: those that are not of every layer."""
    of_cell = {n: v for n, v in options.items() if n not in LayerOptions.__annotations__}
    return cast(RecurrentOptions, of_cell)


class SimpleRNN(_FusedRNN):
    """Recurrent layer with ``h = activation(x @ kernel + h @ recurrent_kernel + bias)`` per step.

    The network of Elman (1990); the cell is :class:`SimpleRNNCell`.

    Args:
        units: size of the state and of the output.
        activation: name or function applied to the new state; None for none.
        use_bias: whether to add a bias.
        kernel_initializer: draws the initial kernel of the input.
        recurrent_initializer: draws the initial kernel of the state.
        bias_initializer: draws the initial bias.
        dropout: fraction of the input's features set to 0 in training, the same at all steps.
        recurrent_dropout: fraction of the old state hidden from a step in training, the same at
            all steps (Gal and Ghahramani, 2016).
        return_sequences: whether to return the output of every step instead of the last one.
        return_state: whether to return ``(output, *states)`` with the states after the last step.
        go_backwards: whether to process the steps from the last to the first.
        stateful: whether each batch starts from the final states of the previous one, see
            :class:`RNN`.
        batch_size: number of rows in every batch; needed if stateful.
        **options: penalties and constraints of kernels and bias, see :class:`RecurrentOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Calls take ``initial_state``, ``mask`` and ``lengths`` as in :class:`RNN`.

    Shape: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with
    ``return_sequences``.

    Raises:
        ArgumentError: when an argument is out of range.
        ShapeError: when features, masks or states do not match.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.SimpleRNN(4)(np.ones((2, 5, 3))).shape
        (2, 4)
        >>> lp.SimpleRNN(4, return_sequences=True)(np.ones((2, 5, 3))).shape
        (2, 5, 4)
    """

    kernel = staticmethod(jax.jit(kernels.simple_rnn, static_argnums=0))

    def __init__(
        self,
        units: PositiveInt,
        activation: Activation | str | None = "tanh",
        *,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        recurrent_initializer: Initializer | str = "orthogonal",
        bias_initializer: Initializer | str = "zeros",
        dropout: ProperFraction = 0.0,
        recurrent_dropout: ProperFraction = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        batch_size: PositiveInt | None = None,
        **options: Unpack[RecurrentOptions],
    ) -> None:
        cell = SimpleRNNCell(
            units, activation, use_bias=use_bias,
            kernel_initializer=kernel_initializer, recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer, **cell_options(options),
        )  # fmt: skip
        super().__init__(
            cell, dropout, recurrent_dropout, return_sequences, return_state, go_backwards,
            stateful, batch_size=batch_size, **layer_options(options),
        )  # fmt: skip


class GRU(_FusedRNN):
    """Gated recurrent unit (Cho et al., 2014); the formulas are those of :class:`GRUCell`.

    Args:
        units: size of the state and of the output.
        activation: name or function applied to the candidate; None for none.
        recurrent_activation: name or function applied to the gates; None for none.
        reset_after: whether the reset gate is applied after the matrix product.
        use_bias: whether to add a bias.
        kernel_initializer: draws the initial kernel of the input.
        recurrent_initializer: draws the initial kernel of the state.
        bias_initializer: draws the initial bias.
        dropout: fraction of the input's features set to 0 in training, the same at all steps.
        recurrent_dropout: fraction of the old state hidden from a step in training, the same at
            all steps (Gal and Ghahramani, 2016).
        return_sequences: whether to return the output of every step instead of the last one.
        return_state: whether to return ``(output, *states)`` with the states after the last step.
        go_backwards: whether to process the steps from the last to the first.
        stateful: whether each batch starts from the final states of the previous one, see
            :class:`RNN`.
        batch_size: number of rows in every batch; needed if stateful.
        **options: penalties and constraints of kernels and bias, see :class:`RecurrentOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Calls take ``initial_state``, ``mask`` and ``lengths`` as in :class:`RNN`.

    Shape: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with
    ``return_sequences``.

    Raises:
        ArgumentError: when an argument is out of range.
        ShapeError: when features, masks or states do not match.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.GRU(4)(np.ones((2, 5, 3))).shape
        (2, 4)
        >>> lp.GRU(4, return_sequences=True)(np.ones((2, 5, 3))).shape
        (2, 5, 4)
    """

    cell: GRUCell
    kernel = staticmethod(jax.jit(kernels.gru, static_argnums=0))

    def __init__(
        self,
        units: PositiveInt,
        activation: Activation | str | None = "tanh",
        recurrent_activation: Activation | str | None = "sigmoid",
        *,
        reset_after: bool = True,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        recurrent_initializer: Initializer | str = "orthogonal",
        bias_initializer: Initializer | str = "zeros",
        dropout: ProperFraction = 0.0,
        recurrent_dropout: ProperFraction = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        batch_size: PositiveInt | None = None,
        **options: Unpack[RecurrentOptions],
    ) -> None:
        cell = GRUCell(
            units, activation, recurrent_activation, reset_after=reset_after, use_bias=use_bias,
            kernel_initializer=kernel_initializer, recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer, **cell_options(options),
        )  # fmt: skip
        super().__init__(
            cell, dropout, recurrent_dropout, return_sequences, return_state, go_backwards,
            stateful, batch_size=batch_size, **layer_options(options),
        )  # fmt: skip

    @property
    def is_standard(self) -> bool:
        return self.cell.reset_after and super().is_standard


class LSTM(_FusedRNN):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997); its states are ``(h, c)``.

    The formulas are those of :class:`LSTMCell`.

    Args:
        units: size of the state and of the output.
        activation: name or function applied to the candidate and the output; None for none.
        recurrent_activation: name or function applied to the gates; None for none.
        unit_forget_bias: whether the bias of the forget gate is initialized to 1.
        use_bias: whether to add a bias.
        kernel_initializer: draws the initial kernel of the input.
        recurrent_initializer: draws the initial kernel of the state.
        bias_initializer: draws the initial bias.
        dropout: fraction of the input's features set to 0 in training, the same at all steps.
        recurrent_dropout: fraction of the old state hidden from a step in training, the same at
            all steps (Gal and Ghahramani, 2016).
        return_sequences: whether to return the output of every step instead of the last one.
        return_state: whether to return ``(output, *states)`` with the states after the last step.
        go_backwards: whether to process the steps from the last to the first.
        stateful: whether each batch starts from the final states of the previous one, see
            :class:`RNN`.
        batch_size: number of rows in every batch; needed if stateful.
        **options: penalties and constraints of kernels and bias, see :class:`RecurrentOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Calls take ``initial_state``, ``mask`` and ``lengths`` as in :class:`RNN`.

    Shape: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with
    ``return_sequences``.

    Raises:
        ArgumentError: when an argument is out of range.
        ShapeError: when features, masks or states do not match.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.LSTM(4)(np.ones((2, 5, 3))).shape
        (2, 4)
        >>> lp.LSTM(4, return_sequences=True)(np.ones((2, 5, 3))).shape
        (2, 5, 4)
    """

    kernel = staticmethod(jax.jit(kernels.lstm, static_argnums=0))
    cudnn = staticmethod(kernels.cudnn_lstm)

    def __init__(
        self,
        units: PositiveInt,
        activation: Activation | str | None = "tanh",
        recurrent_activation: Activation | str | None = "sigmoid",
        *,
        unit_forget_bias: bool = True,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        recurrent_initializer: Initializer | str = "orthogonal",
        bias_initializer: Initializer | str = "zeros",
        dropout: ProperFraction = 0.0,
        recurrent_dropout: ProperFraction = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        batch_size: PositiveInt | None = None,
        **options: Unpack[RecurrentOptions],
    ) -> None:
        cell = LSTMCell(
            units, activation, recurrent_activation, unit_forget_bias=unit_forget_bias,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer, recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer, **cell_options(options),
        )  # fmt: skip
        super().__init__(
            cell, dropout, recurrent_dropout, return_sequences, return_state, go_backwards,
            stateful, batch_size=batch_size, **layer_options(options),
        )  # fmt: skip
