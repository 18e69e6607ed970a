"""Keras 3: ``compile`` and ``fit``; the backend is what KERAS_BACKEND names."""

from __future__ import annotations

import keras

from ..workloads import VOCABULARY, Workload


def block(filters: int, convs: int) -> list[keras.Layer]:
    """3x3 convolutions and a pooling."""
    return [*(_conv(filters, 3) for _ in range(convs)), keras.layers.MaxPool2D()]


def _conv(filters: int, size: int) -> keras.Layer:
    return keras.layers.Conv2D(filters, size, padding="same", activation="relu")


def head() -> list[keras.Layer]:
    """The dense layers of AlexNet and VGG-16."""
    return [
        keras.layers.Flatten(),
        keras.layers.Dense(4096, activation="relu"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(4096, activation="relu"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(1000),
    ]


def recurrent(layer: keras.Layer, steps: int, features: int) -> list[keras.Layer]:
    """A recurrent layer whose last output is classified."""
    return [keras.Input((steps, features)), layer, keras.layers.Dense(10)]


MODELS = {
    "xor": lambda: [
        keras.Input((2,)),
        keras.layers.Dense(8, activation="tanh"),
        keras.layers.Dense(2),
    ],
    "function": lambda: [
        keras.Input((1,)),
        keras.layers.Dense(64, activation="tanh"),
        keras.layers.Dense(1),
    ],
    "mlp": lambda: [
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10),
    ],
    "mnist_cnn": lambda: [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPool2D(),
        keras.layers.Conv2D(64, 3, activation="relu"),
        keras.layers.MaxPool2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10),
    ],
    "small_cnn": lambda: [
        keras.Input((32, 32, 3)),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPool2D(),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.MaxPool2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ],
    "vgg_style": lambda: [
        keras.Input((32, 32, 3)),
        *block(32, 2),
        *block(64, 2),
        *block(128, 2),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10),
    ],
    "alexnet": lambda: [
        keras.Input((224, 224, 3)),
        keras.layers.ZeroPadding2D(2),
        keras.layers.Conv2D(64, 11, strides=4, activation="relu"),
        keras.layers.MaxPool2D(3, 2),
        _conv(192, 5),
        keras.layers.MaxPool2D(3, 2),
        _conv(384, 3),
        _conv(256, 3),
        _conv(256, 3),
        keras.layers.MaxPool2D(3, 2),
        *head(),
    ],
    "vgg16": lambda: [
        keras.Input((224, 224, 3)),
        *block(64, 2),
        *block(128, 2),
        *block(256, 3),
        *block(512, 3),
        *block(512, 3),
        *head(),
    ],
    "lstm_small": lambda: recurrent(keras.layers.LSTM(64), 100, 1),
    "lstm": lambda: recurrent(keras.layers.LSTM(128), 200, 64),
    "gru_small": lambda: recurrent(keras.layers.GRU(64), 100, 1),
    "gru": lambda: recurrent(keras.layers.GRU(128), 200, 64),
    "simple_rnn_small": lambda: recurrent(keras.layers.SimpleRNN(64), 100, 1),
    "simple_rnn": lambda: recurrent(keras.layers.SimpleRNN(128), 200, 64),
    "bilstm_text": lambda: [
        keras.Input((128,), dtype="int32"),
        keras.layers.Embedding(VOCABULARY, 64),
        keras.layers.Bidirectional(keras.layers.LSTM(64)),
        keras.layers.Dense(2),
    ],
}

# Logits instead of a softmax layer: less work for Keras, as its guides recommend.
LOSSES = {
    "cross_entropy": lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "mean_squared_error": keras.losses.MeanSquaredError,
}


class Trainer:
    """A model that its own ``fit`` trains."""

    note = "`fit`, logits"

    def __init__(self, workload: Workload) -> None:
        keras.utils.set_random_seed(0)
        self.x, self.y = workload.data()
        self.batch = workload.batch
        self.model = keras.Sequential(MODELS[workload.name]())
        adam = keras.optimizers.Adam(workload.learning_rate)
        self.model.compile(adam, LOSSES[workload.loss]())

    def train(self, epochs: int) -> float:
        history = self.model.fit(self.x, self.y, epochs=epochs, batch_size=self.batch, verbose=0)
        return float(history.history["loss"][-1])

    def parameters(self) -> int:
        return self.model.count_params()
