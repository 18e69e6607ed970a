"""Lampas: ``compile`` and ``fit``, nothing else."""

from __future__ import annotations

import jax
import jax.numpy as jnp

import lampas as lp

from ..workloads import VOCABULARY, Workload


class Pad(lp.Layer):
    """Zero padding; the first padding of AlexNet is neither "valid" nor "same"."""

    def __init__(self, width: int, **options: object) -> None:
        super().__init__(**options)
        self.around = ((0, 0), (width, width), (width, width), (0, 0))

    def forward(self, x: jax.Array) -> jax.Array:
        return jnp.pad(x, self.around)


def block(filters: int, convs: int) -> list[lp.Layer]:
    """3x3 convolutions and a pooling."""
    return [*(_conv(filters, 3) for _ in range(convs)), lp.MaxPool2D()]


def _conv(filters: int, size: int) -> lp.Layer:
    return lp.Conv2D(filters, size, padding="same", activation="relu")


def head() -> list[lp.Layer]:
    """The dense layers of AlexNet and VGG-16."""
    return [
        lp.Flatten(),
        lp.Dense(4096, activation="relu"),
        lp.Dropout(0.5),
        lp.Dense(4096, activation="relu"),
        lp.Dropout(0.5),
        lp.Dense(1000, activation="softmax"),
    ]


def recurrent(layer: lp.Layer, steps: int, features: int) -> list[lp.Layer]:
    """A recurrent layer whose last output is classified."""
    return [lp.Input((steps, features)), layer, lp.Dense(10, activation="softmax")]


MODELS = {
    "xor": lambda: [
        lp.Input((2,)),
        lp.Dense(8, activation="tanh"),
        lp.Dense(2, activation="softmax"),
    ],
    "function": lambda: [
        lp.Input((1,)),
        lp.Dense(64, activation="tanh"),
        lp.Dense(1),
    ],
    "mlp": lambda: [
        lp.Input((784,)),
        lp.Dense(512, activation="relu"),
        lp.Dense(512, activation="relu"),
        lp.Dense(10, activation="softmax"),
    ],
    "mnist_cnn": lambda: [
        lp.Input((28, 28, 1)),
        lp.Conv2D(32, 3, activation="relu"),
        lp.MaxPool2D(),
        lp.Conv2D(64, 3, activation="relu"),
        lp.MaxPool2D(),
        lp.Flatten(),
        lp.Dense(128, activation="relu"),
        lp.Dense(10, activation="softmax"),
    ],
    "small_cnn": lambda: [
        lp.Input((32, 32, 3)),
        lp.Conv2D(32, 3, activation="relu"),
        lp.MaxPool2D(),
        lp.Conv2D(16, 3, activation="relu"),
        lp.MaxPool2D(),
        lp.Flatten(),
        lp.Dense(10, activation="softmax"),
    ],
    "vgg_style": lambda: [
        lp.Input((32, 32, 3)),
        *block(32, 2),
        *block(64, 2),
        *block(128, 2),
        lp.Flatten(),
        lp.Dense(128, activation="relu"),
        lp.Dense(10, activation="softmax"),
    ],
    "alexnet": lambda: [
        Pad(2, input_shape=(224, 224, 3)),
        lp.Conv2D(64, 11, strides=4, activation="relu"),
        lp.MaxPool2D(3, 2),
        _conv(192, 5),
        lp.MaxPool2D(3, 2),
        _conv(384, 3),
        _conv(256, 3),
        _conv(256, 3),
        lp.MaxPool2D(3, 2),
        *head(),
    ],
    "vgg16": lambda: [
        lp.Input((224, 224, 3)),
        *block(64, 2),
        *block(128, 2),
        *block(256, 3),
        *block(512, 3),
        *block(512, 3),
        *head(),
    ],
    "lstm_small": lambda: recurrent(lp.LSTM(64), 100, 1),
    "lstm": lambda: recurrent(lp.LSTM(128), 200, 64),
    "gru_small": lambda: recurrent(lp.GRU(64), 100, 1),
    "gru": lambda: recurrent(lp.GRU(128), 200, 64),
    "simple_rnn_small": lambda: recurrent(lp.SimpleRNN(64), 100, 1),
    "simple_rnn": lambda: recurrent(lp.SimpleRNN(128), 200, 64),
    "bilstm_text": lambda: [
        lp.Embedding(VOCABULARY, 64, input_shape=(128,)),
        lp.Bidirectional(lp.LSTM(64)),
        lp.Dense(2, activation="softmax"),
    ],
}

LOSSES = {
    "cross_entropy": "sparse_categorical_crossentropy",
    "mean_squared_error": "mean_squared_error",
}


class Trainer:
    """A model that its own ``fit`` trains."""

    note = "`fit`"

    def __init__(self, workload: Workload) -> None:
        lp.set_seed(0)
        self.x, self.y = workload.data()
        self.batch = workload.batch
        self.model = lp.Sequential(MODELS[workload.name]())
        adam = lp.Adam(workload.learning_rate)
        self.model.compile(optimizer=adam, loss=LOSSES[workload.loss], metrics=[])

    def train(self, epochs: int) -> float:
        history = self.model.fit(self.x, self.y, epochs=epochs, batch_size=self.batch, verbose=0)
        return float(history.history["loss"][-1])

    def parameters(self) -> int:
        return sum(p.value.size for p in self.model.parameters().values())
