"""Layers, losses, metrics, callbacks and training steps of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.idioms.common import (
    WORDS,
    X,
    Y,
    Z,
    arrays,
    close,
    fill,
    idiom,
    linear,
    linear_descent,
    perceptron,
    relu,
    sigmoid,
    small,
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


@idiom
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


@idiom
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


@idiom
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


@idiom
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


@idiom
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


@idiom
def several_outputs_of_a_class(kit: Any) -> Any:
    class Network(kit.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = kit.layers.Dense(1), kit.layers.Dense(3)

        def call(self, inputs: Any) -> Any:
            left, right = inputs
            return self.first(left), self.second(right)

    model = Network()
    model([X, Z])
    w1, b1, w2, b2 = fill(model)
    model.compile(kit.optimizers.SGD(0.1), loss=["mse", "mae"])
    history = model.fit([X, Z], [Y, X], verbose=0)
    expected = np.mean((X @ w1 + b1 - Y) ** 2) + np.mean(np.abs(Z @ w2 + b2 - X))
    close(history.history["loss"], [expected])
    close(model.get_weights()[0], linear_descent([w1, b1], 0.1)[1][0])
    first, second = model.predict([X, Z], verbose=0)
    assert (first.shape, second.shape) == ((8, 1), (8, 3))
    return history.history["loss"], first, second


@idiom
def loss_function(kit: Any) -> Any:
    def huber_like(y_true: Any, y_pred: Any) -> Any:
        error = y_true - y_pred
        return kit.ops.mean(
            kit.ops.where(kit.ops.abs(error) < 1, error**2, 2 * kit.ops.abs(error)), -1
        )

    model = linear(kit)
    w, b = fill(model)
    model.compile(kit.optimizers.SGD(0.1), loss=huber_like)
    error = X @ w + b - Y
    history = model.fit(X, Y, verbose=0)
    close(history.history["loss"], [np.where(abs(error) < 1, error**2, 2 * abs(error)).mean()])
    gradient = np.where(abs(error) < 1, 2 * error, 2 * np.sign(error)) / 8
    close(model.get_weights()[1], b - 0.1 * gradient.sum(0))
    return history.history["loss"], model.get_weights()


@idiom
def loss_class(kit: Any) -> Any:
    class Weighted(kit.losses.Loss):  # type: ignore[misc]
        def __init__(self, factor: float, name: str = "weighted") -> None:
            super().__init__(name=name)
            self.factor = factor

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return self.factor * kit.ops.mean(kit.ops.square(y_true - y_pred), axis=-1)

    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), loss=Weighted(3.0))
    model.fit(X, Y, verbose=0)
    close(model.get_weights()[0], linear_descent(weights, 0.3)[1][0])
    return model.get_weights()


@idiom
def metric_function(kit: Any) -> Any:
    def largest_error(y_true: Any, y_pred: Any) -> Any:
        return kit.ops.max(kit.ops.abs(y_true - y_pred), axis=-1)

    model = linear(kit)
    w, b = fill(model)
    model.compile("sgd", "mse", metrics=[largest_error])
    results = model.evaluate(X, Y, return_dict=True, verbose=0)
    close(results["largest_error"], np.mean(np.abs(X @ w + b - Y)))
    return results["largest_error"]


@idiom
def metric_class(kit: Any) -> Any:
    class Bias(kit.metrics.Metric):  # type: ignore[misc]
        """The mean of y_pred - y_true."""

        def __init__(self, name: str = "bias", **kwargs: Any) -> None:
            super().__init__(name=name, **kwargs)
            self.total = self.add_weight(name="total", initializer="zeros")
            self.count = self.add_weight(name="count", initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            error = kit.ops.cast(y_pred, "float32") - kit.ops.cast(y_true, "float32")
            self.total.assign_add(kit.ops.sum(error))
            self.count.assign_add(kit.ops.cast(kit.ops.size(error), "float32"))

        def result(self) -> Any:
            return self.total / self.count

        def reset_state(self) -> None:
            self.total.assign(0.0)
            self.count.assign(0.0)

    model = linear(kit)
    w, b = fill(model)
    model.compile("sgd", "mse", metrics=[Bias()])
    results = model.evaluate(X, Y, batch_size=3, return_dict=True, verbose=0)
    close(results["bias"], np.mean(X @ w + b - Y))
    return results["bias"]


@idiom
def metric_by_hand(kit: Any) -> Any:
    mean = kit.metrics.Mean()
    mean.update_state([1.0, 2.0])
    mean.update_state(6.0)
    close(float(mean.result()), 3.0)
    mean.reset_state()
    mean.update_state(5.0)
    accuracy = kit.metrics.SparseCategoricalAccuracy()
    accuracy.update_state([0, 1], [[0.9, 0.1], [0.8, 0.2]])
    close(float(accuracy.result()), 0.5)
    return float(mean.result()), float(accuracy.result())


@idiom
def loss_by_hand(kit: Any) -> Any:
    loss = kit.losses.MeanSquaredError()
    value = float(np.mean(arrays(kit, loss([[1.0], [2.0]], [[0.0], [4.0]]))))
    close(value, 2.5)
    return value


@idiom
def callback_class(kit: Any) -> Any:
    class Recorder(kit.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: Any = None) -> None:
            self.events = ["begin"]

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.events.append(f"epoch {epoch} {sorted(logs)}")

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.events.append(f"batch {batch}")

        def on_train_end(self, logs: Any = None) -> None:
            self.events.append(f"end of {self.params['epochs']}")

    model = linear(kit)
    fill(model)
    model.compile("sgd", "mse")
    recorder = Recorder()
    model.fit(X, Y, batch_size=4, epochs=2, callbacks=[recorder], verbose=0)
    epoch = ["batch 0", "batch 1"]
    assert recorder.events == [
        "begin", *epoch, "epoch 0 ['loss']", *epoch, "epoch 1 ['loss']", "end of 2",
    ]  # fmt: skip
    return []


@idiom
def callback_that_stops(kit: Any) -> Any:
    class StopBelow(kit.callbacks.Callback):  # type: ignore[misc]
        def __init__(self, limit: float) -> None:
            super().__init__()
            self.limit = limit

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if logs.get("loss") < self.limit:
                self.model.stop_training = True

    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    losses, _ = linear_descent(weights, 0.1, 9)
    callback = StopBelow((losses[2] + losses[3]) / 2)
    history = model.fit(X, Y, epochs=9, callbacks=[callback], verbose=0)
    assert history.epoch == [0, 1, 2, 3]
    return history.history["loss"]


@idiom
def compute_loss_of_ones_own(kit: Any) -> Any:
    class Network(kit.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.dense = kit.layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

        def compute_loss(
            self, x: Any = None, y: Any = None, y_pred: Any = None,
            sample_weight: Any = None, **kwargs: Any,
        ) -> Any:  # fmt: skip
            return 3 * kit.ops.mean(kit.ops.square(y - y_pred))

    model = Network()
    model(X)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1))
    model.fit(X, Y, verbose=0)
    close(model.get_weights()[0], linear_descent(weights, 0.3)[1][0])
    return model.get_weights()


@idiom
def compile_of_ones_own(kit: Any) -> Any:
    """``compile`` with arguments more."""

    class Network(kit.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.dense = kit.layers.Dense(1)

        def compile(self, factor: float, **kwargs: Any) -> None:
            super().compile(**kwargs)
            self.factor = factor

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

        def compute_loss(
            self, x: Any = None, y: Any = None, y_pred: Any = None,
            sample_weight: Any = None, **kwargs: Any,
        ) -> Any:  # fmt: skip
            return self.factor * super().compute_loss(x, y, y_pred, sample_weight)

    model = Network()
    model(X)
    weights = fill(model)
    model.compile(factor=3.0, optimizer=kit.optimizers.SGD(0.1), loss="mse")
    model.fit(X, Y, verbose=0)
    close(model.get_weights()[0], linear_descent(weights, 0.3)[1][0])
    return model.get_weights()


@idiom
def model_of_a_class_and_of_a_graph(kit: Any) -> Any:
    """A class that is a model of a graph."""

    class Network(kit.Model):  # type: ignore[misc]
        def __init__(self, units: int) -> None:
            inputs = kit.Input((3,))
            hidden = kit.layers.Dense(units, activation="relu")
            super().__init__(inputs=inputs, outputs=kit.layers.Dense(1)(hidden(inputs)))
            self.units = units

    model = Network(4)
    weights = fill(model)
    close(model.predict(X, verbose=0), perceptron(X, weights))
    return model.predict(X, verbose=0)


@idiom
def layers_in_a_list(kit: Any) -> Any:
    class Network(kit.Model):  # type: ignore[misc]
        def __init__(self, sizes: list[int]) -> None:
            super().__init__()
            self.blocks = [kit.layers.Dense(size, activation="relu") for size in sizes]
            self.out = kit.layers.Dense(1)

        def call(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return self.out(x)

    model = Network([4])
    model(X)
    weights = fill(model)
    assert len(model.trainable_weights) == 4
    assert [type(layer).__name__ for layer in model.layers] == ["Dense", "Dense"]
    close(model.predict(X, verbose=0), perceptron(X, weights))
    return model.predict(X, verbose=0)


@idiom
def gradients_are_those_of_the_truth(kit: Any) -> Any:
    """Backpropagation through two layers by one step of descent."""
    model = small(kit)
    w1, b1, w2, b2 = fill(model)
    model.compile(kit.optimizers.SGD(1.0), "mse")
    model.fit(X, Y, verbose=0)
    hidden = relu(X @ w1 + b1)
    error = 2 * (hidden @ w2 + b2 - Y) / 8
    back = error @ w2.T * (hidden > 0)
    expected = [w1 - X.T @ back, b1 - back.sum(0), w2 - hidden.T @ error, b2 - error.sum(0)]
    for weight, truth in zip(model.get_weights(), expected, strict=True):
        close(weight, truth)
    return model.get_weights()
