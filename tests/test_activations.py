from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import special

import lampas as lp
from lampas import UnknownNameError, activations
from lampas.activations import StraightThrough
from tests.scale import examples

X = np.linspace(-8, 8, 65)
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
FORMULAS = {
    "bipolar_sigmoid": (np.exp(X) - 1) / (np.exp(X) + 1),
    "celu": np.where(X > 0, X, np.exp(X) - 1),
    "elu": np.where(X > 0, X, np.exp(X) - 1),
    "exponential": np.exp(X),
    "gelu": X * (1 + special.erf(X / np.sqrt(2))) / 2,
    "hard_sigmoid": np.clip(X + 3, 0, 6) / 6,
    "hard_silu": X * np.clip(X + 3, 0, 6) / 6,
    "hard_tanh": np.clip(X, -1, 1),
    "identity": X,
    "leaky_relu": np.where(X > 0, X, 0.2 * X),
    "linear": X,
    "log_sigmoid": -np.log(1 + np.exp(-X)),
    "log_softmax": X - np.log(np.sum(np.exp(X))),
    "mish": X * np.tanh(np.log(1 + np.exp(X))),
    "relu": np.maximum(X, 0),
    "relu6": np.clip(X, 0, 6),
    "selu": SELU_SCALE * np.where(X > 0, X, SELU_ALPHA * (np.exp(X) - 1)),
    "sigmoid": 1 / (1 + np.exp(-X)),
    "sign": np.where(X >= 0, 1, -1),
    "silu": X / (1 + np.exp(-X)),
    "softmax": np.exp(X) / np.sum(np.exp(X)),
    "softplus": np.log(1 + np.exp(X)),
    "softsign": X / (1 + np.abs(X)),
    "step": np.where(X >= 0, 1, 0),
    "swish": X / (1 + np.exp(-X)),
    "tanh": np.tanh(X),
}
rows = arrays.arrays(np.float32, (4, 7), elements=st.floats(-30, 30, width=32))


def test_every_name_has_a_formula() -> None:
    assert set(FORMULAS) == set(activations.ACTIVATIONS)
    assert set(activations.__all__) - {"StraightThrough"} <= set(FORMULAS)


@pytest.mark.parametrize("name", FORMULAS)
def test_activation_is_its_formula(name: str) -> None:
    y = activations.get(name)(jnp.float32(X))
    assert y.dtype == jnp.float32
    np.testing.assert_allclose(y, FORMULAS[name], rtol=2e-5, atol=2e-6)


@given(x=rows, shift=st.floats(-10, 10))
@examples(40)
def test_softmax_is_positive_sums_to_1_and_ignores_a_shift(x: np.ndarray, shift: float) -> None:
    y = activations.softmax(x)
    assert np.all(np.asarray(y) >= 0)
    np.testing.assert_allclose(np.sum(y, -1), 1, atol=1e-5)
    np.testing.assert_allclose(activations.softmax(x + np.float32(shift)), y, atol=1e-5)
    np.testing.assert_allclose(np.exp(activations.log_softmax(x)), y, atol=1e-5)


@given(x=rows)
@examples(40)
def test_bipolar_sigmoid_is_the_stretched_sigmoid_and_odd(x: np.ndarray) -> None:
    y = activations.bipolar_sigmoid(x)
    powers = np.exp(np.float64(x))
    np.testing.assert_allclose(y, (powers - 1) / (powers + 1), atol=1e-6)
    np.testing.assert_allclose(y, 2 * activations.sigmoid(x) - 1, atol=1e-6)
    np.testing.assert_array_equal(activations.bipolar_sigmoid(-x), -y)


@pytest.mark.long
@pytest.mark.parametrize("name", ["sigmoid", "softmax", "softplus", "log_sigmoid", "mish", "gelu"])
def test_value_and_gradient_stay_finite_far_out(name: str) -> None:
    far = jnp.array([-1e4, -100.0, 0.0, 100.0, 1e4])
    f = activations.get(name)
    assert np.all(np.isfinite(f(far)))
    assert np.all(np.isfinite(jax.grad(lambda x: f(x).sum())(far)))


def test_step_and_sign_decide_for_1_at_zero() -> None:
    assert activations.step(jnp.zeros(())) == 1
    assert activations.sign(jnp.zeros(())) == 1


@pytest.mark.parametrize("name", ["step", "sign"])
def test_straight_through_steps_forward_and_lets_the_gradient_pass(name: str) -> None:
    through = StraightThrough(name)
    x, dy = jnp.float32(X), jnp.arange(65.0)
    np.testing.assert_array_equal(through(x), FORMULAS[name])
    np.testing.assert_array_equal(jax.grad(lambda x: (dy * through(x)).sum())(x), dy)
    plain = jax.grad(lambda x: (dy * activations.get(name)(x)).sum())(x)
    np.testing.assert_array_equal(plain, 0)


def test_straight_through_takes_a_function_too() -> None:
    np.testing.assert_array_equal(StraightThrough(jnp.round)(jnp.array([0.4, 1.6])), [0, 2])


def test_none_is_the_identity_and_a_function_is_itself() -> None:
    assert activations.get(None) is activations.linear
    assert activations.get(jnp.sin) is jnp.sin


@pytest.mark.parametrize("name", ["relu", "ReLU", "GELU", "LeakyReLU", "SELU", "HardSigmoid"])
def test_class_names_stand_for_the_functions(name: str) -> None:
    assert callable(activations.get(name))


def test_unknown_name_offers_the_nearest_right_one_and_lists_all() -> None:
    with pytest.raises(
        UnknownNameError, match=r"activation 'sigmod'. Did you mean 'sigmoid'.*tanh"
    ):
        activations.get("sigmod")


def test_a_softmax_of_one_unit_is_reported() -> None:
    model = lp.Sequential([lp.Dense(1, "softmax")])
    with pytest.warns(UserWarning, match=r"softmax .* is 1 for any input\. .* sigmoid"):
        model(np.ones((2, 3)))
