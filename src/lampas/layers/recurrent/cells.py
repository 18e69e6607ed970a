"""Cells: what a recurrent network does at one step."""

from __future__ import annotations

from typing import Any, ClassVar, TypedDict, Unpack

import jax
import jax.numpy as jnp

from ... import activations, initializers, regularizers
from ...activations import Activation
from ...core.build import Initializer
from ...core.errors import ArgumentError, Shape
from ...core.variable import Array, Regularizer
from ...kernels.recurrent.loop import times
from ..base import Layer, LayerOptions

States = Any
"""One array, or a tuple of arrays, as ``state_size`` is one number or a tuple of numbers."""


class Cell(Layer):
    """Base of cells: ``forward(x, states)`` returns ``(output, states)`` of one step.

    Set ``state_size``, the length of the state or a tuple of lengths, and write ``build`` and
    ``forward`` as in any layer; :class:`RNN` runs it over all steps::

        class Minimal(lampas.Cell):
            def __init__(self, units):
                super().__init__()
                self.state_size = units

            def build(self, shape):
                size = self.state_size
                self.kernel = self.parameter((shape[-1] + size, size), "glorot_uniform")

            def forward(self, x, h):
                h = jnp.tanh(jnp.concatenate([x, h], 1) @ self.kernel.value)
                return h, h

    Shape: ``x`` (batch, features), each state (batch, its size) -> ``(output, states)``.
    """

    axes = ("batch", "features")
    state_size: int | tuple[int, ...]


class CellOptions(TypedDict, total=False):
    """Options of the cells that come with Lampas.

    Args:
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: draw the first values.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties of one variable.
    """

    use_bias: bool
    kernel_initializer: Initializer | str
    recurrent_initializer: Initializer | str
    bias_initializer: Initializer | str
    kernel_regularizer: Regularizer | str | None
    recurrent_regularizer: Regularizer | str | None
    bias_regularizer: Regularizer | str | None


class _Gated(Cell):
    """Variables of the cells that come with Lampas; ``gates`` blocks of ``units`` side by side."""

    gates: ClassVar[int]

    def __init__(
        self,
        units: int,
        activation: Activation | str | None = "tanh",
        *,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        recurrent_initializer: Initializer | str = "orthogonal",
        bias_initializer: Initializer | str = "zeros",
        kernel_regularizer: Regularizer | str | None = None,
        recurrent_regularizer: Regularizer | str | None = None,
        bias_regularizer: Regularizer | str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not hasattr(units, "__index__") or units < 1:
            raise ArgumentError(f"units must be a whole number of 1 or more, got {units!r}.")
        self.units = units
        self.state_size: int | tuple[int, ...] = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        width = self.gates * self.units
        self.kernel = self.parameter(
            (self.features, width),
            self.kernel_initializer,
            penalized=True,
            regularizer=self.kernel_regularizer,
        )
        self.recurrent_kernel = self.parameter(
            (self.units, width),
            self.recurrent_initializer,
            penalized=True,
            regularizer=self.recurrent_regularizer,
        )
        self.bias = (
            self.parameter(
                self.bias_shape(width), self.first_bias(), regularizer=self.bias_regularizer
            )
            if self.use_bias
            else None
        )

    def bias_shape(self, width: int) -> Shape:
        """Shape of the bias."""
        return (width,)

    def first_bias(self) -> Initializer:
        """What draws the first bias."""
        return self.bias_initializer

    def project(self, x: Array) -> Array:
        """What the input brings to all gates: ``x @ kernel + bias``."""
        y = x @ self.kernel.value
        return y if self.bias is None else y + self.bias.value


class SimpleRNNCell(_Gated):
    """``h = activation(x @ kernel + h @ recurrent_kernel + bias)`` (Elman, 1990).

    Shape: ``x`` (batch, features), ``h`` (batch, units) -> ``(h, h)``.
    """

    gates = 1

    def forward(self, x: Array, h: Array, keep: Array | None = None) -> tuple[Array, Array]:
        h = self.activation(self.project(x) + times(h, keep) @ self.recurrent_kernel.value)
        return h, h


class GRUCell(_Gated):
    """Gated recurrent unit (Cho et al., 2014), with update gate z, reset gate r and candidate n::

        z = sigmoid(x @ W_z + h @ U_z + b_z)
        r = sigmoid(x @ W_r + h @ U_r + b_r)
        n = tanh(x @ W_n + b_n + r * (h @ U_n + c_n))    reset_after, two biases
        n = tanh(x @ W_n + b_n + (r * h) @ U_n)          otherwise
        h = z * h + (1 - z) * n

    The kernels hold the gates side by side in the order z, r, n; with ``reset_after`` the bias has
    a row for the input and one for the state.

    Shape: ``x`` (batch, features), ``h`` (batch, units) -> ``(h, h)``.
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: Activation | str | None = "tanh",
        recurrent_activation: Activation | str | None = "sigmoid",
        *,
        reset_after: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(units, activation, **options)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def bias_shape(self, width: int) -> Shape:
        return (2, width) if self.reset_after else (width,)

    def biases(self) -> tuple[Array | None, Array | None]:
        """The bias of the input's part and of the state's, as far as there are any."""
        if self.bias is None:
            return None, None
        return tuple(self.bias.value) if self.reset_after else (self.bias.value, None)

    def project(self, x: Array) -> Array:
        y, bias = x @ self.kernel.value, self.biases()[0]
        return y if bias is None else y + bias

    def forward(self, x: Array, h: Array, keep: Array | None = None) -> tuple[Array, Array]:
        U, own, old = self.recurrent_kernel.value, self.biases()[1], times(h, keep)
        x_z, x_r, x_n = jnp.split(self.project(x), 3, -1)
        if self.reset_after:
            h_z, h_r, h_n = jnp.split(old @ U if own is None else old @ U + own, 3, -1)
            r = self.recurrent_activation(x_r + h_r)
            n = self.activation(x_n + r * h_n)
        else:
            h_z, h_r = jnp.split(old @ U[:, : 2 * self.units], 2, -1)
            r = self.recurrent_activation(x_r + h_r)
            n = self.activation(x_n + (r * old) @ U[:, 2 * self.units :])
        z = self.recurrent_activation(x_z + h_z)
        h = z * h + (1 - z) * n
        return h, h


class LSTMCell(_Gated):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000)::

        i, f, o = sigmoid(x @ W + h @ U + b)    input, forget and output gate
        g       = tanh(x @ W_g + h @ U_g + b_g)
        c       = f * c + i * g
        h       = o * tanh(c)

    The kernels hold the gates side by side in the order i, f, g, o. With ``unit_forget_bias`` the
    forget gate's bias begins at 1, so that the cell remembers at first (Jozefowicz et al., 2015).

    Shape: ``x`` (batch, features), ``h`` and ``c`` (batch, units) -> ``(h, (h, c))``.
    """

    gates = 4

    def __init__(
        self,
        units: int,
        activation: Activation | str | None = "tanh",
        recurrent_activation: Activation | str | None = "sigmoid",
        *,
        unit_forget_bias: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(units, activation, **options)
        self.state_size = (units, units)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    def first_bias(self) -> Initializer:
        if not self.unit_forget_bias:
            return self.bias_initializer

        def draw(key: jax.Array, shape: Shape, dtype: Any) -> Array:
            bias = self.bias_initializer(key, shape, dtype)
            return bias.at[self.units : 2 * self.units].set(1)

        return draw

    def forward(
        self, x: Array, states: tuple[Array, Array], keep: Array | None = None
    ) -> tuple[Array, tuple[Array, Array]]:
        h, c = states
        gates = self.project(x) + times(h, keep) @ self.recurrent_kernel.value
        i, f, g, o = jnp.split(gates, 4, -1)
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(g)
        h = gate(o) * self.activation(c)
        return h, (h, c)
