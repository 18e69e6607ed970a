"""Saving and loading: models, weights, configurations; checkpoints and logs."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.idioms.common import (
    X,
    Y,
    close,
    fill,
    idiom,
    linear,
    linear_descent,
    long_idiom,
    perceptron,
    small,
)
from tests.idioms.own_layers import dense_class


def model_file(kit: Any, folder: str) -> str:
    return f"{folder}/model.{kit.__name__}"


def weights_file(kit: Any, folder: str) -> str:
    return f"{folder}/w.weights.h5" if kit.__name__ == "keras" else f"{folder}/w.safetensors"


@idiom
def save_and_load(kit: Any) -> Any:
    model = small(kit)
    weights = fill(model)
    with tempfile.TemporaryDirectory() as folder:
        model.save(model_file(kit, folder))
        loaded = kit.models.load_model(model_file(kit, folder))
    close(loaded.predict(X, verbose=0), perceptron(X, weights))
    return loaded.get_weights()


@long_idiom
def loaded_model_goes_on(kit: Any) -> Any:
    """The momentum of the optimizer is in the file."""
    model, whole = linear(kit), linear(kit)
    for network in (model, whole):
        fill(network)
        network.compile(kit.optimizers.SGD(0.05, momentum=0.9), "mse", metrics=["mae"])
    whole.fit(X, Y, epochs=4, verbose=0)
    model.fit(X, Y, epochs=2, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        model.save(model_file(kit, folder))
        loaded = kit.models.load_model(model_file(kit, folder))
    close(loaded.evaluate(X, Y, verbose=0)[0], model.evaluate(X, Y, verbose=0)[0])
    loaded.fit(X, Y, epochs=2, verbose=0)
    close(loaded.get_weights()[0], whole.get_weights()[0])
    return loaded.get_weights()


@idiom
def graph_in_a_file(kit: Any) -> Any:
    inputs = kit.Input((3,), name="features")
    x = kit.layers.Dense(3, activation="relu")(inputs)
    model = kit.Model(inputs, kit.layers.add([inputs, 2 * x]))
    w, b = fill(model)
    with tempfile.TemporaryDirectory() as folder:
        model.save(model_file(kit, folder))
        loaded = kit.models.load_model(model_file(kit, folder))
    close(loaded.predict(X, verbose=0), X + 2 * np.maximum(X @ w + b, 0))
    return loaded.predict(X, verbose=0)


@idiom
def weights_in_a_file(kit: Any) -> Any:
    model, other = small(kit), small(kit)
    weights = fill(model)
    with tempfile.TemporaryDirectory() as folder:
        model.save_weights(weights_file(kit, folder))
        other.load_weights(weights_file(kit, folder))
    close(other.predict(X, verbose=0), perceptron(X, weights))
    return other.get_weights()


@long_idiom
def weights_of_a_class_in_a_file(kit: Any) -> Any:
    class Network(kit.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = kit.layers.Dense(4, activation="relu")
            self.out = kit.layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.out(self.hidden(inputs))

    model, other = Network(), Network()
    model(X)
    other(X)
    weights = fill(model)
    with tempfile.TemporaryDirectory() as folder:
        model.save_weights(weights_file(kit, folder))
        other.load_weights(weights_file(kit, folder))
    close(other.predict(X, verbose=0), perceptron(X, weights))
    return other.get_weights()


@idiom
def own_layer_in_a_file(kit: Any) -> Any:
    kind = dense_class(kit)
    model = kit.Sequential([kit.Input((3,)), kind(2)])
    w, b = fill(model)
    with tempfile.TemporaryDirectory() as folder:
        model.save(model_file(kit, folder))
        objects = {"Linear": kind}
        loaded = kit.models.load_model(model_file(kit, folder), custom_objects=objects)
    close(loaded.predict(X, verbose=0), X @ w + b)
    return loaded.predict(X, verbose=0)


@idiom
def registered_class_in_a_file(kit: Any) -> Any:
    @kit.saving.register_keras_serializable(package="idioms")
    class Scale(kit.layers.Layer):  # type: ignore[misc]
        def __init__(self, factor: float, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, inputs: Any) -> Any:
            return self.factor * inputs

        def get_config(self) -> Any:
            return {**super().get_config(), "factor": self.factor}

    inputs = kit.Input((3,))
    model = kit.Model(inputs, Scale(3.0)(inputs))
    with tempfile.TemporaryDirectory() as folder:
        model.save(model_file(kit, folder))
        loaded = kit.models.load_model(model_file(kit, folder))
    close(loaded.predict(X, verbose=0), 3 * X)
    return loaded.predict(X, verbose=0)


@idiom
def own_loss_in_a_file(kit: Any) -> Any:
    def tripled(y_true: Any, y_pred: Any) -> Any:
        return 3 * kit.ops.mean(kit.ops.square(y_true - y_pred), axis=-1)

    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), loss=tripled)
    with tempfile.TemporaryDirectory() as folder:
        model.save(model_file(kit, folder))
        objects = {"tripled": tripled}
        loaded = kit.models.load_model(model_file(kit, folder), custom_objects=objects)
    loaded.fit(X, Y, verbose=0)
    close(loaded.get_weights()[0], linear_descent(weights, 0.3)[1][0])
    return loaded.get_weights()


@long_idiom
def loaded_without_compiling(kit: Any) -> Any:
    model = linear(kit)
    w, b = fill(model)
    model.compile("adam", "mse")
    with tempfile.TemporaryDirectory() as folder:
        model.save(model_file(kit, folder))
        loaded = kit.models.load_model(model_file(kit, folder), compile=False)
    close(loaded.predict(X, verbose=0), X @ w + b)
    loaded.compile(kit.optimizers.SGD(0.1), "mse")
    loaded.fit(X, Y, verbose=0)
    close(loaded.get_weights()[0], linear_descent([w, b], 0.1)[1][0])
    return loaded.get_weights()


@idiom
def architecture_as_json(kit: Any) -> Any:
    model = small(kit)
    weights = fill(model)
    text = model.to_json()
    assert isinstance(json.loads(text), dict)
    again = kit.models.model_from_json(text)
    again.set_weights(weights)
    close(again.predict(X, verbose=0), perceptron(X, weights))
    return again.predict(X, verbose=0)


@long_idiom
def best_model_of_a_fit(kit: Any) -> Any:
    """The rate is too large, so the first epoch is the best."""
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(2.0), "mse")
    with tempfile.TemporaryDirectory() as folder:
        best = kit.callbacks.ModelCheckpoint(
            model_file(kit, folder), monitor="loss", save_best_only=True
        )
        model.fit(X, Y, epochs=3, callbacks=[best], verbose=0)
        loaded = kit.models.load_model(model_file(kit, folder))
    close(loaded.get_weights()[0], linear_descent(weights, 2.0)[1][0])
    return loaded.get_weights()


@idiom
def history_in_a_file(kit: Any) -> Any:
    model = linear(kit)
    fill(model)
    model.compile("sgd", "mse")
    with tempfile.TemporaryDirectory() as folder:
        logger = kit.callbacks.CSVLogger(f"{folder}/log.csv")
        history = model.fit(X, Y, epochs=2, callbacks=[logger], verbose=0)
        with Path(f"{folder}/log.csv").open() as file:
            rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [0, 1]
    close([float(row["loss"]) for row in rows], history.history["loss"])
    assert json.loads(json.dumps(history.history)) == history.history
    return history.history["loss"]
