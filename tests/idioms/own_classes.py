"""Losses, metrics, callbacks and models of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.idioms.common import (
    X,
    Y,
    Z,
    arrays,
    close,
    fill,
    idiom,
    linear,
    linear_descent,
    long_idiom,
    perceptron,
    relu,
    small,
)


@long_idiom
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


@long_idiom
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


@long_idiom
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


@long_idiom
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


@long_idiom
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


@long_idiom
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


@long_idiom
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


@long_idiom
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


@long_idiom
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
