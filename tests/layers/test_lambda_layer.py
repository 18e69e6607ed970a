"""Functions as layers."""

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp

X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


def power(x, exponent=2):
    return x**exponent


def test_the_function_is_applied_with_its_arguments():
    np.testing.assert_allclose(lp.Lambda(power)(X), X**2, rtol=1e-6)
    np.testing.assert_allclose(lp.Lambda(power, arguments={"exponent": 3})(X), X**3, rtol=1e-6)


def test_integers_stay_integers():
    assert lp.Lambda(lambda x: x + 1)(np.arange(3)).dtype == jnp.int32


@pytest.mark.long
def test_several_inputs_are_a_list():
    distance = lp.Lambda(lambda pair: jnp.abs(pair[0] - pair[1]), output_shape=(3,))
    np.testing.assert_array_equal(distance([X, 2 * X]), np.abs(X))
    a, b = lp.Input((3,), name="a"), lp.Input((3,), name="b")
    model = lp.Model([a, b], distance([a, b]))
    assert model.output_shape == (None, 3)
    np.testing.assert_allclose(model.predict([X, 2 * X]), np.abs(X))


@pytest.mark.long
def test_a_lambda_trains():
    model = lp.Sequential([lp.Dense(3), lp.Lambda(lambda x: x[:, :1] * 2), lp.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(X, X[:, :1], epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]


def test_the_function_gets_mask_and_mode_if_it_asks_for_them():
    calls = []

    def note(x, mask, training):
        calls.append((mask, training))
        return x

    steps = lp.set_mask(jnp.ones((2, 3, 1)), jnp.array([[True, True, False], [True, False, False]]))
    layer = lp.Lambda(note)
    layer(steps)
    layer(steps, training=True)
    np.testing.assert_array_equal(calls[0][0], lp.get_mask(steps))
    assert [training for _, training in calls] == [False, True]


def test_the_mask_of_the_output_is_chosen():
    mask = jnp.array([[True, True, False]])
    steps = lp.set_mask(jnp.ones((1, 3, 1)), mask)
    assert lp.get_mask(lp.Lambda(lambda x: x[:, ::-1])(steps)) is None
    reverse = lp.Lambda(lambda x: x[:, ::-1], mask=lambda inputs, mask: mask[:, ::-1])
    np.testing.assert_array_equal(lp.get_mask(reverse(steps)), mask[:, ::-1])


def test_a_declared_shape_is_checked():
    with pytest.raises(lp.ShapeError, match="declared for inputs of shape"):
        lp.Lambda(power, input_shape=(5,))(X)


def test_a_named_function_is_saved_by_name(tmp_path):
    model = lp.Sequential([lp.Input((3,)), lp.Lambda(power, arguments={"exponent": 3})])
    model.save(tmp_path / "model")
    with pytest.raises(lp.FileError, match=r"'power'.*custom_objects=\{\"power\": power\}"):
        lp.load(tmp_path / "model")
    loaded = lp.load(tmp_path / "model", custom_objects={"power": power})
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


@pytest.mark.parametrize("function", [lp.activations.tanh, lp.ops.square])
def test_a_function_of_lampas_needs_nothing_else(function, tmp_path):
    model = lp.Sequential([lp.Input((3,)), lp.Lambda(function)])
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(lp.load(tmp_path / "model").predict(X), model.predict(X))


def test_a_lambda_is_refused_when_the_model_is_saved(tmp_path):
    model = lp.Sequential([lp.Input((3,)), lp.Lambda(lambda x: x, name="same")])
    message = r"Lambda 'same': <lambda> has no name.*Define it with def.*lampas\.load"
    with pytest.raises(lp.FileError, match=message):
        model.save(tmp_path / "model")
