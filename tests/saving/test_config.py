"""Configurations of layers and models, in the form of Keras."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from tests.model_file_mutations import MODELS


class Scale(lp.Layer):
    """In the style of Keras."""

    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def forward(self, x):
        return self.factor * x

    def get_config(self):
        config = super().get_config()
        config.update({"factor": self.factor})
        return config


def test_the_config_of_a_layer_has_the_arguments_of_its_constructor():
    config = lp.Dense(3, "relu", use_bias=False, name="first").get_config()
    assert config["name"] == "first"
    assert config["units"] == 3
    assert config["activation"] == "relu"
    assert config["use_bias"] is False
    assert config["trainable"] is True
    assert config["kernel_initializer"]["class_name"] == "GlorotUniform"
    json.dumps(config)


@pytest.mark.parametrize("kind", MODELS)
def test_layers_are_created_again_from_their_config(kind):
    for layer in MODELS[kind][0]():
        config = layer.get_config()
        other = type(layer).from_config(json.loads(json.dumps(config)))
        assert json.dumps(other.get_config()) == json.dumps(config)


@pytest.mark.long
def test_a_layer_from_a_config_computes_the_same():
    layer = lp.Conv2D(2, (3, 2), strides=(2, 1), padding="same", activation="tanh")
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
    expected = layer(x)
    other = lp.Conv2D.from_config(layer.get_config())
    other(x)
    for a, b in zip(other.variables().values(), layer.variables().values(), strict=True):
        a.value = b.value
    np.testing.assert_array_equal(other(x), expected)


def test_a_class_of_ones_own_adds_its_arguments():
    layer = Scale(3.0, name="scale", input_shape=(2,))
    config = layer.get_config()
    assert config == {"name": "scale", "trainable": True, "input_shape": (2,), "factor": 3.0}
    other = Scale.from_config(config)
    assert (other.factor, other.name, other.input_shape) == (3.0, "scale", (2,))


def test_a_class_that_takes_no_options_is_created_from_its_config():
    class Plain(lp.Layer):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    assert Plain.from_config(Plain(3.0).get_config()).factor == 3.0


def test_frozen_layers_stay_frozen():
    layer = lp.Dense(3)
    layer.trainable = False
    assert not lp.Dense.from_config(layer.get_config()).trainable


@pytest.mark.long
def test_a_sequential_takes_the_weights_of_the_one_it_was_created_from():
    model = lp.Sequential([lp.Dense(3, "relu"), lp.Sequential([lp.Dropout(0.5), lp.Dense(2)])])
    x = np.ones((2, 4), np.float32)
    expected = model.predict(x)
    other = lp.Sequential.from_config(model.get_config())
    other.set_weights(model.get_weights())
    np.testing.assert_array_equal(other.predict(x), expected)


def test_objects_and_functions_are_written_by_name():
    def double(x):
        return 2 * x

    layer = lp.Dense(3, double, kernel_regularizer=lp.L2(0.5))
    config = layer.get_config()
    assert config["activation"] == {"function": "Custom>double"}
    with pytest.raises(lp.ArgumentError, match=r"'double'.*custom_objects=\{\"double\"|register"):
        lp.Dense.from_config(config)
    with lp.saving.custom_object_scope({"double": double}):
        other = lp.Dense.from_config(config)
    assert other.activation is double
    assert other.kernel_regularizer == lp.L2(0.5)


def test_a_lambda_has_no_config():
    with pytest.raises(lp.ArgumentError, match=r"<lambda> has no name"):
        lp.Dense(3, lambda x: x).get_config()


def test_nested_layers_are_written_and_read_in_own_classes():
    class Twice(lp.Layer):
        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner = inner

        def forward(self, x):
            return self.inner(self.inner(x))

        def get_config(self):
            inner = lp.saving.serialize_keras_object(self.inner)
            return {**super().get_config(), "inner": inner}

        @classmethod
        def from_config(cls, config):
            config["inner"] = lp.saving.deserialize_keras_object(config.pop("inner"))
            return cls(**config)

    layer = Twice.from_config(Twice(lp.Dense(3, "tanh"), name="twice").get_config())
    assert layer.inner.units == 3
    assert layer.inner.activation is lp.activations.tanh


@pytest.mark.long
@pytest.mark.parametrize(
    ("optimizer", "change"),
    [
        (lambda: lp.SGD(0.1, momentum=0.9, nesterov=True, clipnorm=2.0), None),
        (lambda: lp.Adam(lp.schedules.CosineDecay(0.1, 10, warmup_steps=2)), None),
        (lambda: lp.AdamW(0.1, gradient_accumulation_steps=4, ema_momentum=0.9), 0.25),
    ],
)
def test_an_optimizer_is_created_again_with_its_present_learning_rate(optimizer, change):
    before = optimizer()
    if change:
        before.learning_rate = change
    config = json.loads(json.dumps(before.get_config()))
    after = type(before).from_config(config)
    assert after.learning_rate == before.learning_rate
    assert after.get_config() == before.get_config()
    params, gradients = {"w": jnp.ones(3)}, {"w": jnp.array([1.0, -2.0, 3.0])}
    steps = [o.update_params(params, gradients, o.init(params))[0]["w"] for o in (before, after)]
    np.testing.assert_array_equal(*steps)


def test_an_unknown_class_says_how_to_pass_it():
    with pytest.raises(lp.ArgumentError, match=r"'Nothing' is neither part of Lampas"):
        lp.saving.deserialize_keras_object({"class_name": "Nothing", "config": {}})


def test_a_dropout_by_its_share_of_kept_elements_is_created_again():
    layer = lp.Dropout.from_config(lp.Dropout(keep=0.75).get_config())
    assert layer.rate == 0.25


def test_a_class_without_a_config_of_its_own_is_described_by_its_arguments():
    class Doubled(lp.Layer):
        def __init__(self, units, activation=lp.activations.tanh, **kwargs):
            super().__init__(**kwargs)
            self.units = 2 * units

    config = Doubled(3, name="twice").get_config()
    assert config == {"name": "twice", "trainable": True, "activation": "tanh", "units": 3}
    assert Doubled.from_config(config).units == 6


def test_the_config_of_a_model_of_ones_own_has_no_graph():
    class Net(lp.Model):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    config = Net(3).get_config()
    assert config == {"name": "net", "trainable": True, "units": 3}
    assert Net.from_config(config).units == 3


def test_losses_and_metrics_of_ones_own_add_their_arguments():
    class Power(lp.Loss):
        def __init__(self, exponent=3, **kwargs):
            super().__init__(**kwargs)
            self.exponent = exponent

        def call(self, y_true, y_pred):
            return abs(y_true - y_pred) ** self.exponent

        def get_config(self):
            return {**super().get_config(), "exponent": self.exponent}

    class Above(lp.Metric):
        def __init__(self, threshold, name="above", **kwargs):
            super().__init__(name=name, **kwargs)
            self.threshold = threshold

    assert Power.from_config(Power(2).get_config()).exponent == 2
    above = Above.from_config(Above(0.5, name="half").get_config())
    assert (above.threshold, above.name) == (0.5, "half")
