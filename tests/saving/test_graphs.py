"""Models of a graph as files: written as data, read without code."""

import json
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.train.cloning import clone_model, model_from_json

X = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)


def branches():
    inputs = lp.Input((4,), name="flower")
    shared = lp.Dense(4, "tanh", name="shared")
    a, b = shared(inputs), shared(2.0 * inputs)
    scaled = (a - b) * np.float32([1.0, 2.0, 3.0, 4.0])
    return lp.Model(inputs, {"sum": lp.Dense(2)(a + scaled), "part": b[:, 1:3], "a": a})


def nested():
    inputs = lp.Input((4,))
    inner = lp.Sequential([lp.Dense(3, "relu"), lp.Dropout(0.5), lp.Dense(4)])
    return lp.Model(inputs, branches()(inner(inputs))["sum"] + inner(inputs)[..., None, 0])


def two_inputs():
    a, b = lp.Input((4,), name="a"), lp.Input((2,), name="b")
    return lp.Model([a, b], lp.Dense(2)(a) + b)


MODELS = {
    "branches": (branches, X),
    "nested": (nested, X),
    "two inputs": (two_inputs, (X, X[:, :2])),
}


def assert_same_output(model, other, x):
    expected, outputs = other.predict(x), model.predict(x)
    if isinstance(expected, dict):
        assert list(outputs) == list(expected)
    for a, b in zip(jax.tree.leaves(outputs), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.long
@pytest.mark.parametrize("kind", MODELS)
def test_a_graph_is_loaded_without_code(kind, tmp_path):
    create, x = MODELS[kind]
    model = create()
    model.save(tmp_path / "model")
    loaded = lp.load(tmp_path / "model")
    assert type(loaded) is lp.Model
    assert list(loaded.variables()) == list(model.variables())
    assert loaded.input_names == model.input_names
    assert loaded.output_names == model.output_names
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]
    assert_same_output(loaded, model, x)
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()


@pytest.mark.parametrize("kind", ["branches", pytest.param("nested", marks=pytest.mark.long)])
def test_a_graph_is_cloned_and_created_from_json_and_config(kind):
    create, x = MODELS[kind]
    model = create()
    config = json.loads(json.dumps(model.get_config()))
    for other in (
        clone_model(model),
        model_from_json(model.to_json()),
        lp.Model.from_config(config),
    ):
        other.set_weights(model.get_weights())
        assert_same_output(other, model, x)
        parts = [id(part) for _, part in model.modules()]
        assert not any(id(part) in parts for _, part in other.modules())


@pytest.mark.long
def test_a_deep_graph_is_loaded(tmp_path):
    x = inputs = lp.Input((4,))
    for _ in range(300):
        x = x + 1.0
    model = lp.Model(inputs, lp.Dense(2)(x))
    model.save(tmp_path / "model")
    began = time.perf_counter()
    loaded = lp.load(tmp_path / "model")
    assert time.perf_counter() - began < 5.0
    assert_same_output(loaded, model, X)


def test_a_part_of_a_graph_is_loaded(tmp_path):
    inputs = lp.Input((4,))
    hidden = lp.Dense(3, "relu")(inputs)
    outputs = lp.Dense(2)(hidden)
    for part, x in (lp.Model(inputs, hidden), X), (lp.Model(hidden, outputs), X[:, :3]):
        part.save(tmp_path / "part")
        assert_same_output(lp.load(tmp_path / "part"), part, x)


def test_a_function_of_ones_own_is_loaded_with_it(tmp_path):
    def double(x):
        return 2 * x

    inputs = lp.Input((4,))
    model = lp.Model(inputs, lp.Activation(double)(inputs))
    model.save(tmp_path / "model")
    with pytest.raises(lp.FileError, match=r"'double'.*custom_objects=\{\"double\": double\}"):
        lp.load(tmp_path / "model")
    loaded = lp.load(tmp_path / "model", custom_objects={"double": double})
    assert_same_output(loaded, model, X)


@pytest.mark.long
def test_a_clone_function_replaces_layers_of_a_graph():
    inputs = lp.Input((4,))
    hidden = lp.Dense(3, lambda x: 2 * x)(inputs)
    model = lp.Model(inputs, lp.Dense(2, name="head")(hidden))

    def without_activation(layer):
        return lp.Dense(layer.units) if layer.name != "head" else layer

    clone = clone_model(model, clone_function=without_activation)
    assert clone.get_layer("head") is model.get_layer("head")
    outputs = clone.predict(X)
    first, second = clone.layers[-2:]
    y = jnp.asarray(X) @ first.kernel.value + first.bias.value
    np.testing.assert_allclose(outputs, second(y), rtol=1e-5, atol=1e-6)
