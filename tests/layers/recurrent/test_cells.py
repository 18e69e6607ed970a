from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import RNN, Cell, Dense, LSTMCell, Sequential
from tests.layers.recurrent.networks import KINDS, MASK, X, built, each_kind, quick, weights_of
from tests.oracles import recurrent as oracle


@pytest.mark.long
def test_lampass_cells_may_be_run_by_rnn() -> None:
    layer = built(RNN(quick(LSTMCell, 2), return_sequences=True, return_state=True))
    outputs, *states = layer(X, mask=MASK)
    run = oracle.run(oracle.LSTM(), X, (np.zeros((6, 2)),) * 2, weights_of(layer), MASK)
    np.testing.assert_allclose(outputs, run.outputs, atol=1e-5)
    np.testing.assert_allclose(states, run.states, atol=1e-5)


@pytest.mark.long
@each_kind
def test_cell_sees_only_the_part_of_the_state_that_is_kept(kind: str) -> None:
    make, cell = KINDS[kind]
    layer = built(quick(make, 2), X[:1])
    weights, keep = weights_of(layer), np.array([0.0, 2.0])
    states = np.random.default_rng(3).normal(size=(len(layer.state_sizes), 1, 2)).astype(np.float32)
    kept = {**weights, "recurrent_kernel": keep[:, None] * weights["recurrent_kernel"]}
    expected, _ = cell.forward(X[:1, 0], tuple(states), kept)
    given = tuple(states) if len(states) > 1 else states[0]
    output, after = layer.cell(X[:1, 0], given, keep_mask=keep)
    np.testing.assert_allclose(output, expected[0], atol=1e-5)
    np.testing.assert_allclose(np.reshape(after, states.shape), expected, atol=1e-5)


class Leaky(Cell):
    """Moves a tenth of the way at each step."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.state_size = units

    def build(self, shape: tuple[int, ...]) -> None:
        self.kernel = self.parameter((shape[-1], self.state_size), "glorot_uniform")
        self.recurrent_kernel = self.parameter((self.state_size,) * 2, "glorot_uniform")

    def forward(self, x, h):
        h = 0.9 * h + 0.1 * jnp.tanh(x @ self.kernel.value + h @ self.recurrent_kernel.value)
        return h, h


@pytest.mark.long
def test_cell_of_ones_own_is_run_and_differentiated_over_all_steps() -> None:
    layer = built(RNN(Leaky(2), return_sequences=True))
    (params, _), apply = lampas.functional(layer)

    def unrolled(params, x):
        h, outputs = jnp.zeros((6, 2)), []
        for t in range(5):
            moved = x[:, t] @ params["cell/kernel"] + h @ params["cell/recurrent_kernel"]
            h = jnp.where(MASK[:, t, None], 0.9 * h + 0.1 * jnp.tanh(moved), h)
            outputs.append(h)
        return jnp.stack(outputs, 1)

    def slopes(function):
        return jax.value_and_grad(lambda p, x: jnp.sum(function(p, x) ** 2), (0, 1))

    both = jax.jit(lambda p, x: (
        slopes(lambda p, x: apply(p, {}, x, None, MASK)[0])(p, x), slopes(unrolled)(p, x)
    ))  # fmt: skip
    found, expected = both(params, X)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), found, expected)


@pytest.mark.long
def test_cell_of_ones_own_learns_in_a_fit() -> None:
    lampas.set_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 6, 1)).astype(np.float32)
    model = Sequential([RNN(Leaky(8)), Dense(1)])
    model.compile(lampas.Adam(0.05), "mse")
    loss = model.fit(x, x.mean(1), batch_size=16, epochs=40, verbose=0).history["loss"]
    assert loss[-1] < loss[0] / 10


class KerasCell(lampas.layers.Layer):
    """A cell as in the guides of Keras: ``call`` gets and returns a list of states."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units, self.state_size = units, units

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), "uniform", name="kernel")
        self.recurrent_kernel = self.add_weight((self.units,) * 2, "uniform", name="recurrent")

    def call(self, inputs, states):
        output = inputs @ self.kernel + states[0] @ self.recurrent_kernel
        return output, [output]

    def get_initial_state(self, batch_size=None):
        return [lampas.ops.ones((batch_size, self.units))]


@pytest.mark.long
def test_a_cell_written_for_keras_gets_a_list_of_states() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    layer = lampas.RNN(KerasCell(5), return_sequences=True, return_state=True)
    outputs, state = layer(x)
    h, kernels = np.ones((3, 5)), layer.get_weights()
    for t in range(4):
        h = x[:, t] @ kernels[0] + h @ kernels[1]
        np.testing.assert_allclose(outputs[:, t], h, atol=1e-6)
    np.testing.assert_array_equal(state, outputs[:, -1])
    assert lampas.Bidirectional(lampas.RNN(KerasCell(5)))(x).shape == (3, 10)


@pytest.mark.long
def test_a_cell_inside_of_one_written_for_keras_takes_and_returns_a_list() -> None:
    class Wrapped(KerasCell):
        def __init__(self):
            super().__init__(5)
            self.cell = lampas.layers.GRUCell(5)

        def build(self, input_shape):
            self.cell.build(input_shape)

        def call(self, inputs, states):
            output, states = self.cell(inputs, states)
            return output, [states[0]]

    layer = lampas.RNN(Wrapped())
    x = np.ones((3, 4, 2), np.float32)
    expected, gru = layer(x), lampas.RNN(lampas.layers.GRUCell(5))
    gru(x)
    gru.set_weights(layer.get_weights())
    np.testing.assert_allclose(gru(x, initial_state=np.ones((3, 5))), expected, atol=1e-6)


def test_a_cell_returns_as_many_states_as_its_state_size_has() -> None:
    class Short(KerasCell):
        def call(self, inputs, states):
            return inputs, []

    with pytest.raises(lampas.ShapeError, match=r"has 1 states by its state_size, and returned 0"):
        lampas.RNN(Short(5))(np.ones((3, 4, 5)))


class Odd(Cell):
    """States of two sizes, an output of a third, and a count of the steps."""

    state_size = (1, 2)

    def build(self, shape: tuple[int, ...]) -> None:
        self.steps = self.state((), "zeros")

    def forward(self, x, states):
        a, b = states
        self.steps.value = self.steps.value + 1
        a, b = a + x[:, :1], b - x[:, 1:3]
        return jnp.concatenate([a, b], -1), (a, b)


def test_cell_may_have_states_of_any_size() -> None:
    layer = RNN(Odd(), return_sequences=True, return_state=True)
    outputs, a, b = layer(X, mask=MASK)
    sums = np.cumsum(X * MASK[..., None], 1) * [1, -1, -1]
    expected = np.where(np.cumsum(MASK, 1)[..., None] > 0, sums, 0)
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
    np.testing.assert_allclose(np.concatenate([a, b], -1), sums[:, -1], atol=1e-5)


def test_cell_changes_its_variables_once_a_step() -> None:
    layer = RNN(Odd())
    for steps in (5, 10):
        layer(X)
        assert layer.cell.steps.numpy() == steps


class Dropping(Cell):
    """A cell whose state is dropped here and there."""

    state_size = 64

    def __init__(self) -> None:
        super().__init__()
        self.drop = lampas.Dropout(0.5)

    def forward(self, x, h):
        h = self.drop(h + x)
        return h, h


@pytest.mark.long
def test_each_call_drops_anew_and_each_step_alike() -> None:
    layer, x = RNN(Dropping(), return_sequences=True), np.ones((1, 3, 1), np.float32)
    with lampas.forward_pass(training=True, key=jax.random.key(0)):
        first, second = np.asarray(layer(x)), np.asarray(layer(x))
    assert (first != second).any()
    np.testing.assert_array_equal(first[:, 0] == 0, first[:, 2] == 0)


@pytest.mark.long
@pytest.mark.parametrize("kind", [np.float16, np.int32])
def test_states_take_the_type_that_the_cell_gives(kind: type) -> None:
    layer, x = RNN(Dropping()), np.ones((1, 3, 1))
    expected = layer(x.astype(np.float32))
    states = np.zeros((1, 64), kind)
    np.testing.assert_array_equal(layer(x.astype(np.float32), initial_state=states), expected)
