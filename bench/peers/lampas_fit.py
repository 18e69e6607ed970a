"""Lampas: ``compile`` and ``fit``, nothing else."""

from __future__ import annotations

import lampas as lp

from ..workloads import LEARNING_RATE, Workload

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
        self.model.compile(optimizer=lp.Adam(LEARNING_RATE), loss=LOSSES[workload.loss], metrics=[])

    def train(self, epochs: int) -> float:
        history = self.model.fit(self.x, self.y, epochs=epochs, batch_size=self.batch, verbose=0)
        return float(history.history["loss"][-1])

    def parameters(self) -> int:
        return sum(p.value.size for p in self.model.parameters().values())
