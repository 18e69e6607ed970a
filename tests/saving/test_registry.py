"""Names of classes and functions in files."""

import numpy as np
import pytest

import lampas as lp
from lampas import saving

X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)


class Scale(lp.Layer):
    """In the style of Keras."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones")

    def call(self, inputs):
        return inputs @ self.w

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


@pytest.fixture(autouse=True)
def no_registered_objects(monkeypatch):
    monkeypatch.setattr(saving.registry, "_custom_objects", {})


def saved(tmp_path, kind=Scale):
    model = lp.Sequential([lp.Input((4,)), kind(2, name="scale"), lp.Dense(1)])
    model.save(tmp_path / "model")
    return model


def test_a_class_in_the_style_of_keras_is_passed_to_load(tmp_path):
    model = saved(tmp_path)
    with pytest.raises(lp.FileError, match=r"'Scale'.*lampas\.load\(path, Scale\)"):
        lp.load(tmp_path / "model")
    for loaded in (
        lp.load(tmp_path / "model", Scale),
        lp.load(tmp_path / "model", custom_objects={"Scale": Scale}),
        saving.load_model(tmp_path / "model", {"Scale": Scale}),
    ):
        assert loaded.layers[0].units == 2
        assert list(loaded.variables()) == list(model.variables())
        np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_a_scope_allows_classes(tmp_path):
    model = saved(tmp_path)
    with saving.custom_object_scope({"Scale": Scale}):
        loaded = lp.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    with pytest.raises(lp.FileError, match="'Scale'"):
        lp.load(tmp_path / "model")


@pytest.mark.parametrize("before", [True, False])
def test_a_registered_class_needs_not_be_passed(before, tmp_path):
    if before:
        saving.register_keras_serializable(package="shop")(Scale)
        assert saving.get_registered_name(Scale) == "shop>Scale"
    model = saved(tmp_path)
    saving.register_keras_serializable(package="shop")(Scale)
    np.testing.assert_array_equal(lp.load(tmp_path / "model").predict(X), model.predict(X))


def test_a_class_that_was_registered_may_be_passed(tmp_path):
    saving.register_keras_serializable("shop")(Scale)
    model = saved(tmp_path)
    saving.get_custom_objects().clear()
    with pytest.raises(lp.FileError, match=r"'Scale'.*lampas\.load\(path, Scale\)"):
        lp.load(tmp_path / "model")
    loaded = lp.load(tmp_path / "model", Scale)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_a_class_with_the_name_of_one_of_lampas_is_not_taken_for_it(tmp_path):
    class Dense(Scale):
        pass

    model = saved(tmp_path, Dense)
    with pytest.raises(lp.FileError, match=r"'Dense'.*lampas\.load\(path, Dense\)"):
        lp.load(tmp_path / "model")
    loaded = lp.load(tmp_path / "model", Dense)
    assert type(loaded.layers[0]) is Dense
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_two_functions_of_one_name_are_refused(tmp_path):
    def functions():
        def double(x):
            return 2 * x

        return double

    layers = [lp.Activation(functions()) for _ in range(2)]
    with pytest.raises(lp.FileError, match="two different classes or functions are named 'double'"):
        lp.Sequential([lp.Input((4,)), *layers]).save(tmp_path / "model")


def test_a_config_that_lacks_an_argument_is_refused_when_saving(tmp_path):
    class Forgetful(Scale):
        def get_config(self):
            return lp.Layer.get_config(self)

    with pytest.raises(lp.FileError, match=r"Forgetful cannot be created: .*units"):
        saved(tmp_path, Forgetful)


def test_a_config_that_gives_another_layer_is_refused_when_saving(tmp_path):
    class Wrong(Scale):
        def get_config(self):
            return {**super().get_config(), "units": 3}

    with pytest.raises(lp.FileError, match=r"would create a different model, at 'scale'"):
        saved(tmp_path, Wrong)


def test_names_are_found_in_the_order_of_scope_registry_and_lampas():
    def first():
        pass

    def second():
        pass

    assert saving.get_registered_object("first") is None
    assert saving.get_registered_object("first", {"first": first}) is first
    saving.get_custom_objects()["shop>first"] = second
    assert saving.get_registered_object("first") is second
    assert saving.get_registered_object("shop>first") is second
    assert saving.get_registered_object("other>first") is None
    with saving.custom_object_scope({"first": first}):
        assert saving.get_registered_object("first") is first
    assert saving.get_registered_object("Dense") is lp.Dense
    assert saving.get_registered_object("losses.Huber") is lp.losses.Huber
