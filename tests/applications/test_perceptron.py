from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas
from lampas import ArgumentError, DataError, Dense, LampasError, Perceptron, Sequential, ShapeError
from lampas.activations import StraightThrough
from lampas.applications.perceptron import NotSeparableWarning
from tests.scale import examples

SQUARE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
AND, OR, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), np.array([0, 1, 1, 0])


def separable(seed: int, margin: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Points on both sides of a random line, none nearer than the margin."""
    random = np.random.default_rng(seed)
    normal = random.normal(size=3)
    normal /= np.linalg.norm(normal)
    x = random.uniform(-1, 1, size=(30, 3))
    side = np.where(x @ normal + 0.2 >= 0, 1, -1)
    return (x + margin * side[:, None] * normal).astype(np.float32), (side > 0).astype(int)


@pytest.mark.long
@given(seed=st.integers(0, 2**32 - 1))
@examples(15)
def test_separable_classes_are_separated_within_novikoffs_bound(seed: int) -> None:
    x, y = separable(seed)
    perceptron = Perceptron()
    ended = perceptron.fit(x, y, epochs=2000)
    assert ended.converged
    assert not ended.cycles
    np.testing.assert_array_equal(perceptron.predict(x), y)
    radius = max(np.sum(np.square(x), 1)) + 1
    # The separating weights (normal, 0.2) have length sqrt(1.04).
    assert sum(ended.mistakes) <= radius * 1.04 / 0.1**2


def by_hand(x: np.ndarray, y: np.ndarray, rate: float) -> tuple[np.ndarray, float, list[int]]:
    w, b, mistakes = np.zeros(x.shape[1]), 0.0, [1]
    while mistakes[-1]:
        mistakes.append(0)
        for row, target in zip(x, y, strict=True):
            error = target - (row @ w + b >= 0)
            w, b = w + rate * error * row, b + rate * error
            mistakes[-1] += error != 0
    return w, b, mistakes[1:]


@pytest.mark.parametrize("y", [AND, OR], ids=["and", "or"])
@pytest.mark.parametrize("rate", [1.0, 0.5])
def test_weights_and_mistakes_are_those_of_the_rule(y: np.ndarray, rate: float) -> None:
    perceptron = Perceptron(rate)
    ended = perceptron.fit(SQUARE, y)
    w, b, mistakes = by_hand(SQUARE, y, rate)
    np.testing.assert_allclose(perceptron.kernel.numpy(), w)
    assert float(perceptron.bias.value) == b
    assert list(ended.mistakes) == mistakes


def test_targets_minus_1_and_1_are_read_as_0_and_1() -> None:
    plain, bipolar = Perceptron(), Perceptron()
    assert plain.fit(SQUARE, AND) == bipolar.fit(SQUARE.tolist(), (2 * AND - 1).tolist())
    np.testing.assert_array_equal(plain.predict(SQUARE), bipolar.predict(SQUARE))


def test_xor_ends_early_with_the_proof_that_no_line_separates_it() -> None:
    with pytest.warns(NotSeparableWarning) as caught:
        ended = Perceptron().fit(SQUARE, XOR, epochs=1000)
    assert ended.cycles
    assert not ended.converged
    assert len(ended.mistakes) < 20
    message = str(caught[0].message)
    assert f"after {len(ended.mistakes)} epochs" in message
    assert f"{ended.mistakes[-1]} of 4 examples are still wrong" in message
    assert "returned to an earlier value, so no line separates the classes" in message
    assert "hidden layer" in message
    assert caught[0].filename == __file__


def test_too_few_epochs_prove_nothing() -> None:
    with pytest.warns(NotSeparableWarning, match="Probably no line separates the classes"):
        ended = Perceptron().fit(SQUARE, XOR, epochs=1)
    assert not ended.cycles


@pytest.mark.long
def test_weights_that_come_back_only_by_rounding_are_no_proof() -> None:
    # (2, -1e9) with bias -1 separates these: 1e8 + 1 is 1e8 in float32.
    x = np.array([[1e8, 1], [1, 0], [0, 0]], np.float32)
    y = np.array([0, 1, 0])
    with pytest.warns(NotSeparableWarning, match="after") as caught:
        ended = Perceptron().fit(x, y, epochs=50)
    assert not ended.cycles
    assert "so no line separates" not in str(caught[0].message)


def test_output_is_a_step_of_the_weighted_sum() -> None:
    perceptron = Perceptron()
    assert perceptron(SQUARE).shape == (4,)
    np.testing.assert_array_equal(perceptron(SQUARE), 1)
    perceptron.bias.value = jnp.float32(-1.5)
    perceptron.kernel.value = jnp.ones(2)
    np.testing.assert_array_equal(perceptron.predict(SQUARE), AND)


@pytest.mark.parametrize("y", [[0, 1, 2, 1], [0.5, 1, 0, 1], [-1, 0, 1, 1]], ids=str)
def test_targets_of_other_values_are_an_error(y: list[float]) -> None:
    with pytest.raises(DataError, match="needs targets 0 and 1, got"):
        Perceptron().fit(SQUARE, y)


def test_targets_of_two_columns_are_an_error() -> None:
    with pytest.raises(LampasError):
        Perceptron().fit(SQUARE, np.eye(2)[AND])


def test_fewer_targets_than_examples_are_an_error() -> None:
    with pytest.raises(DataError, match="as many targets as inputs"):
        Perceptron().fit(SQUARE, AND[:3])


def test_no_epochs_are_an_error() -> None:
    with pytest.raises(ArgumentError, match="epochs"):
        Perceptron().fit(SQUARE, AND, epochs=0)


def test_rate_must_be_positive() -> None:
    with pytest.raises(ArgumentError, match="learning_rate must be above 0, got 0"):
        Perceptron(0)


def test_other_features_than_at_first_are_an_error() -> None:
    perceptron = Perceptron()
    perceptron.fit(SQUARE, AND)
    with pytest.raises(ShapeError, match=r"Perceptron: was built for inputs with 2"):
        perceptron.predict(np.ones((1, 3)))


@pytest.mark.long
def test_network_of_step_neurons_learns_a_band_that_no_line_separates() -> None:
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, size=(200, 2)).astype(np.float32)
    y = (np.abs(x[:, 0]) < 0.5).astype(np.float32)[:, None]
    lampas.set_seed(0)
    model = Sequential([
        Dense(16, StraightThrough("step"), input_shape=(2,)),
        Dense(1, "sigmoid"),
    ])  # fmt: skip
    model.compile(lampas.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=20, epochs=60, verbose=0, seed=0)
    assert model.evaluate(x, y)["accuracy"] > 0.9
    hidden = model.layers[0](x)
    assert set(np.unique(hidden)) <= {0.0, 1.0}


def test_plain_step_neurons_learn_nothing_below_the_output() -> None:
    layer = Dense(3, "step")
    layer(SQUARE)
    (params, state), apply = lampas.functional(layer)
    grads = jax.grad(lambda p: apply(p, state, SQUARE)[0].sum())(params)
    assert all(np.all(np.asarray(g) == 0) for g in grads.values())
