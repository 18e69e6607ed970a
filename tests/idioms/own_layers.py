"""Layers of one's own, and functions for their weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.idioms.common import (
    WORDS,
    X,
    Y,
    arrays,
    close,
    fill,
    idiom,
    linear_descent,
    long_idiom,
    perceptron,
    sigmoid,
)


def dense_class(kit: Any) -> Any:
    class Linear(kit.layers.Layer):  # type: ignore[misc]
        def __init__(self, units: int = 1, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units

        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight(
                shape=(input_shape[-1], self.units), initializer="glorot_uniform", trainable=True
            )
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)
            super().build(input_shape)

        def call(self, inputs: Any) -> Any:
            return kit.ops.matmul(inputs, self.w) + self.b

        def get_config(self) -> Any:
            return {**super().get_config(), "units": self.units}

    return Linear


@long_idiom
def layer_with_build(kit: Any) -> Any:
    model = kit.Sequential([kit.Input((3,)), dense_class(kit)(1, name="mine")])
    weights = fill(model)
    assert model.layers[0].name == "mine"
    assert model.layers[0].built
    model.compile(kit.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, epochs=2, verbose=0)
    losses, (w, _) = linear_descent(weights, 0.1, 2)
    close(history.history["loss"], losses)
    close(arrays(kit, model.layers[0].w), w)
    return model.get_weights()


@idiom
def layer_with_weights_in_init(kit: Any) -> Any:
    class Linear(kit.layers.Layer):  # type: ignore[misc]
        def __init__(self, units: int, features: int) -> None:
            super().__init__()
            self.w = self.add_weight(shape=(features, units), initializer="random_normal")
            self.b = self.add_weight(shape=(units,), initializer="zeros")

        def call(self, inputs: Any) -> Any:
            return kit.ops.matmul(inputs, self.w) + self.b

    layer = Linear(4, 3)
    assert [tuple(w.shape) for w in layer.weights] == [(3, 4), (4,)]
    w, _ = layer.get_weights()
    close(arrays(kit, layer(X)), X @ w)
    layer.set_weights([np.ones((3, 4)), np.ones(4)])
    close(arrays(kit, layer(X))[:, 0], X.sum(1) + 1)
    return arrays(kit, layer(X))


@idiom
def layer_that_counts(kit: Any) -> Any:
    """A weight that is not trained, which the layer assigns."""

    class Total(kit.layers.Layer):  # type: ignore[misc]
        def __init__(self, size: int) -> None:
            super().__init__()
            self.total = self.add_weight(shape=(size,), initializer="zeros", trainable=False)

        def call(self, inputs: Any) -> Any:
            self.total.assign_add(kit.ops.sum(inputs, axis=0))
            return self.total

    layer = Total(3)
    layer(X)
    close(arrays(kit, layer(X)), 2 * X.sum(0))
    assert layer.trainable_weights == []
    assert len(layer.non_trainable_weights) == 1
    return arrays(kit, layer.total)


@long_idiom
def layer_of_layers(kit: Any) -> Any:
    class Block(kit.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.first = kit.layers.Dense(3, activation="relu")
            self.second = kit.layers.Dense(3)

        def call(self, inputs: Any) -> Any:
            return inputs + self.second(self.first(inputs))

    inputs = kit.Input((3,))
    model = kit.Model(inputs, Block()(inputs))
    weights = fill(model)
    assert len(weights) == 4
    close(model.predict(X, verbose=0), X + perceptron(X, weights))
    return model.predict(X, verbose=0)


@long_idiom
def layer_with_training(kit: Any) -> Any:
    class Doubled(kit.layers.Layer):  # type: ignore[misc]
        """Twice the input in training."""

        def call(self, inputs: Any, training: Any = None) -> Any:
            return 2 * inputs if training else inputs

    inputs = kit.Input((3,))
    model = kit.Model(inputs, Doubled()(inputs))
    close(arrays(kit, model(X)), X)
    close(arrays(kit, model(X, training=True)), 2 * X)
    close(model.predict(X, verbose=0), X)
    model.compile(loss="mse")
    close(model.fit(X, 0 * X, verbose=0).history["loss"], [np.mean(4 * X**2)])
    close(model.evaluate(X, 0 * X, verbose=0), np.mean(X**2))
    return arrays(kit, model(X, training=True))


@long_idiom
def layer_with_mask(kit: Any) -> Any:
    class Total(kit.layers.Layer):  # type: ignore[misc]
        """The sum over the steps that are there."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.supports_masking = True

        def call(self, inputs: Any, mask: Any = None) -> Any:
            weights = kit.ops.expand_dims(kit.ops.cast(mask, "float32"), -1)
            return kit.ops.sum(inputs * weights, axis=1)

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return None

    model = kit.Sequential([
        kit.Input((4,), dtype="int32"),
        kit.layers.Embedding(5, 2, mask_zero=True),
        Total(),
    ])  # fmt: skip
    (table,) = fill(model)
    close(model.predict(WORDS, verbose=0), [table[row[row > 0]].sum(0) for row in WORDS])
    return model.predict(WORDS, verbose=0)


@idiom
def layer_of_two_inputs(kit: Any) -> Any:
    class Scaled(kit.layers.Layer):  # type: ignore[misc]
        def build(self, input_shape: Any) -> None:
            (_, n), (_, m) = input_shape
            assert (n, m) == (3, 1)
            self.factor = self.add_weight(shape=(n,), initializer="ones", name="factor")

        def call(self, inputs: Any) -> Any:
            x, y = inputs
            return x * self.factor + y

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape[0]

    a, b = kit.Input((3,)), kit.Input((1,))
    model = kit.Model([a, b], Scaled()([a, b]))
    (factor,) = fill(model)
    assert tuple(model.output_shape) == (None, 3)
    close(model.predict([X, Y], verbose=0), X * factor + Y)
    return model.predict([X, Y], verbose=0)


@idiom
def layer_that_adds_a_loss(kit: Any) -> Any:
    class Activity(kit.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            self.add_loss(0.1 * kit.ops.mean(kit.ops.square(inputs)))
            return inputs

    inputs = kit.Input((3,))
    model = kit.Model(inputs, Activity()(kit.layers.Dense(1)(inputs)))
    w, b = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, verbose=0)
    output = X @ w + b
    close(history.history["loss"], [np.mean((output - Y) ** 2) + 0.1 * np.mean(output**2)])
    gradient = 2 * (output - Y + 0.1 * output) / 8
    close(model.get_weights()[0], w - 0.1 * X.T @ gradient)
    return history.history["loss"], model.get_weights()


@idiom
def penalty_for_outputs(kit: Any) -> Any:
    model = kit.Sequential([
        kit.Input((3,)),
        kit.layers.Dense(1, activity_regularizer=kit.regularizers.L2(0.3)),
    ])  # fmt: skip
    w, b = fill(model)
    model.compile("sgd", "mse")
    output = X @ w + b
    expected = np.mean((output - Y) ** 2) + 0.3 * np.sum(output**2) / 8
    close(model.evaluate(X, Y, verbose=0), expected)
    return model.evaluate(X, Y, verbose=0)


@idiom
def configuration_of_own_layer(kit: Any) -> Any:
    kind = dense_class(kit)
    layer = kind(2, name="mine")
    assert layer.get_config()["units"] == 2
    again = kind.from_config(layer.get_config())
    assert (again.units, again.name) == (2, "mine")
    return []


@idiom
def activation_of_ones_own(kit: Any) -> Any:
    def swish(x: Any) -> Any:
        return x * kit.ops.sigmoid(x)

    model = kit.Sequential([kit.Input((3,)), kit.layers.Dense(2, activation=swish)])
    w, b = fill(model)
    z = X @ w + b
    close(model.predict(X, verbose=0), z * sigmoid(z))
    return model.predict(X, verbose=0)


@long_idiom
def functions_for_weights(kit: Any) -> Any:
    """Initializer, penalty and constraint as functions."""

    def twos(shape: Any, dtype: Any = None) -> Any:
        return 2 * kit.ops.ones(shape, dtype=dtype)

    def absolute(weight: Any) -> Any:
        return 0.1 * kit.ops.sum(kit.ops.abs(weight))

    def capped(weight: Any) -> Any:
        return kit.ops.clip(weight, -1.0, 1.0)

    dense = kit.layers.Dense(
        1, kernel_initializer=twos, kernel_regularizer=absolute, kernel_constraint=capped
    )
    model = kit.Sequential([kit.Input((3,)), dense])
    model.compile(kit.optimizers.SGD(0.01), "mse")
    history = model.fit(X, Y, verbose=0)
    error = 2 * X.sum(1, keepdims=True) - Y
    close(history.history["loss"], [np.mean(error**2) + 0.1 * 6])
    close(model.get_weights()[0], np.ones((3, 1)))
    return model.get_weights()
