"""Transfer learning on few photographs: pretrained features against networks trained from scratch.

The file follows the order data, three models, fit, report.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
from typer import Option

from ... import plots
from ...applications import VGG16, ImageNetPreprocessing
from ...core.errors import Shape
from ...core.module import Module
from ...core.random import set_seed
from ...data import Images, images
from ...datasets import stamps
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
from ..report.mistakes import add_confusion_matrix, add_image_mistakes
from ..runs.fingerprint import name_or_path
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.options import Positive
from ..runs.record import record_run, start_run

TEST = 0.3
"""Fraction of the images that is held out for testing."""
HEAD_EPOCHS = 100
"""Epochs of the head, which is cheap to train on precomputed features."""
PRETRAINED, UNTRAINED, SCRATCH = "pretrained", "random kernels", "small network"


class Result(NamedTuple):
    """Accuracy of the three networks on the test images, and the path of the report."""

    pretrained: float
    untrained: float
    scratch: float
    report: Path

    def __str__(self) -> str:
        return (
            f"test accuracy: {PRETRAINED} {self.pretrained:.4f}, {UNTRAINED} {self.untrained:.4f}, "
            f"{SCRATCH} {self.scratch:.4f}"
        )


@dataclass
class Candidate:
    """A trained model with its predictions for the test images and their accuracy."""

    model: Model
    history: History
    probabilities: np.ndarray
    accuracy: float


@record_run("stamps")
def run(
    data: str | Path = "stamps",
    size: Annotated[int, Option(min=32)] = 96,
    epochs: Positive = 60,
    batch_size: Positive = 16,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Classify few photographs with a pretrained VGG-16, and with networks trained from scratch.

    Args:
        data: ``"stamps"``, or a folder with a sub-folder for each class.
        size: height and width in pixels.
        epochs: number of epochs of the small network.
        batch_size: images per step.
        seed: seed of the split and of all random numbers.
        out: folder of the run; by default the next free runs/stamps.
        verbose: see ``Model.fit``.

    Raises:
        DatasetError: when the images or the pretrained kernels cannot be downloaded.
        FileError, DataError: when the folder does not exist, cannot be used or written to.
        ShapeError: when ``size`` is too small.
    """
    folder = run_folder(out, "stamps")
    dataset = images(
        stamps() if data == "stamps" else data, size, resize="stretch", verbose=verbose
    )
    train, test = dataset.split(TEST, seed=seed)
    start_run(folder, name_or_path(data, ("stamps",)), dataset.x, dataset.y)
    candidates = {
        PRETRAINED: train_head("imagenet-features", train, test, batch_size, seed, verbose),
        UNTRAINED: train_head(None, train, test, batch_size, seed, verbose),
        SCRATCH: train_from_scratch(train, test, epochs, batch_size, seed, verbose),
    }
    report = build_report(train, test, candidates)
    best = candidates[PRETRAINED]
    return Result(
        best.accuracy,
        candidates[UNTRAINED].accuracy,
        candidates[SCRATCH].accuracy,
        write_run(folder, report, best.model, best.history),
    )


def train_head(
    weights: Literal["imagenet-features"] | None,
    train: Images,
    test: Images,
    batch_size: int,
    seed: int,
    verbose: Verbose,
) -> Candidate:
    """Train a new head on the frozen convolutions of VGG-16.

    The output of frozen layers for an image never changes, so it is computed once.
    """
    set_seed(seed)
    base = VGG16(include_top=False, weights=weights, input_shape=train.x.shape[1:])
    base.freeze()
    features = Sequential([base, GlobalAveragePool2D()])
    x, x_test = (features.predict(part.x, batch_size) for part in (train, test))
    head = classification_head(len(train.classes))
    history = fit(head, (x, train.y), (x_test, test.y), HEAD_EPOCHS, batch_size, 1e-3, verbose)
    return evaluate(Sequential([*features.layers, head]), history, head.predict(x_test), test)


def train_from_scratch(
    train: Images, test: Images, epochs: int, batch_size: int, seed: int, verbose: Verbose
) -> Candidate:
    """Train a network that is small enough for so few images."""
    set_seed(seed)
    model = small_network(train.x.shape[1:], len(train.classes))
    history = fit(model, (train.x, train.y), (test.x, test.y), epochs, batch_size, 2e-3, verbose)
    return evaluate(model, history, model.predict(test.x), test)


def small_network(shape: Shape, classes: int) -> Sequential:
    """Four convolutions with batch normalization, and the same head as the other networks."""
    layers: list[Module] = [ImageNetPreprocessing(input_shape=shape)]
    for filters in (16, 32, 64, 128):
        layers += [
            Conv2D(filters, 3, padding="same", use_bias=False),
            BatchNormalization(momentum=0.9),
            Activation("relu"),
            MaxPool2D(),
        ]
    return Sequential([*layers, GlobalAveragePool2D(), classification_head(classes)])


def classification_head(classes: int) -> Sequential:
    """The last layers of all three networks; batch normalization puts features on one scale."""
    return Sequential([BatchNormalization(momentum=0.9), Dropout(0.5), Dense(classes, "softmax")])


def fit(
    model: Model,
    train: tuple[object, np.ndarray],
    test: tuple[object, np.ndarray],
    epochs: int,
    batch_size: int,
    learning_rate: float,
    verbose: Verbose,
) -> History:
    """Train for a fixed number of epochs, so that nothing is chosen by the test images."""
    steps = epochs * -(-len(train[1]) // batch_size)
    model.compile(
        Adam(CosineDecay(learning_rate, steps)), "sparse_categorical_crossentropy", ["accuracy"]
    )
    return model.fit(*train, batch_size, epochs, verbose, validation_data=test)


def evaluate(model: Model, history: History, probabilities: np.ndarray, test: Images) -> Candidate:
    """Measure the accuracy of a model from its predictions for the test images."""
    accuracy = float((probabilities.argmax(1) == test.y).mean())
    return Candidate(model, history, probabilities, accuracy)


def build_report(train: Images, test: Images, candidates: dict[str, Candidate]) -> Report:
    """Report the accuracy of the three networks and the mistakes of the pretrained one."""
    best = candidates[PRETRAINED]
    report = Report(
        "Few photographs",
        f"{len(train)} training images of {len(train.classes)} classes, with and without the "
        "kernels of VGG-16 that were trained on a million other images.",
    )
    report.facts(
        {name: f"{candidate.accuracy:.1%}" for name, candidate in candidates.items()}
        | {"test images": len(test), "most frequent class": f"{_majority_share(test):.1%}"}
    )
    report.text(
        f"{PRETRAINED}: the frozen convolutions of VGG-16, trained on ImageNet, and a new head of "
        f"one dense layer. {UNTRAINED}: the same network and head with random kernels. {SCRATCH}: "
        "four convolutions and the same head, all trained on these images. All three networks "
        "have the same training and test images."
    )
    report.section("Training")
    report.figure(
        plots.compare_runs(
            {name: candidate.history.history for name, candidate in candidates.items()}, "accuracy"
        ),
        "Accuracy on the training and on the test images. The test accuracy was not used to choose "
        "anything.",
    )
    report.section("Mistakes of the pretrained network")
    add_confusion_matrix(report, test.y, best.probabilities, test.classes)
    add_image_mistakes(report, test.x, test.y, best.probabilities, test.classes)
    add_summary(report, best.model)
    return report


def _majority_share(test: Images) -> float:
    """Accuracy of always predicting the most frequent class."""
    return max(test.counts.values()) / len(test)
