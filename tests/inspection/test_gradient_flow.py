from __future__ import annotations

import numpy as np
import pytest

import lampas
from lampas import ArgumentError, Bidirectional, Dense, Embedding, Sequential, SimpleRNN
from lampas.initializers import Constant, Orthogonal

RNG = np.random.default_rng(0)


def linear(gain: float) -> Sequential:
    """A network whose state is multiplied by an orthogonal matrix times ``gain`` at each step."""
    return Sequential([SimpleRNN(4, "linear", recurrent_initializer=Orthogonal(gain)), Dense(1)])


@pytest.mark.long
@pytest.mark.parametrize("gain", [0.5, 1.0, 1.5])
def test_an_orthogonal_state_shrinks_or_grows_the_gradient_by_its_gain(gain: float) -> None:
    x, y = RNG.normal(size=(3, 6, 2)), RNG.normal(size=(3, 1))
    (norms,) = lampas.gradient_flow(linear(gain), x, y, "mse").values()
    np.testing.assert_allclose(norms[1:] / norms[:-1], 1 / gain, rtol=1e-4)


@pytest.mark.long
def test_the_last_norm_is_that_of_the_output_layer() -> None:
    x, y = RNG.normal(size=(3, 6, 2)), RNG.normal(size=(3, 1))
    model = linear(1.0)
    (norms,) = lampas.gradient_flow(model, x, y, "mse").values()
    gradient = 2 * np.abs(model.predict(x) - y).mean()
    kernel = model.layers[-1].kernel.numpy()
    np.testing.assert_allclose(norms[-1], gradient * np.linalg.norm(kernel), rtol=1e-4)


@pytest.mark.long
def test_masked_steps_hand_the_gradient_on() -> None:
    layers = [
        Embedding(5, 3, mask_zero=True),
        SimpleRNN(4, recurrent_initializer=Constant(0.1)),
        Dense(1),
    ]
    (norms,) = lampas.gradient_flow(Sequential(layers), [[1, 2, 0, 0]], [[1.0]], "mse").values()
    np.testing.assert_allclose(norms[2:], norms[1], rtol=1e-5)
    assert norms[0] != pytest.approx(norms[1])


@pytest.mark.long
def test_every_recurrent_layer_is_shown_and_left_as_it_was() -> None:
    model = Sequential([Bidirectional(SimpleRNN(2)), Dense(1)])
    x, y = RNG.normal(size=(2, 3, 2)), RNG.normal(size=(2, 1))
    norms = lampas.gradient_flow(model, x, y, "mse")
    assert {path.split("/")[1] for path in norms} == {"forward_layer", "backward_layer"}
    before = model.predict(x)
    lampas.gradient_flow(model, x, y, "mse")
    np.testing.assert_array_equal(model.predict(x), before)


def test_a_network_without_memory_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Sequential has no recurrent layer"):
        lampas.gradient_flow(Sequential([Dense(1)]), np.ones((2, 1)), np.ones((2, 1)), "mse")
