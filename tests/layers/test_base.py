"""Options that every layer takes."""

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.core.build import infer_shapes


def test_a_name_may_be_none():
    model = lp.Sequential([lp.Dense(2, name=None, input_shape=(3,)), lp.Dense(1, name="last")])
    assert list(model.variables()) == ["dense_1/kernel", "dense_1/bias", "last/kernel", "last/bias"]


@pytest.mark.parametrize("name", [3, b"dense", ["dense"], lp.Dense(1)])
@pytest.mark.parametrize(
    "make",
    [
        lambda name: lp.Dense(2, name=name),
        lambda name: lp.LSTM(2, name=name),
        lambda name: lp.BatchNormalization(name=name),
        lambda name: lp.Input((3,), name=name),
        lambda name: lp.MaxPool2D(name=name),
        lambda name: lp.RandomFlip(name=name),
        lambda name: lp.metrics.Accuracy(name=name),
        lambda name: lp.metrics.MeanMetricWrapper(np.subtract, name),
    ],
)
def test_a_name_is_a_string(make, name):
    with pytest.raises(lp.ArgumentError, match=r"^\w+: (name|label) must be a string, got "):
        make(name)


@pytest.mark.parametrize(
    "layer",
    [
        lp.LSTM(2, trainable=False),
        lp.Bidirectional(lp.GRU(2), trainable=False),
        lp.TimeDistributed(lp.Dense(2), trainable=False),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_that_is_not_trainable_has_no_part_that_is(layer):
    infer_shapes([layer], lambda: layer(jnp.ones((2, 3, 4))))
    assert layer.variables()
    assert not layer.parameters()


def test_a_layer_that_was_thawed_is_thawed_in_the_file(tmp_path):
    layer = lp.Dense(2, trainable=False, input_shape=(3,))
    layer.trainable = True
    lp.Sequential([layer]).save(tmp_path / "model")
    assert lp.load(tmp_path / "model").parameters()


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: lp.Dense(2), (None, 3)),
        (lambda: lp.Dense(2), [None, 3]),
        (lambda: lp.Conv1D(2, 3), (None, None, 3)),
        (lambda: lp.Bidirectional(lp.LSTM(2)), (None, None, 3)),
    ],
)
def test_build_creates_the_weights_that_are_used(make, shape):
    layer = make()
    layer.build(shape)
    weights = layer.weights
    assert layer.built
    assert weights
    model = lp.Sequential([lp.Input(shape[1:]), layer])
    assert all(a is b for a, b in zip(model.weights, weights, strict=True))


class Scaled(lp.Layer):
    """Builds a part by hand."""

    def build(self, input_shape):
        self.dense = lp.Dense(2)
        self.dense.build(input_shape)
        self.scale = self.add_weight(shape=(2,), initializer="ones")
        super().build(input_shape)

    def call(self, inputs):
        return self.dense(inputs) * self.scale


def test_part_that_is_built_by_hand_has_its_weights_once():
    model = lp.Sequential([lp.Input((3,)), Scaled(name="scaled")])
    assert set(model.variables()) == {"scaled/dense/kernel", "scaled/dense/bias", "scaled/scale"}
    layer = Scaled()
    layer.build((None, 3))
    assert set(layer.variables()) == {"dense/kernel", "dense/bias", "scale"}


@pytest.mark.long
def test_augmentation_is_off_where_training_is():
    x = np.random.default_rng(0).random((2, 5, 5, 1)).astype(np.float32)
    layer = lp.RandomRotation(0.5)
    np.testing.assert_array_equal(layer(x, training=False), x)
    assert not np.array_equal(layer(x), x)
    assert not np.array_equal(layer(x, training=True), x)


@pytest.mark.parametrize(
    ("layer", "name", "shape"),
    [
        (lp.Dense(2), "kernel", (4, 2)),
        (lp.Dense(2), "bias", (2,)),
        (lp.BatchNormalization(), "moving_mean", (4,)),
    ],
)
def test_weights_of_a_layer_are_created_with_its_model(layer, name, shape):
    model = lp.Sequential([lp.Input((4,)), layer])
    variable = getattr(layer, name)
    assert variable.shape == shape
    assert any(variable is weight for weight in model.weights)


def test_a_layer_without_weights_of_a_name_says_so():
    model = lp.Sequential([lp.Input((4,)), lp.Flatten(), lp.Dense(1)])
    with pytest.raises(AttributeError, match="'Flatten' object has no attribute 'kernel'"):
        _ = model.layers[0].kernel
    with pytest.raises(AttributeError, match="'Dense' object has no attribute 'kernel'"):
        _ = lp.Dense(1).kernel
    unknown = lp.Sequential([lp.Dense(1)])
    with pytest.raises(AttributeError, match=r"dense_1 has no kernel yet: .* knows its inputs"):
        _ = unknown.layers[0].kernel


def test_the_kernel_of_a_layer_is_that_of_the_model_it_is_built_with():
    def kernel(create):
        lp.set_seed(0)
        model = lp.Sequential([lp.Input((4,)), lp.Dense(2), lp.Dense(1)])
        create(model)
        return model.layers[1].kernel.numpy()

    np.testing.assert_array_equal(kernel(lambda model: None), kernel(lambda model: model.build()))
