"""What is done: one entry a workload.

To add one that trains: an entry here, and a model of the same name in each peer's ``MODELS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Literal

from . import data
from .data import Data

# Of the augmentation, either way: in turns, in heights and widths, in sizes.
ROTATION, SHIFT, ZOOM = 0.1, 0.1, 0.2
VOCABULARY = 10_000


@dataclass(frozen=True)
class Workload:
    """One model on one set of data, or the augmentation of pictures alone.

    ``check_epochs`` are trained first and give the loss that all peers must reach about alike;
    ``whole_epochs`` are what a whole process trains from start to exit (0: not measured).
    Processes that are too large to live side by side are ``alone``: each round starts new ones.
    ``rounds`` is their usual number. ``learning_rate`` is Adam's. ``second_biases`` are the
    parameters that some frameworks have more: a recurrent cell there adds two biases, one for the
    input and one for the state, where their sum would do.
    """

    name: str
    model: str
    recipe: Callable[[int], Data]
    rows: int
    batch: int
    check_epochs: int
    whole_epochs: int = 0
    rounds: int = 5
    alone: bool = False
    loss: Literal["cross_entropy", "mean_squared_error"] = "cross_entropy"
    learning_rate: float = 1e-3
    task: Literal["train", "augment"] = "train"
    second_biases: int = 0

    def data(self) -> Data:
        """The rows to train on, the same at every call."""
        return self.recipe(self.rows)

    def steps(self, epochs: int) -> int:
        """How many batches that many epochs have."""
        return epochs * ceil(self.rows / self.batch)


def _recurrent(name: str, gates: int, small: bool) -> Workload:
    """A recurrent layer whose last output is classified."""
    steps, features, units = (100, 1, 64) if small else (200, 64, 128)
    return Workload(
        f"{name}_small" if small else name,
        f"{steps}x{features}: {name} {units}, dense 10; some have {gates * units} more biases",
        partial(data.sequences, steps=steps, features=features),
        rows=1_280 if small else 640,
        batch=64,
        check_epochs=3,
        second_biases=gates * units,
    )


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
    Workload(
        "vgg_style",
        "32x32x3: 2 conv 32, pool, 2 conv 64, pool, 2 conv 128, pool, dense 128, dense 10; same",
        partial(data.classes, shape=(32, 32, 3), strength=2.0),
        rows=640,
        batch=64,
        check_epochs=6,
    ),
    Workload(
        "alexnet",
        "AlexNet in one tower, 224x224x3, 1,000 classes, dropout 0.5",
        partial(data.classes, shape=(224, 224, 3), strength=2.0),
        rows=32,
        batch=16,
        check_epochs=2,
        rounds=3,
        learning_rate=1e-4,
    ),
    Workload(
        "vgg16",
        "VGG-16, 224x224x3, 1,000 classes, dropout 0.5",
        partial(data.classes, shape=(224, 224, 3), strength=2.0),
        rows=4,
        batch=4,
        check_epochs=2,
        rounds=2,
        alone=True,
        learning_rate=1e-4,
    ),
    _recurrent("lstm", gates=4, small=True),
    _recurrent("lstm", gates=4, small=False),
    _recurrent("gru", gates=3, small=True),
    _recurrent("gru", gates=3, small=False),
    _recurrent("simple_rnn", gates=1, small=True),
    _recurrent("simple_rnn", gates=1, small=False),
    Workload(
        "bilstm_text",
        "128 of 10,000 words: embedding 64, lstm 64 each way, dense 2; some have 512 more biases",
        partial(data.texts, tokens=128, vocabulary=VOCABULARY),
        rows=640,
        batch=64,
        check_epochs=5,
        second_biases=2 * 4 * 64,
    ),
    Workload(
        "augmentation",
        "64x64x3 bytes: random flip, rotation, translation and zoom, reflected at the border; "
        "no model",
        partial(data.pictures, shape=(64, 64, 3)),
        rows=512,
        batch=128,
        check_epochs=2,
        task="augment",
    ),
)

WORKLOADS = {workload.name: workload for workload in _ALL}
