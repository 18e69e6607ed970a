from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lampas
from lampas import L1, L1L2, L2, L2Norm, Sequential, UnknownNameError, regularizers
from tests.scale import examples

weights = arrays.arrays(np.float32, (3, 4), elements=st.floats(-10, 10, width=16))


@given(w=weights)
@examples(40)
def test_penalties_are_their_formulas(w: np.ndarray) -> None:
    sizes, squares = np.abs(w).sum(dtype=np.float64), np.square(w, dtype=np.float64).sum()
    close = {"rel": 1e-5, "abs": 1e-7}
    assert float(L1(0.1)(w)) == pytest.approx(0.1 * sizes, **close)
    assert float(L2(0.1)(w)) == pytest.approx(0.1 * squares, **close)
    assert float(L1L2(0.1, 0.2)(w)) == pytest.approx(0.1 * sizes + 0.2 * squares, **close)
    assert float(L2Norm(0.1)(w)) == pytest.approx(0.1 * np.sqrt(squares), **close)


@pytest.mark.long
def test_gradients_pull_toward_zero_by_their_formulas() -> None:
    w = jnp.array([[3.0, -4.0]])
    np.testing.assert_allclose(jax.grad(L1(0.1))(w), [[0.1, -0.1]])
    np.testing.assert_allclose(jax.grad(L2(0.1))(w), [[0.6, -0.8]], rtol=1e-6)
    np.testing.assert_allclose(jax.grad(L2Norm(0.1))(w), [[0.06, -0.08]], rtol=1e-6)


@pytest.mark.parametrize("penalty", [L1(), L2(), L1L2(0.1, 0.1), L2Norm()], ids=str)
def test_zero_weights_cost_nothing_and_are_pulled_nowhere(penalty: regularizers.L1) -> None:
    value, grad = jax.value_and_grad(penalty)(jnp.zeros((2, 2)))
    assert value == 0
    np.testing.assert_array_equal(grad, 0)


def test_defaults_are_those_of_keras() -> None:
    assert regularizers.get("l1") == L1(0.01)
    assert regularizers.get("l2") == L2(0.01)
    assert regularizers.get("l1_l2") == L1L2(0.01, 0.01)
    assert regularizers.get("l2_norm") == L2Norm(0.01)
    assert regularizers.get(None) is None


@pytest.mark.parametrize("name", ["L1", "L2", "L2Norm", "L1L2"])
def test_class_name_stands_for_it(name: str) -> None:
    assert isinstance(regularizers.get(name), getattr(regularizers, name))


def test_unknown_name_offers_the_nearest_right_one() -> None:
    with pytest.raises(UnknownNameError, match=r"regularizer 'l3'\. Did you mean 'l"):
        regularizers.get("l3")


X = np.random.default_rng(0).normal(size=(4, 6, 2)).astype(np.float32)
Y = np.random.default_rng(1).normal(size=(4, 1)).astype(np.float32)


def network(**dense: object) -> Sequential:
    return Sequential([
        lampas.Conv1D(3, 2, input_shape=(6, 2), bias_initializer="random_normal"),
        lampas.BatchNormalization(),
        lampas.Flatten(),
        lampas.Dense(1, bias_initializer="random_normal", **dense),
    ])  # fmt: skip


def penalty_of(model: Sequential, penalty: object) -> float:
    model.compile("sgd", "mse", penalty=penalty)
    with_penalty = model.evaluate(X, Y)["loss"]
    own = [p.regularizer for p in model.parameters().values()]
    for parameter in model.parameters().values():
        parameter.regularizer = None
    model.compile("sgd", "mse")
    without = model.evaluate(X, Y)["loss"]
    for parameter, regularizer in zip(model.parameters().values(), own, strict=True):
        parameter.regularizer = regularizer
    return with_penalty - without


def squares(model: Sequential, *paths: str) -> float:
    return sum(float(np.sum(model.parameters()[path].numpy() ** 2)) for path in paths)


@pytest.mark.long
def test_model_penalty_touches_the_kernels_of_affine_maps_and_nothing_else() -> None:
    model = network()
    expected = 0.5 * squares(model, "conv1d_1/kernel", "dense_1/kernel")
    assert penalty_of(model, L2(0.5)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.long
def test_layer_penalty_touches_the_kernel_it_was_given_for() -> None:
    model = network(kernel_regularizer=L2(0.5))
    assert penalty_of(model, None) == pytest.approx(
        0.5 * squares(model, "dense_1/kernel"), rel=1e-4
    )


@pytest.mark.long
def test_model_and_layer_penalties_add_up() -> None:
    model = network(kernel_regularizer=L2(0.5))
    both = 0.25 * squares(model, "conv1d_1/kernel") + 0.75 * squares(model, "dense_1/kernel")
    assert penalty_of(model, L2(0.25)) == pytest.approx(both, rel=1e-4)


def test_training_walks_down_the_penalty_but_leaves_biases() -> None:
    model = Sequential([lampas.Dense(2, bias_initializer="ones", input_shape=(3,))])
    model.compile(lampas.SGD(0.1), lambda y, p: 0 * (y - p).sum(-1), penalty=L2(0.5))
    before = {path: p.numpy() for path, p in model.parameters().items()}
    model.fit(np.ones((4, 3)), np.ones((4, 2)), batch_size=4, epochs=1, verbose=0)
    np.testing.assert_allclose(
        model.parameters()["dense_1/kernel"].numpy(), 0.9 * before["dense_1/kernel"], rtol=1e-6
    )
    np.testing.assert_array_equal(model.parameters()["dense_1/bias"].numpy(), 1)
