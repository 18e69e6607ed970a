"""Clones, and models from JSON."""

import json

import numpy as np
import pytest

import lampas as lp
from lampas.train.cloning import clone_model, model_from_json
from tests.model_file_mutations import MODELS

X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)


@pytest.mark.parametrize(
    "kind",
    ["pictures", *(pytest.param(kind, marks=pytest.mark.long) for kind in ("steps", "table"))],
)
def test_a_clone_has_the_architecture_and_weights_of_its_own(kind):
    layers, x = MODELS[kind]
    model = lp.Sequential(layers())
    expected = model.predict(x)
    for other in (clone_model(model), model_from_json(model.to_json())):
        assert list(other.variables()) == list(model.variables())
        random = [p for p in other.variables() if p.endswith("kernel")]
        for path in random:
            pair = [m.variables()[path].numpy() for m in (model, other)]
            assert not np.array_equal(*pair)
        other.set_weights(model.get_weights())
        np.testing.assert_array_equal(other.predict(x), expected)


@pytest.mark.long
def test_initial_weights_of_a_clone_are_those_of_a_new_model():
    def create():
        return lp.Sequential([lp.Input((4,)), lp.Dense(3), lp.BatchNormalization()])

    model = create()
    model.build()
    lp.set_seed(7)
    clone = clone_model(model)
    lp.set_seed(7)
    for a, b in zip(clone.get_weights(), create().get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_clone_is_frozen_where_the_model_is():
    model = lp.Sequential([lp.Input((4,)), lp.Dense(3), lp.Dense(2)])
    model.layers[0].trainable = False
    for other in (clone_model(model), model_from_json(model.to_json())):
        assert [layer.trainable for layer in other.layers] == [False, True]


def test_a_clone_keeps_functions_of_ones_own():
    model = lp.Sequential([lp.Input((4,)), lp.Dense(3, lambda x: 2 * x)])
    clone = clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone.predict(X), model.predict(X))


def test_shared_layers_of_a_clone_are_shared():
    shared = lp.Dense(4)
    clone = clone_model(lp.Sequential([lp.Input((4,)), shared, lp.Activation("tanh"), shared]))
    assert clone.layers[0] is clone.layers[2]
    assert clone.layers[0] is not shared


def test_a_model_that_is_not_built_is_cloned():
    clone = clone_model(lp.Sequential([lp.Dense(3)]))
    assert not clone.variables()
    assert clone.predict(X).shape == (3, 3)


def test_json_has_the_options_of_json():
    text = lp.Sequential([lp.Dense(3)]).to_json(indent=2)
    assert text.startswith('{\n  "format"')
    assert json.loads(text)["model"]["class"] == "Sequential"


def test_classes_of_ones_own_are_passed_to_model_from_json():
    class Net(lp.Model):
        def __init__(self, units):
            super().__init__()
            self.dense = lp.Dense(units)

        def call(self, x):
            return self.dense(x)

    model = Net(3)
    model.predict(X)
    with pytest.raises(lp.FileError, match="'Net'"):
        model_from_json(model.to_json())
    assert model_from_json(model.to_json(), {"Net": Net}).predict(X).shape == (3, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the text is not JSON"),
        ("[]", "not the architecture of a Lampas model"),
        ('{"class_name": "Sequential", "config": {}}', "not the architecture of a Lampas model"),
    ],
)
def test_other_texts_are_refused(text, message):
    with pytest.raises(lp.ArgumentError, match=message):
        model_from_json(text)
