"""Few photographs: a network that has seen ImageNet before, against networks that have not.

Data -> three models -> fit -> report, in this order below.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from ... import plots
from ...applications import VGG16, PictureStandardization
from ...core.errors import Shape
from ...core.module import Module
from ...core.random import set_seed
from ...data import Images, images
from ...datasets import stamps
from ...evaluation.mistakes import add_confusion, add_mistakes
from ...layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePool2D,
    MaxPool2D,
)
from ...optimizers import Adam
from ...optimizers.schedules import CosineDecay
from ...train.history import History
from ...train.model import Model
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential
from ..report import Report
from ..runs.fingerprint import named
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.record import begin, recorded

VALIDATION = 0.3
"""Share of the pictures that is measured and not learnt from."""
HEAD_EPOCHS = 100
"""A head on ready features costs next to nothing."""
PRETRAINED, UNTRAINED, SCRATCH = "pretrained", "random kernels", "small network"


class Result(NamedTuple):
    """What the case ends with: accuracy on the pictures kept back, and where the report is."""

    pretrained: float
    untrained: float
    scratch: float
    report: Path


@dataclass
class Contestant:
    """A model that has learnt, and how well it does on the pictures kept back."""

    model: Model
    history: History
    probabilities: np.ndarray
    accuracy: float


@recorded("stamps")
def run(
    data: str | Path = "stamps",
    size: int = 96,
    epochs: int = 60,
    batch_size: int = 16,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Train three networks on the same pictures and write the run's folder.

    Args:
        data: ``"stamps"``, or a folder of your own with a sub-folder for each class.
        size: height and width that the pictures are brought to, 32 or more.
        epochs: of the network that learns from nothing.
        batch_size: pictures a step.
        seed: decides the split and everything random.
        out: the run's folder.
        verbose: as for ``fit``.

    Raises:
        DatasetError: when the pictures or the pretrained kernels can not be fetched.
        FileError, DataError: when the folder is not there, can not be used or written to.
        ShapeError: for a size that is too small.
    """
    folder = run_folder(out, "stamps")
    pictures = images(
        stamps() if data == "stamps" else data, size, resize="stretch", verbose=verbose
    )
    train, held = pictures.split(VALIDATION, seed=seed)
    begin(folder, named(data, ("stamps",)), pictures.x, pictures.y)
    found = {
        PRETRAINED: with_head("imagenet-features", train, held, batch_size, seed, verbose),
        UNTRAINED: with_head(None, train, held, batch_size, seed, verbose),
        SCRATCH: from_scratch(train, held, epochs, batch_size, seed, verbose),
    }
    report = tell(train, held, found)
    best = found[PRETRAINED]
    return Result(
        best.accuracy,
        found[UNTRAINED].accuracy,
        found[SCRATCH].accuracy,
        write_run(folder, report, best.model, best.history),
    )


def with_head(
    weights: Literal["imagenet-features"] | None,
    train: Images,
    held: Images,
    batch_size: int,
    seed: int,
    verbose: Verbose,
) -> Contestant:
    """VGG-16's convolutions, frozen, and a new head.

    What frozen layers give for a picture is always the same, so it is computed once and the head
    learns from that.
    """
    set_seed(seed)
    base = VGG16(include_top=False, weights=weights, input_shape=train.x.shape[1:])
    base.freeze()
    features = Sequential([base, GlobalAveragePool2D()])
    x, x_held = (features.predict(part.x, batch_size) for part in (train, held))
    head = new_head(len(train.classes))
    history = fit(head, (x, train.y), (x_held, held.y), HEAD_EPOCHS, batch_size, 1e-3, verbose)
    return contestant(Sequential([*features.layers, head]), history, head.predict(x_held), held)


def from_scratch(
    train: Images, held: Images, epochs: int, batch_size: int, seed: int, verbose: Verbose
) -> Contestant:
    """A network as small as the data asks for, all of which learns from these pictures."""
    set_seed(seed)
    model = small_network(train.x.shape[1:], len(train.classes))
    history = fit(model, (train.x, train.y), (held.x, held.y), epochs, batch_size, 2e-3, verbose)
    return contestant(model, history, model.predict(held.x), held)


def small_network(shape: Shape, classes: int) -> Sequential:
    """Four convolutions with batch normalization, and the head of the others."""
    layers: list[Module] = [PictureStandardization(input_shape=shape)]
    for filters in (16, 32, 64, 128):
        layers += [
            Conv2D(filters, 3, padding="same", use_bias=False),
            BatchNormalization(momentum=0.9),
            Activation("relu"),
            MaxPool2D(),
        ]
    return Sequential([*layers, GlobalAveragePool2D(), new_head(classes)])


def new_head(classes: int) -> Sequential:
    """What all three end with; it brings features of any size to one scale."""
    return Sequential([BatchNormalization(momentum=0.9), Dropout(0.5), Dense(classes, "softmax")])


def fit(
    model: Model,
    train: tuple[object, np.ndarray],
    held: tuple[object, np.ndarray],
    epochs: int,
    batch_size: int,
    learning_rate: float,
    verbose: Verbose,
) -> History:
    """Learn for a number of epochs chosen beforehand: nothing is picked by the pictures held."""
    steps = epochs * -(-len(train[1]) // batch_size)
    model.compile(
        Adam(CosineDecay(learning_rate, steps)), "sparse_categorical_crossentropy", ["accuracy"]
    )
    return model.fit(*train, batch_size, epochs, verbose, validation_data=held)


def contestant(
    model: Model, history: History, probabilities: np.ndarray, held: Images
) -> Contestant:
    """Measured."""
    accuracy = float((probabilities.argmax(1) == held.y).mean())
    return Contestant(model, history, probabilities, accuracy)


def tell(train: Images, held: Images, found: dict[str, Contestant]) -> Report:
    """The report: what seeing ImageNet before is worth, and where it does not help."""
    best = found[PRETRAINED]
    report = Report(
        "Few photographs",
        f"{len(train)} pictures to learn {len(train.classes)} classes from, and VGG-16's kernels "
        "from a million others.",
    )
    report.facts(
        {name: f"{one.accuracy:.1%}" for name, one in found.items()}
        | {"held out": len(held), "the commonest class": f"{_commonest(held):.1%}"}
    )
    report.text(
        f"{PRETRAINED}: VGG-16's convolutions as ImageNet has made them, frozen, and a new head of "
        f"one dense layer. {UNTRAINED}: the same network and the same head, but kernels drawn at "
        f"random. {SCRATCH}: four convolutions and the same head, all learnt from these pictures. "
        "All three have the same pictures to learn from and are asked about the same others."
    )
    report.section("How they learnt")
    report.figure(
        plots.compared({name: one.history.history for name, one in found.items()}, "accuracy"),
        "Accuracy on the pictures learnt from and on those held out. None was chosen by it.",
    )
    report.section("Where the pretrained network errs")
    add_confusion(report, held.y, best.probabilities, held.classes)
    add_mistakes(report, held.x, held.y, best.probabilities, held.classes)
    add_summary(report, best.model)
    return report


def _commonest(held: Images) -> float:
    """How often one is right who always says the commonest class."""
    return max(held.counts.values()) / len(held)
