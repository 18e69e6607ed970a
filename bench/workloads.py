"""The workloads.

A new training workload needs an entry here, and a model of its name in the ``MODELS`` of each peer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Literal

from . import data
from .data import Data

# Maximum strength of augmentation: in full turns, in heights and widths, in relative size.
ROTATION, SHIFT, ZOOM = 0.1, 0.1, 0.2
VOCABULARY = 10_000


@dataclass(frozen=True)
class Workload:
    """One model with one data set, or the augmentation of images without a model.

    Args:
        name: name of the workload.
        model: description of the model.
        recipe: makes the data for a number of rows.
        rows: number of examples.
        batch: examples per step.
        check_epochs: epochs that are trained first; all frameworks must reach a similar loss.
        whole_epochs: epochs of a whole process from start to exit; 0: not measured.
        rounds: default number of timed rounds.
        alone: whether processes are too large to run side by side, so that each round starts new
            ones.
        loss: the loss function.
        learning_rate: learning rate of Adam.
        task: what is timed.
        second_biases: additional parameters in some frameworks, whose recurrent cells have two
            biases, one for the input and one for the state.
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
        """The training data, the same in every call."""
        return self.recipe(self.rows)

    def steps(self, epochs: int) -> int:
        """Number of batches in so many epochs."""
        return epochs * ceil(self.rows / self.batch)


def _recurrent(name: str, gates: int, small: bool) -> Workload:
    """A recurrent layer and a classifier of its last output."""
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
        partial(data.images, shape=(64, 64, 3)),
        rows=512,
        batch=128,
        check_epochs=2,
        task="augment",
    ),
)

WORKLOADS = {workload.name: workload for workload in _ALL}
