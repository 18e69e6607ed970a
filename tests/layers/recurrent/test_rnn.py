from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import GRU, LSTM, RNN, ArgumentError, Dense, Sequential, ShapeError, SimpleRNN
from lampas.core.build import build
from tests.layers.recurrent.networks import KINDS, MASK, X, built, each_kind, quick, weights_of
from tests.oracles import recurrent as oracle

ZERO = np.zeros((6, 2), np.float32)


@pytest.mark.long
def test_linear_network_sums_powers_of_its_recurrent_kernel() -> None:
    layer = built(quick(SimpleRNN, 2, activation=None, use_bias=False))
    kernel, recurrent = weights_of(layer).values()
    powers = [np.linalg.matrix_power(recurrent, 4 - t) for t in range(5)]
    expected = sum(X[:, t] @ kernel @ power for t, power in enumerate(powers))
    np.testing.assert_allclose(layer(X), expected, atol=1e-4)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["simple", "gru", "lstm"])
def test_without_bias_there_are_only_kernels(kind: str) -> None:
    make, cell = KINDS[kind]
    layer = built(quick(make, 2, use_bias=False))
    weights = weights_of(layer)
    assert set(weights) == {"kernel", "recurrent_kernel"}
    states = (np.zeros((6, 2)),) * len(layer.state_sizes)
    weights["bias"] = np.zeros((2, 1) if kind == "gru" else 1)
    run = oracle.run(cell, X, states, weights, MASK)
    np.testing.assert_allclose(layer(X, mask=MASK), run.outputs[:, -1], atol=1e-5)


@pytest.mark.long
def test_lengths_are_a_mask_and_states_begin_with_zeros() -> None:
    layer = built(quick(LSTM, 2, return_sequences=True))
    lengths, zeros = np.array([5, 3, 0, 1, 2, 4]), np.zeros((6, 2), np.float32)
    mask = np.arange(5) < lengths[:, None]
    run = jax.jit(
        lambda x: (
            layer(x, lengths=lengths), layer(x, mask=mask),
            layer(x, lengths=lengths, initial_state=[zeros, zeros]),
        )
    )  # fmt: skip
    first, *others = run(X)
    for other in others:
        np.testing.assert_allclose(other, first, atol=1e-6)
    np.testing.assert_array_equal(first[2], 0)
    np.testing.assert_array_equal(first[3, 1:], first[3, :1].repeat(4, 0))


@pytest.mark.long
@each_kind
def test_variables_are_kerass(kind: str) -> None:
    layer = KINDS[kind][0](4)
    build(layer, lambda: layer(jnp.asarray(X)))
    gates = {"simple": 4, "lstm": 16}.get(kind, 12)
    bias = (2, gates) if kind == "gru" else (gates,)
    assert {path: v.shape for path, v in layer.variables().items()} == {
        "cell/kernel": (3, gates), "cell/recurrent_kernel": (4, gates), "cell/bias": bias,
    }  # fmt: skip
    kernel, recurrent, bias = weights_of(layer).values()
    limit = np.sqrt(6 / (3 + gates))
    assert 0.7 * limit < np.abs(kernel).max() <= limit
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(4), atol=1e-5)
    np.testing.assert_array_equal(bias, np.repeat([0, 1, 0, 0], 4) if kind == "lstm" else 0)
    assert [v.regularized for v in layer.parameters().values()] == [True, True, False]


def test_forget_gate_may_begin_at_zero_too() -> None:
    layer = quick(LSTM, 2, unit_forget_bias=False)
    build(layer, lambda: layer(jnp.asarray(X)))
    np.testing.assert_array_equal(layer.cell.bias.numpy(), 0)


@pytest.mark.long
def test_stateful_layer_goes_on_where_the_last_batch_ended() -> None:
    layer = quick(LSTM, 2, return_sequences=True, stateful=True, batch_size=6)
    built(layer, X[:, :3])
    run = oracle.run(oracle.LSTM(), X, (np.zeros((6, 2)),) * 2, weights_of(layer))
    for _ in range(2):
        np.testing.assert_allclose(layer(X[:, :3]), run.outputs[:, :3], atol=1e-5)
        np.testing.assert_allclose(layer(X[:, 3:]), run.outputs[:, 3:], atol=1e-5)
        assert len(layer.state_variables()) == 2
        for state, expected in zip(layer.state_variables().values(), run.states, strict=True):
            np.testing.assert_allclose(state.numpy(), expected, atol=1e-5)
        layer.reset_states()
        np.testing.assert_array_equal(layer(X[:, :3]), layer(X[:, :3], initial_state=[ZERO, ZERO]))
        layer.reset_states()


@pytest.mark.long
def test_stateful_layer_goes_on_from_batch_to_batch_in_fit_and_predict() -> None:
    layer = quick(SimpleRNN, 2, stateful=True, batch_size=3)
    model = Sequential([layer])
    model.compile(lampas.SGD(1e-9), "mse")
    model.fit(X, np.zeros((6, 2)), batch_size=3, epochs=1, shuffle=False, verbose=0)
    zero, weights = (np.zeros((3, 2)),), weights_of(layer)
    first = oracle.run(oracle.Simple(), X[:3], zero, weights)
    expected = oracle.run(oracle.Simple(), X[3:], first.states, weights).states[0]
    np.testing.assert_allclose(layer.carried_states[0].numpy(), expected, atol=1e-5)
    layer.reset_states()
    np.testing.assert_allclose(model.predict(X, batch_size=3)[3:], expected, atol=1e-5)
    np.testing.assert_allclose(layer.carried_states[0].numpy(), expected, atol=1e-5)


def trained(layer: lampas.Layer, x: np.ndarray, seed: int = 0) -> np.ndarray:
    with lampas.forward_pass(training=True, key=jax.random.key(seed)):
        return np.asarray(layer(x))


def plain(layer: RNN, x: np.ndarray, kernel: float, recurrent: float) -> RNN:
    """Multiples of the identity for weights."""
    built(layer, x)
    layer.cell.kernel.value = kernel * jnp.eye(x.shape[-1])
    layer.cell.recurrent_kernel.value = recurrent * jnp.eye(x.shape[-1])
    return layer


def check_share(kept: np.ndarray, dropped: float) -> None:
    spread = np.sqrt(dropped * (1 - dropped) / kept.size)
    assert abs(np.mean(~kept) - dropped) < 4 * spread


@pytest.mark.long
def test_dropout_drops_the_same_features_at_all_steps() -> None:
    x = np.ones((50, 3, 40), np.float32)
    layer = quick(SimpleRNN, 40, None, use_bias=False, dropout=0.3, return_sequences=True)
    y = trained(plain(layer, x, 1.0, 0.0), x)
    np.testing.assert_array_equal(y, y[:, :1].repeat(3, 1))
    kept = y[:, 0] > 0
    np.testing.assert_allclose(y[:, 0][kept], 1 / 0.7, rtol=1e-6)
    check_share(kept, 0.3)
    assert not np.array_equal(y, trained(layer, x, seed=1))
    np.testing.assert_array_equal(layer(x), x)


@pytest.mark.long
def test_recurrent_dropout_hides_the_same_units_at_all_steps() -> None:
    x, start = np.zeros((50, 3, 40), np.float32), np.ones((50, 40), np.float32)
    layer = quick(SimpleRNN, 40, None, use_bias=False, recurrent_dropout=0.5, return_sequences=True)
    plain(layer, x, 0.0, 1.0)
    with lampas.forward_pass(training=True, key=jax.random.key(0)):
        y = np.asarray(layer(x, initial_state=start))
    kept = y[:, 0] > 0
    np.testing.assert_allclose(y, kept[:, None] * np.array([2.0, 4.0, 8.0])[:, None])
    check_share(kept, 0.5)
    np.testing.assert_array_equal(layer(x, initial_state=start), 1)


def model_of_words(layer: lampas.Layer) -> Sequential:
    lampas.set_seed(0)
    return Sequential([lampas.Embedding(9, 3, mask_zero=True), layer, Dense(1)])


WORDS = np.array([[1, 2, 3, 0], [4, 0, 0, 0], [5, 6, 7, 8], [3, 3, 0, 1]])
TARGETS = np.float32([[1], [0], [2], [1]])


@pytest.mark.long
def test_line_by_line_is_what_compiled_code_does() -> None:
    layer = built(quick(SimpleRNN, 2, return_sequences=True))
    x, mask = X[:3, :2], MASK[:3, :2]
    compiled = jax.jit(lambda x: layer(x, mask=mask))(x)
    with jax.disable_jit():
        np.testing.assert_allclose(compiled, layer(x, mask=mask), atol=1e-6)


@pytest.mark.long
def test_saved_model_predicts_the_same(tmp_path) -> None:
    options = {"recurrent_activation": "hard_sigmoid", "use_bias": False, "go_backwards": True}
    model = model_of_words(quick(LSTM, 2, "relu", **options))
    expected = model.predict(WORDS)
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(lampas.load(tmp_path / "model").predict(WORDS), expected)


@pytest.mark.long
def test_frozen_layer_stays_while_those_before_it_learn() -> None:
    model = model_of_words(quick(SimpleRNN, 2))
    model.compile(lampas.SGD(0.1), "mse")
    model.predict(WORDS)
    model.layers[1].freeze()
    before = model.get_weights()
    model.fit(WORDS, TARGETS, epochs=1, verbose=0)
    moved = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert dict(zip(model.variables(), moved, strict=True)) == {
        path: "simple_rnn" not in path for path in model.variables()
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GRU(2, recurrent_dropout=-0.1), "recurrent_dropout must be at least 0 .*-0.1"),
        (lambda: RNN(Dense(2)), "RNN needs a cell with a state_size, got Dense"),
        (lambda: LSTM(2, stateful=True), "number of rows, as in stateful=True, batch_size=32"),
        (lambda: LSTM(2, units_=3), "argument 'units_'"),
    ],
)  # fmt: skip
def test_argument_that_can_not_be_used_is_an_error(make: Callable, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()


LSTM_2 = quick(LSTM, 2)
STATEFUL = quick(SimpleRNN, 2, stateful=True, batch_size=4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LSTM_2(X[:, :0]), r"the sequences have no steps: shape \(6, 0, 3\)"),
        (lambda: LSTM_2(X[0]), r"expects 3 axes \(batch, steps, features\), got .* \(5, 3\)"),
        (lambda: built(LSTM_2)(X[..., :2]), r"was built for inputs with 3 .* \(6, 5, 2\)"),
        (lambda: LSTM_2(X, mask=MASK[:, 1:]), r"\(batch, steps\): \(6, 5\) here, got \(6, 4\)"),
        (lambda: LSTM_2(X, lengths=[1, 2]), r"number for each of 6 sequences, got shape \(2,\)"),
        (lambda: LSTM_2(X, initial_state=ZERO), r"must be \(6, 2\) and \(6, 2\), got \(6, 2\)"),
        (lambda: LSTM_2(X, initial_state=[ZERO, ZERO[:3]]), r"got \(6, 2\) and \(3, 2\)"),
        (lambda: built(STATEFUL, X[:4])(X), r"states of batch_size=4 rows, got a batch of 6"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_an_error(call: Callable, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        call()


def test_mask_and_lengths_together_are_an_error() -> None:
    with pytest.raises(ArgumentError, match="pass either mask or lengths, not both"):
        LSTM_2(X, mask=MASK, lengths=[5] * 6)


def test_lengths_out_of_range_are_an_error() -> None:
    with pytest.raises(lampas.DataError, match="between 0 and the number of steps, 3, got"):
        lampas.GRU(2)(np.ones((2, 3, 1)), lengths=[9, -1])


@pytest.mark.long
@pytest.mark.parametrize("kind", [lampas.SimpleRNN, lampas.GRU, lampas.LSTM])
def test_short_floats_are_computed_with_as_the_kernel_is(kind: type) -> None:
    layer, x = kind(2), np.ones((2, 3, 1), np.float32)
    expected = layer(x)
    np.testing.assert_array_equal(layer(jnp.asarray(x, jnp.bfloat16)), expected)


@pytest.mark.long
def test_evaluation_of_a_stateful_layer_goes_on_from_call_to_call() -> None:
    model = Sequential([LSTM(2, stateful=True, batch_size=2), Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((2, 3, 1), np.float32), np.zeros((2, 1), np.float32)
    whole = Sequential([LSTM(2), Dense(1)])
    whole.build((6, 1))
    model.build((3, 1))
    for mine, its in zip(
        [v for p, v in model.variables().items() if "carried_states" not in p],
        whole.variables().values(),
        strict=True,
    ):
        mine.value = its.value
    model.evaluate(x, y, batch_size=2)
    again = model.evaluate(x, y, batch_size=2)["loss"]
    assert again == pytest.approx(np.square(whole.predict(np.ones((2, 6, 1)))).mean())


def test_an_unknown_option_offers_those_of_the_layer_and_its_cell() -> None:
    with pytest.raises(lampas.UnknownNameError, match=r"Did you mean 'go_backwards'\?.*use_bias"):
        LSTM(3, go_backward=True)
