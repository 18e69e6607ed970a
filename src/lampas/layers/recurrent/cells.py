"""Cells: the computation of a recurrent network in one step."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

import jax
import jax.numpy as jnp

from ... import activations, initializers
from ...activations import Activation
from ...core.arguments import PositiveInt
from ...core.build import Initializer
from ...core.errors import Shape
from ...core.variable import Array, Regularizer, WeightConstraint
from ...kernels.recurrent.loop import apply_keep_mask
from ..base import Layer
from ..weights import KernelOptions, make_weight, set_weight_options

States = Any
"""One array or a tuple of arrays, just as ``state_size`` is one number or a tuple."""


class Cell(Layer):
    """Base class of cells: ``forward(x, states)`` returns ``(output, states)`` of one step.

    Set ``state_size``, the size of the state or a tuple of sizes, and write ``build`` and
    ``forward`` as in any layer; :class:`RNN` runs the cell over all steps. A method ``call`` in
    place of ``forward`` gets and returns a list of states, as in Keras.

    Args:
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``x`` (batch, features), each state (batch, its size) -> ``(output, states)``.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> class Minimal(lp.Cell):
        ...     def __init__(self, units):
        ...         super().__init__()
        ...         self.state_size = units
        ...
        ...     def build(self, shape):
        ...         size = self.state_size
        ...         self.kernel = self.parameter((shape[-1] + size, size), "glorot_uniform")
        ...
        ...     def forward(self, x, h):
        ...         h = jnp.tanh(jnp.concatenate([x, h], 1) @ self.kernel.value)
        ...         return h, h
        >>> lp.RNN(Minimal(4))(jnp.ones((2, 5, 3))).shape
        (2, 4)
    """

    axes = ("batch", "features")
    state_size: int | tuple[int, ...]


class RecurrentOptions(KernelOptions, total=False):
    """Options of :class:`KernelOptions`, and the same for the kernel of the state."""

    recurrent_regularizer: Regularizer | str | None
    recurrent_constraint: WeightConstraint | str | None


class _GatedCell(Cell):
    """Base of SimpleRNNCell, GRUCell and LSTMCell, whose kernels hold ``gates`` blocks of units."""

    gates: ClassVar[int]

    def __init__(
        self,
        units: PositiveInt,
        activation: Activation | str | None = "tanh",
        *,
        use_bias: bool = True,
        kernel_initializer: Initializer | str = "glorot_uniform",
        recurrent_initializer: Initializer | str = "orthogonal",
        bias_initializer: Initializer | str = "zeros",
        **options: Unpack[RecurrentOptions],
    ) -> None:
        super().__init__(**set_weight_options(self, RecurrentOptions, options))
        self.units = units
        self.state_size: int | tuple[int, ...] = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def build(self, shape: Shape) -> None:
        self.input_features = shape[-1]
        width = self.gates * self.units
        self.kernel = make_weight(self, "kernel", (shape[-1], width), regularized=True)
        shape = (self.units, width)
        self.recurrent_kernel = make_weight(self, "recurrent", shape, regularized=True)
        self.bias = None
        if self.use_bias:
            shape, initializer = self.bias_shape(width), self.initial_bias()
            self.bias = make_weight(self, "bias", shape, initializer=initializer)

    def bias_shape(self, width: int) -> Shape:
        """Shape of the bias."""
        return (width,)

    def initial_bias(self) -> Initializer:
        """The initializer of the bias."""
        return self.bias_initializer

    def project_input(self, x: Array) -> Array:
        """The contribution of the input to all gates: ``x @ kernel + bias``."""
        y = x @ self.kernel.value
        return y if self.bias is None else y + self.bias.value


class SimpleRNNCell(_GatedCell):
    """``h = activation(x @ kernel + h @ recurrent_kernel + bias)`` (Elman, 1990).

    Args:
        units: size of the state.
        activation: name or function applied to the new state; None for none.
        use_bias: whether to add a bias.
        kernel_initializer: draws the initial kernel of the input.
        recurrent_initializer: draws the initial kernel of the state.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernels and bias, see :class:`RecurrentOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``x`` (batch, features), ``h`` (batch, units) -> ``(h, h)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> output, h = lp.SimpleRNNCell(4)(np.ones((2, 3)), np.zeros((2, 4)))
        >>> output.shape
        (2, 4)
    """

    gates = 1

    def forward(self, x: Array, h: Any, keep_mask: Array | None = None) -> tuple[Array, Any]:
        if isinstance(h, list):  # as in the cells of Keras
            output, h = self.forward(x, h[0], keep_mask)
            return output, [h]
        recurrent = apply_keep_mask(h, keep_mask) @ self.recurrent_kernel.value
        h = self.activation(self.project_input(x) + recurrent)
        return h, h


class GRUCell(_GatedCell):
    """Gated recurrent unit (Cho et al., 2014), with update gate z, reset gate r and candidate n::

        z = sigmoid(x @ W_z + h @ U_z + b_z)
        r = sigmoid(x @ W_r + h @ U_r + b_r)
        n = tanh(x @ W_n + b_n + r * (h @ U_n + c_n))    with reset_after
        n = tanh(x @ W_n + b_n + (r * h) @ U_n)          otherwise
        h = z * h + (1 - z) * n

    The kernels hold the gates side by side in the order z, r, n. With ``reset_after`` the bias has
    one row for the input and one for the state.

    Args:
        units: size of the state.
        activation: name or function applied to the candidate; None for none.
        recurrent_activation: name or function applied to the gates; None for none.
        reset_after: whether the reset gate is applied after the matrix product.
        use_bias: whether to add a bias.
        kernel_initializer: draws the initial kernel of the input.
        recurrent_initializer: draws the initial kernel of the state.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernels and bias, see :class:`RecurrentOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``x`` (batch, features), ``h`` (batch, units) -> ``(h, h)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> output, h = lp.GRUCell(4)(np.ones((2, 3)), np.zeros((2, 4)))
        >>> output.shape
        (2, 4)
    """

    gates = 3

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
        **options: Unpack[RecurrentOptions],
    ) -> None:
        super().__init__(
            units, activation, use_bias=use_bias,
            kernel_initializer=kernel_initializer, recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer, **options,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def bias_shape(self, width: int) -> Shape:
        return (2, width) if self.reset_after else (width,)

    def biases(self) -> tuple[Array | None, Array | None]:
        """The bias of the input and that of the state, each None if it does not exist."""
        if self.bias is None:
            return None, None
        return tuple(self.bias.value) if self.reset_after else (self.bias.value, None)

    def project_input(self, x: Array) -> Array:
        y, bias = x @ self.kernel.value, self.biases()[0]
        return y if bias is None else y + bias

    def forward(self, x: Array, h: Any, keep_mask: Array | None = None) -> tuple[Array, Any]:
        if isinstance(h, list):  # as in the cells of Keras
            output, h = self.forward(x, h[0], keep_mask)
            return output, [h]
        U, bias = self.recurrent_kernel.value, self.biases()[1]
        visible = apply_keep_mask(h, keep_mask)
        x_z, x_r, x_n = jnp.split(self.project_input(x), 3, -1)
        if self.reset_after:
            h_z, h_r, h_n = jnp.split(visible @ U if bias is None else visible @ U + bias, 3, -1)
            r = self.recurrent_activation(x_r + h_r)
            n = self.activation(x_n + r * h_n)
        else:
            h_z, h_r = jnp.split(visible @ U[:, : 2 * self.units], 2, -1)
            r = self.recurrent_activation(x_r + h_r)
            n = self.activation(x_n + (r * visible) @ U[:, 2 * self.units :])
        z = self.recurrent_activation(x_z + h_z)
        h = z * h + (1 - z) * n
        return h, h


class LSTMCell(_GatedCell):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000)::

        i, f, o = sigmoid(x @ W + h @ U + b)    input, forget and output gate
        g       = tanh(x @ W_g + h @ U_g + b_g)
        c       = f * c + i * g
        h       = o * tanh(c)

    The kernels hold the gates side by side in the order i, f, g, o.

    Args:
        units: size of the states ``h`` and ``c``.
        activation: name or function applied to the candidate and the output; None for none.
        recurrent_activation: name or function applied to the gates; None for none.
        unit_forget_bias: whether the bias of the forget gate is initialized to 1, so that the cell
            remembers at first (Jozefowicz et al., 2015).
        use_bias: whether to add a bias.
        kernel_initializer: draws the initial kernel of the input.
        recurrent_initializer: draws the initial kernel of the state.
        bias_initializer: draws the initial bias.
        **options: penalties and constraints of kernels and bias, see :class:`RecurrentOptions`;
            ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``x`` (batch, features), ``h`` and ``c`` (batch, units) -> ``(h, (h, c))``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> output, (h, c) = lp.LSTMCell(4)(np.ones((2, 3)), (np.zeros((2, 4)), np.zeros((2, 4))))
        >>> output.shape
        (2, 4)
    """

    gates = 4

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
        **options: Unpack[RecurrentOptions],
    ) -> None:
        super().__init__(
            units, activation, use_bias=use_bias,
            kernel_initializer=kernel_initializer, recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer, **options,
        )  # fmt: skip
        self.state_size = (units, units)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    def initial_bias(self) -> Initializer:
        if not self.unit_forget_bias:
            return self.bias_initializer

        def draw(key: jax.Array, shape: Shape, dtype: Any) -> Array:
            bias = self.bias_initializer(key, shape, dtype)
            return bias.at[self.units : 2 * self.units].set(1)

        return draw

    def forward(
        self, x: Array, states: tuple[Array, Array], keep_mask: Array | None = None
    ) -> tuple[Array, tuple[Array, Array]]:
        h, c = states
        gates = self.project_input(x) + apply_keep_mask(h, keep_mask) @ self.recurrent_kernel.value
        i, f, g, o = jnp.split(gates, 4, -1)
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(g)
        h = gate(o) * self.activation(c)
        return h, (h, c)
