"""Handwritten digits: a convolutional network learns to read.

Data -> model -> fit -> report, in this order below.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import datasets
from ..core.seed import set_seed
from ..datasets import Dataset
from ..layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Rescaling
from ..optimizers import Adam
from ..probe import layer_outputs
from ..report import Report, figures
from ..schedules import CosineDecay
from ..sequential import Sequential
from ..train.callbacks import EarlyStopping
from ..train.history import History
from ..train.progress import Verbose
from .folder import add_summary, run_folder, write_run

VALIDATION = 0.1
"""Share of the training images that is measured and not learnt from."""


class Result(NamedTuple):
    """What the case ends with: accuracy on the images kept back, and where the report is."""

    accuracy: float
    report: Path


def network(shape: tuple[int, ...], classes: int) -> Sequential:
    """Two convolutions with pooling, then two dense layers, with dropout against overfitting.

    Batch normalization keeps the signals at one size; its running statistics move quickly
    (momentum .9), since a small data set gives few steps to gather them in.
    """
    # Pictures of 8 x 8 would shrink to nothing without padding.
    padding = "valid" if min(shape[:2]) >= 16 else "same"
    return Sequential(
        [
            Rescaling(1 / 255, input_shape=shape),
            Conv2D(32, 3, padding=padding, activation="relu"),
            MaxPool2D(),
            BatchNormalization(momentum=0.9),
            Conv2D(64, 3, padding=padding, activation="relu"),
            MaxPool2D(),
            BatchNormalization(momentum=0.9),
            Flatten(),
            Dropout(0.5),
            Dense(128, activation="relu"),
            Dropout(0.5),
            Dense(classes, activation="softmax"),
        ]
    )


def run(
    data: str = "mnist_5k",
    epochs: int = 15,
    batch_size: int = 64,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Train on the images of a named data set and write the run's folder.

    Raises:
        UnknownNameError: for a data set of another name.
        DatasetError: when it can not be fetched.
        FileError: when the folder can not be written to.
    """
    folder = run_folder(out, data)
    set_seed(seed)
    images = datasets.load(data)
    (x, y), (x_test, y_test) = images.train, images.test

    model = network(x.shape[1:], len(images.classes))
    steps = epochs * -(-int(len(x) * (1 - VALIDATION)) // batch_size)
    model.compile(
        optimizer=Adam(CosineDecay(2e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    stopping = EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)
    history = model.fit(
        x, y, batch_size, epochs, verbose, callbacks=[stopping], validation_split=VALIDATION
    )

    measured = model.evaluate(x_test, y_test, batch_size)
    report = tell(images, model, history, stopping.best_epoch, measured["accuracy"])
    return Result(measured["accuracy"], write_run(folder, report, model, history))


def tell(
    images: Dataset, model: Sequential, history: History, best_epoch: int, accuracy: float
) -> Report:
    """The report: how well it reads, how it learnt, where it errs, what it looks for."""
    x, y = images.test
    probabilities = model.predict(x)
    said = probabilities.argmax(1)
    report = Report(
        "Articles of clothing" if images.name == "fashion_mnist" else "Handwritten digits",
        f"A convolutional network on {images.name}, {len(history.epoch)} epochs in "
        f"{history.seconds:.0f} s.",
    )
    report.facts(
        {
            "held-out accuracy": f"{accuracy:.2%}",
            "learnt from": f"{len(images.train[0]):,}",
            "wrong": f"{int((said != y).sum())} of {len(y):,}",
            "parameters": f"{model.summary().parameters:,}",
        }
    )
    report.text(images.source)
    report.section("How it learnt")
    report.figure(
        figures.curves(history.history, best_epoch),
        f"Loss and accuracy on the images learnt from and on the {VALIDATION:.0%} held out. "
        f"Epoch {best_epoch + 1} was best; its weights were kept.",
    )
    report.section("Where it errs")
    matrix = np.zeros((len(images.classes),) * 2, int)
    np.add.at(matrix, (y, said), 1)
    report.figure(
        figures.confusion(matrix, images.classes),
        "Each row is a true class, each column an answer.",
    )
    add_mistakes(report, images, probabilities)
    report.section("What it looks for")
    kernel = model.variables()["conv2d_1/kernel"].numpy()
    report.figure(figures.filters(kernel), "The filters of the first convolution.")
    maps = {
        path.replace("_", " "): output[0]
        for path, output in layer_outputs(model, x[:1]).items()
        if path.startswith(("conv", "max_pool"))
    }
    report.figure(figures.feature_maps(maps, x[0]), "One image on its way through the network.")
    add_summary(report, model)
    return report


def add_mistakes(
    report: Report, images: Dataset, probabilities: np.ndarray, most: int = 12
) -> None:
    """The mistakes that the network was surest of, as pictures."""
    x, y = images.test
    said, sure = probabilities.argmax(1), probabilities.max(1)
    wrong = np.flatnonzero(said != y)
    if not len(wrong):
        report.text("It makes no mistake on the images kept back.")
        return
    worst = wrong[np.argsort(-sure[wrong])][:most]
    names = images.classes
    captions = [f"true {names[y[i]]}, said {names[said[i]]} ({sure[i]:.0%})" for i in worst]
    report.figure(figures.pictures(list(x[worst]), captions), "The mistakes it was surest of.")
