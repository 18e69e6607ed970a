"""Constraints against their formulas, and when they are applied."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lampas as lp
from lampas.constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from tests.scale import examples

weights = arrays.arrays(np.float32, (3, 4), elements=st.floats(-10, 10, width=16))
RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 3)).astype(np.float32)
Y = RNG.normal(size=(6, 2)).astype(np.float32)


@pytest.mark.long
@given(w=weights, axis=st.sampled_from([0, 1, (0, 1), [1, 0]]))
@examples(40)
def test_norms_are_bounded_by_their_formulas(w: np.ndarray, axis: Any) -> None:
    axes = axis if isinstance(axis, int) else tuple(axis)
    norms = np.linalg.norm(w.astype(np.float64), axis=axes, keepdims=True)
    unit = w / (norms + 1e-7)
    close: Any = {"rtol": 1e-5, "atol": 1e-6}
    np.testing.assert_allclose(MaxNorm(3, axis)(w), unit * np.minimum(norms, 3), **close)
    np.testing.assert_allclose(UnitNorm(axis)(w), unit, **close)
    between = unit * (0.3 * np.clip(norms, 1, 2) + 0.7 * norms)
    np.testing.assert_allclose(MinMaxNorm(1.0, 2.0, 0.3, axis)(w), between, **close)
    np.testing.assert_array_equal(NonNeg()(w), np.maximum(w, 0))


def test_names_and_defaults_are_those_of_keras() -> None:
    assert lp.constraints.get("max_norm") == lp.constraints.max_norm(2) == MaxNorm(2, 0)
    assert lp.constraints.get("min_max_norm") == lp.constraints.min_max_norm(0.0, 1.0, 1.0, 0)
    assert lp.constraints.get("non_neg") == lp.constraints.get("NonNeg") == lp.constraints.non_neg()
    assert lp.constraints.get("UnitNorm") == lp.constraints.unit_norm(axis=0)
    assert lp.constraints.get(None) is None
    assert lp.constraints.get(jnp.abs) is jnp.abs


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MaxNorm(-1.0), r"MaxNorm: max_value must be at least 0, got -1\.0"),
        (lambda: MinMaxNorm(rate=2.0), r"MinMaxNorm: rate must be at least 0 and at most 1, got 2"),
        (lambda: MinMaxNorm(3.0), r"min_value=3\.0 is larger than max_value=1\.0; exchange them"),
        (lambda: lp.Dense(2, kernel_constraint="max_nrm"), r"'max_nrm'\. Did you mean 'max_norm'"),
        (lambda: lp.Dense(2, kernel_constraint=MaxNorm), r"got <class .*Write MaxNorm\(\.\.\.\)"),
        (lambda: lp.Dense(2, kernel_constraint=2), r"kernel_constraint must be a function or a st"),
        (lambda: lp.Dense(2, kernal_constraint="non_neg"), r"Did you mean 'kernel_constraint'"),
    ],
)
def test_wrong_arguments_are_told(make: Any, message: str) -> None:
    with pytest.raises(lp.LampasError, match=message):
        make()


def test_a_constraint_keeps_the_shape_of_the_weights() -> None:
    layer = lp.Dense(2, kernel_constraint=lambda w: w.sum(0))
    with pytest.raises(lp.ShapeError, match=r"the shape it gets, \(3, 2\).*returned \(2,\)"):
        layer(X)


class ZeroMean(Constraint):
    """A class of one's own."""

    def __call__(self, w: Any) -> Any:
        return w - w.mean()


def trained(optimizer: lp.Optimizer, steps: int, **dense: Any) -> lp.Sequential:
    model = lp.Sequential([lp.Dense(2, input_shape=(3,), **dense)])
    model.set_weights([np.array([[3.0, -1], [4, 0.5], [0, -2]], np.float32), np.zeros(2)])
    model.compile(optimizer, "mse")
    model.fit(X, Y, epochs=steps, batch_size=6, verbose=0)
    return model


@pytest.mark.long
def test_weights_are_constrained_after_the_update_of_a_step() -> None:
    model = trained(lp.SGD(0.1), 1)
    kernel, bias = model.get_weights()
    constrained = trained(lp.SGD(0.1), 1, kernel_constraint=MaxNorm(1), bias_constraint=ZeroMean())
    mine, my_bias = constrained.get_weights()
    np.testing.assert_allclose(mine, kernel / np.linalg.norm(kernel, axis=0), rtol=1e-5)
    np.testing.assert_allclose(my_bias, bias - bias.mean(), rtol=1e-5, atol=1e-7)


@pytest.mark.long
def test_a_loop_of_ones_own_constrains_as_fit_does() -> None:
    model = trained(lp.SGD(0.1), 1, kernel_constraint="non_neg")
    mine = lp.Sequential([lp.Dense(2, input_shape=(3,), kernel_constraint="non_neg")])
    mine.set_weights([np.array([[3.0, -1], [4, 0.5], [0, -2]], np.float32), np.zeros(2)])
    _, gradients = lp.value_and_grad(mine, lambda: ((mine(X) - Y) ** 2).mean())()
    lp.SGD(0.1).update(mine, gradients)
    for a, b in zip(mine.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    assert (mine.get_weights()[0] == 0).any()


@pytest.mark.long
def test_a_frozen_layer_is_left_alone() -> None:
    kernel = -np.ones((3, 2), np.float32)
    frozen = lp.Dense(2, kernel_constraint="non_neg")
    model = lp.Sequential([lp.Dense(3, input_shape=(3,)), frozen])
    frozen.freeze()
    model(X)
    frozen.kernel.value = jnp.asarray(kernel)
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(frozen.kernel.numpy(), kernel)


@pytest.mark.long
def test_the_average_of_the_weights_is_that_before_the_constraint() -> None:
    """As in Keras: the first average is the first update, not yet constrained."""
    optimizer = lp.SGD(0.1, ema_momentum=0.9)
    model = trained(optimizer, 1, kernel_constraint="non_neg")
    np.testing.assert_allclose(model.get_weights()[0], trained(lp.SGD(0.1), 1).get_weights()[0])


@pytest.mark.parametrize("constraint", [MinMaxNorm(0.1, 2.0, 0.5, [0, 1]), "unit_norm", NonNeg()])
def test_constraints_are_part_of_a_model_file(constraint: Any, tmp_path: Any) -> None:
    model = lp.Sequential([lp.Dense(2, input_shape=(3,), kernel_constraint=constraint)])
    model.save(tmp_path / "model")
    (loaded,) = lp.load(tmp_path / "model").layers
    assert loaded.kernel.constraint == lp.constraints.get(constraint)


def halve(w: Any) -> Any:
    return w / 2


@pytest.mark.parametrize("constraint", [halve, ZeroMean()])
def test_one_of_ones_own_is_loaded_by_its_name(constraint: Any, tmp_path: Any) -> None:
    model = lp.Sequential([lp.Dense(2, input_shape=(3,), bias_constraint=constraint)])
    model.save(tmp_path / "model")
    own = {"halve": halve, "ZeroMean": ZeroMean}
    (loaded,) = lp.load(tmp_path / "model", custom_objects=own).layers
    assert type(loaded.bias.constraint) is type(constraint)
