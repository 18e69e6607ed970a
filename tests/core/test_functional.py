"""A model as a pure function of its arrays."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import lampas as lp


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


@pytest.fixture
def model():
    model = lp.Sequential([lp.Dense(3, "tanh"), lp.BatchNormalization(), lp.Dense(2)])
    model.build((4,))
    return model


def copies(model):
    return {path: variable.numpy() for path, variable in model.variables().items()}


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[path], b[path]) for path in a)


def test_apply_computes_what_the_model_computes(model, x):
    (params, state), apply = lp.functional(model)
    output, after = apply(params, state, x)
    np.testing.assert_array_equal(output, model(x))
    assert same(after, state)


def test_params_and_state_have_the_paths_of_the_variables(model):
    (params, state), _ = lp.functional(model)
    assert set(params) == set(model.parameters())
    assert set(state) == {
        "batch_normalization_1/moving_mean",
        "batch_normalization_1/moving_variance",
    }


def test_training_returns_new_state_and_leaves_the_model_alone(model, x):
    before = copies(model)
    (params, state), apply = lp.functional(model)
    _, after = apply(params, state, x, training=True)
    assert same(copies(model), before)
    assert not np.array_equal(
        after["batch_normalization_1/moving_mean"], state["batch_normalization_1/moving_mean"]
    )


def test_the_arrays_given_decide_and_not_those_of_the_model(model, x):
    (params, state), apply = lp.functional(model)
    before = copies(model)
    zeros = jax.tree.map(jnp.zeros_like, params)
    output, _ = apply(zeros, state, x)
    np.testing.assert_array_equal(output, np.zeros((6, 2)))
    assert same(copies(model), before)


def test_the_model_is_unchanged_when_the_call_fails(model, x):
    before = copies(model)
    (params, state), apply = lp.functional(model)
    with pytest.raises(lp.ShapeError):
        apply(jax.tree.map(jnp.zeros_like, params), state, np.ones((6, 5)), training=True)
    assert same(copies(model), before)
    model(x)


@pytest.mark.long
def test_gradients_agree_with_finite_differences(model, x):
    (params, state), apply = lp.functional(model)

    def loss(params):
        return jnp.mean(jnp.square(apply(params, state, x)[0]))

    check_grads(loss, (params,), order=1, modes=["rev"], atol=1e-2, rtol=1e-2)


def test_compiled_equals_eager_and_leaves_no_tracers(model, x):
    (params, state), apply = lp.functional(model)
    compiled = jax.jit(lambda p, s, x: apply(p, s, x, training=True))
    output, after = compiled(params, state, x)
    expected, expected_after = apply(params, state, x, training=True)
    np.testing.assert_allclose(output, expected, atol=1e-6)
    for path in state:
        np.testing.assert_allclose(after[path], expected_after[path], atol=1e-6)
    assert not any(isinstance(v.value, jax.core.Tracer) for v in model.variables().values())


@pytest.mark.long
def test_an_ensemble_is_a_vmap_over_params(model, x):
    (params, state), apply = lp.functional(model)
    both = jax.tree.map(lambda a: jnp.stack([a, 2 * a]), params)
    outputs = jax.vmap(lambda p: apply(p, state, x)[0])(both)
    double = jax.tree.map(lambda a: 2 * a, params)
    np.testing.assert_allclose(outputs[0], apply(params, state, x)[0], atol=1e-5)
    np.testing.assert_allclose(outputs[1], apply(double, state, x)[0], atol=1e-5)


def test_several_inputs_are_passed_on():
    class Add(lp.Module):
        def forward(self, a, b):
            return a + b

    _, apply = lp.functional(Add())
    assert float(apply({}, {}, 1.0, 2.0)[0]) == 3.0


def test_randomness_comes_from_the_key_given(x):
    dropout = lp.Dropout(0.5)
    (params, state), apply = lp.functional(dropout)
    first, again, other = (
        apply(params, state, x, training=True, rng=jax.random.key(seed))[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
