"""What is trained: one entry a workload.

To add one: an entry here, and a model of the same name in each peer's ``MODELS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Literal

from . import data
from .data import Data

LEARNING_RATE = 1e-3  # of Adam, in float32, everywhere


@dataclass(frozen=True)
class Workload:
    """One model on one set of data.

    ``check_epochs`` are trained first and give the loss that all peers must reach about alike;
    ``whole_epochs`` are what a whole process trains from start to exit (0: not measured).
    """

    name: str
    model: str
    recipe: Callable[[int], Data]
    rows: int
    batch: int
    check_epochs: int
    whole_epochs: int = 0
    loss: Literal["cross_entropy", "mean_squared_error"] = "cross_entropy"

    def data(self) -> Data:
        """The rows to train on, the same at every call."""
        return self.recipe(self.rows)

    def steps(self, epochs: int) -> int:
        """How many updates that many epochs make."""
        return epochs * ceil(self.rows / self.batch)


_ALL = (
    Workload(
        "xor",
        "2-8-2, tanh",
        data.xor,
        rows=4,
        batch=4,
        check_epochs=500,
        whole_epochs=2000,
    ),
    Workload(
        "function",
        "1-64-1, tanh",
        data.sine,
        rows=1024,
        batch=32,
        check_epochs=60,
        loss="mean_squared_error",
    ),
    Workload(
        "mlp",
        "784-512-512-10, relu",
        partial(data.classes, shape=(784,)),
        rows=12_800,
        batch=128,
        check_epochs=1,
        whole_epochs=8,
    ),
    Workload(
        "mnist_cnn",
        "28x28x1: conv 32, pool, conv 64, pool, dense 128, dense 10",
        partial(data.classes, shape=(28, 28, 1)),
        rows=2_560,
        batch=128,
        check_epochs=2,
        whole_epochs=10,
    ),
    Workload(
        "small_cnn",
        "32x32x3: conv 32, pool, conv 16, pool, dense 10",
        partial(data.classes, shape=(32, 32, 3)),
        rows=2_560,
        batch=128,
        check_epochs=2,
    ),
)

WORKLOADS = {workload.name: workload for workload in _ALL}
