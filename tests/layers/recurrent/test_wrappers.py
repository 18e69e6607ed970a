from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import GRU, LSTM, ArgumentError, Bidirectional, Dense, SimpleRNN, UnknownNameError
from lampas.core.build import build
from lampas.core.masks import get_mask
from tests.layers.recurrent.networks import built, quick, weights_of
from tests.oracles import recurrent as oracle

SIZE = (3, 4, 2)
X = np.random.default_rng(0).normal(size=SIZE).astype(np.float32)
MASK = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1]], bool)
CELLS = {SimpleRNN: oracle.Simple(), GRU: oracle.GRU(), LSTM: oracle.LSTM()}


def ways(layer: Bidirectional, mask: np.ndarray | None, states: tuple = ()) -> list[oracle.Run]:
    """Both directions, by the definition; outputs in the order of the input, 0 at masked steps."""
    runs = []
    for way in (layer.forward_layer, layer.backward_layer):
        zeros = [np.zeros((3, size)) for size in way.state_sizes]
        given = states[len(runs) * len(zeros) :][: len(zeros)] or zeros
        back = way.go_backwards
        run = oracle.run(CELLS[type(way)], X, tuple(given), weights_of(way), mask, back)
        outputs = run.outputs[:, ::-1] if back else run.outputs
        runs.append(run._replace(outputs=outputs if mask is None else outputs * mask[..., None]))
    return runs


MERGES: dict[str, Callable] = {
    "concat": lambda a, b: np.concatenate([a, b], -1),
    "sum": np.add,
    "mul": np.multiply,
    "ave": lambda a, b: (a + b) / 2,
}


@pytest.mark.long
@pytest.mark.parametrize("mode", MERGES)
def test_merges_the_outputs_of_each_step(mode: str) -> None:
    layer = built(Bidirectional(quick(SimpleRNN, 2, return_sequences=True), mode), X)
    y, masked = jax.jit(lambda x: (layer(x), layer(x, mask=MASK)))(X)
    for found, mask in ((y, None), (masked, MASK)):
        expected = MERGES[mode](*(run.outputs for run in ways(layer, mask)))
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.long
def test_without_a_merge_both_outputs_are_given() -> None:
    layer = built(Bidirectional(quick(GRU, 2, return_sequences=True), None), X)
    outputs = layer(X, mask=MASK)
    assert len(outputs) == 2
    for found, run in zip(outputs, ways(layer, MASK), strict=True):
        np.testing.assert_allclose(found, run.outputs, atol=1e-5)
        np.testing.assert_array_equal(get_mask(found), MASK)


@pytest.mark.long
def test_last_outputs_are_those_of_the_last_and_of_the_first_step() -> None:
    layer = built(Bidirectional(quick(LSTM, 2)), X)
    one, other = ways(layer, None)
    expected = np.concatenate([one.outputs[:, -1], other.outputs[:, 0]], -1)
    np.testing.assert_allclose(layer(X), expected, atol=1e-5)


def test_states_are_given_and_taken_forward_layer_first() -> None:
    layer = built(Bidirectional(quick(LSTM, 2, return_state=True)), X)
    first = tuple(np.random.default_rng(2).normal(size=(4, 3, 2)).astype(np.float32))
    _, *states = layer(X, initial_state=first, mask=MASK)
    runs = ways(layer, MASK, first)
    expected = [state for run in runs for state in run.states]
    np.testing.assert_allclose(states, expected, atol=1e-5)


def test_gradients_are_the_sum_over_both_directions() -> None:
    layer = built(Bidirectional(quick(SimpleRNN, 2, return_sequences=True), "sum"), X)
    (params, _), apply = lampas.functional(layer)
    dy = np.random.default_rng(3).normal(size=(3, 4, 2)).astype(np.float32)

    def error(params, x):
        return jnp.sum(dy * apply(params, {}, x, None, MASK)[0])

    found, dx = jax.jit(jax.grad(error, (0, 1)))(params, X)
    dy = dy * MASK[..., None]  # masked steps have the output 0
    zero, expected = (np.zeros((3, 2)),), 0
    for name, slopes, back in (("forward_layer", dy, False), ("backward_layer", dy[:, ::-1], True)):
        path = f"{name}/cell/"
        mine = {p.removeprefix(path): v for p, v in params.items() if p.startswith(path)}
        grads = oracle.gradients(oracle.Simple(), X, zero, mine, slopes, zero, MASK, back)
        expected = expected + grads["x"]
        for weight in mine:
            np.testing.assert_allclose(found[path + weight], grads[weight], atol=1e-4)
    np.testing.assert_allclose(dx, expected, atol=1e-4)


@pytest.mark.long
def test_two_different_layers_may_go_together() -> None:
    backward = quick(GRU, 3, go_backwards=True, return_sequences=True)
    layer = Bidirectional(quick(LSTM, 2, return_sequences=True), backward_layer=backward)
    y = jax.jit(built(layer, X))(X)
    expected = np.concatenate([run.outputs for run in ways(layer, None)], -1)
    np.testing.assert_allclose(y, expected, atol=1e-5)


def test_the_other_layer_has_the_same_arguments_and_weights_of_its_own() -> None:
    layer = Bidirectional(LSTM(2, dropout=0.1, unit_forget_bias=False, name="reader"))
    assert layer.backward_layer.go_backwards
    assert (layer.backward_layer.dropout, layer.backward_layer.units) == (0.1, 2)
    build(layer, lambda: layer(jnp.asarray(X)))
    one, other = (part.cell.kernel.numpy() for part in (layer.forward_layer, layer.backward_layer))
    assert not np.array_equal(one, other)
    assert len(layer.parameters()) == 6


@pytest.mark.long
def test_saved_model_predicts_the_same(tmp_path) -> None:
    other = quick(GRU, 3, go_backwards=True)
    model = lampas.Sequential([Bidirectional(quick(LSTM, 2), backward_layer=other), Dense(1)])
    expected = model.predict(X)
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(lampas.load(tmp_path / "model").predict(X), expected)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Bidirectional(Dense(2)), r"takes a recurrent layer, got Dense\(2\)"),
        (lambda: Bidirectional(GRU(2), backward_layer=GRU(2)), "directions, both .*=False. Set"),
        (
            lambda: Bidirectional(
                GRU(2), backward_layer=GRU(2, go_backwards=True, return_sequences=True)
            ),
            "must agree on return_sequences, got False and True",
        ),
    ],
)
def test_layers_that_do_not_fit_together_are_an_error(make: Callable, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()


def test_unknown_merge_offers_the_nearest_right_one() -> None:
    with pytest.raises(UnknownNameError, match=r"merge_mode 'avg'. Did you mean 'ave'"):
        Bidirectional(GRU(2), "avg")


def test_states_that_are_no_list_of_all_are_an_error() -> None:
    layer = Bidirectional(lampas.GRU(2))
    with pytest.raises(lampas.ShapeError, match=r"the backward layer's 1; got float64\(2, 2\)"):
        layer(np.ones((2, 3, 1)), initial_state=np.ones((2, 2)))


@pytest.mark.parametrize("arguments", [(), (True, False, False)])
@pytest.mark.long
def test_a_cell_of_each_direction_has_weights_of_its_own(arguments: tuple[bool, ...]) -> None:
    x = np.ones((2, 3, 1), np.float32)
    both = Bidirectional(lampas.RNN(lampas.LSTMCell(2), *arguments))
    y = both(x)
    one, other = both.forward_layer, both.backward_layer
    assert not set(map(id, one.variables().values())) & set(map(id, other.variables().values()))
    alone = other(x)[:, ::-1] if arguments else other(x)
    np.testing.assert_allclose(y, np.concatenate([one(x), alone], -1), rtol=1e-6)


def test_a_layer_that_can_not_be_turned_around_is_an_error() -> None:
    class Forward(SimpleRNN):
        def __init__(self, units: int) -> None:
            super().__init__(units)

    with pytest.raises(
        ArgumentError, match="Forward cannot be copied with go_backwards=True: pass"
    ):
        Bidirectional(Forward(2))
