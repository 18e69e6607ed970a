"""Handwritten digits: a network learns to read.

Data -> model -> fit -> report, in this order below.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ... import datasets, plots
from ...applications.image_networks import network
from ...core.module import Module
from ...core.random import set_seed
from ...datasets import Dataset
from ...evaluation.mistakes import add_confusion, add_mistakes
from ...layers import RandomRotation, RandomTranslation, RandomZoom
from ...optimizers import Adam
from ...optimizers.schedules import CosineDecay
from ...train.callbacks import EarlyStopping
from ...train.callbacks.health_monitor import Monitor
from ...train.history import History
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential
from ..report import Report
from ..report.health import add_health
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.record import begin, recorded
from .images_report import add_augmentation, add_features

VALIDATION = 0.1
"""Share of the training images that is measured and not learnt from."""


class Result(NamedTuple):
    """What the case ends with: accuracy on the images kept back, and where the report is."""

    accuracy: float
    report: Path


def augmentation() -> list[Module]:
    """What leaves a digit the digit it is: a small turn, a step aside, another size; no mirror."""
    return [
        RandomRotation(0.03, fill_mode="constant"),
        RandomTranslation(0.08, 0.08, fill_mode="constant"),
        RandomZoom(0.1, fill_mode="constant"),
    ]


@recorded("mnist")
def run(
    data: str = "mnist_5k",
    epochs: int = 15,
    batch_size: int = 64,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
    model: str = "cnn",
    augment: bool = False,
) -> Result:
    """Train on the images of a named data set and write the run's folder.

    Args:
        data: as of ``lampas.datasets.load``.
        epochs: at most; it stops when it gets no better.
        batch_size: images a step.
        seed: decides everything random.
        out: folder of the run.
        verbose: as of ``Model.fit``.
        model: ``"cnn"``, ``"lenet"``, ``"mlp"`` or ``"alexnet-small"``.
        augment: whether to learn from variants of the images.

    Raises:
        UnknownNameError: for a data set or a network of another name.
        DatasetError: when it can not be fetched.
        FileError: when the folder can not be written to.
    """
    images = datasets.load(data)
    (x, y), (x_test, y_test) = images.train, images.test
    set_seed(seed)
    layers = augmentation() if augment else []
    net = network(model, x.shape[1:], len(images.classes), layers)
    folder = run_folder(out, data)
    begin(folder, data, x, y, x_test, y_test)

    steps = epochs * -(-int(len(x) * (1 - VALIDATION)) // batch_size)
    net.compile(
        optimizer=Adam(CosineDecay(2e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    stopping = EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)
    monitor = Monitor()
    history = net.fit(
        x, y, batch_size, epochs, verbose, [stopping, monitor], validation_split=VALIDATION
    )

    accuracy = net.evaluate(x_test, y_test, batch_size)["accuracy"]
    report = tell(images, model, net, history, stopping.best_epoch, monitor, accuracy, layers)
    return Result(accuracy, write_run(folder, report, net, history))


def tell(
    images: Dataset,
    name: str,
    model: Sequential,
    history: History,
    best_epoch: int,
    monitor: Monitor,
    accuracy: float,
    layers: list[Module],
) -> Report:
    """The report: how well it reads, how it learnt and fared, where it errs, what it looks for."""
    x, y = images.test
    probabilities = model.predict(x)
    said = probabilities.argmax(1)
    report = Report(
        "Articles of clothing" if images.name == "fashion_mnist" else "Handwritten digits",
        f"The network {name} on {images.name}{', augmented' if layers else ''}, "
        f"{len(history.epoch)} epochs in {history.seconds:.0f} s.",
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
    if layers:
        report.section("What it learns from")
        add_augmentation(report, images.train[0][:5], layers)
    report.section("How it learnt")
    report.figure(
        plots.curves(history.history, best_epoch),
        f"Loss and accuracy on the images learnt from and on the {VALIDATION:.0%} held out. "
        f"Epoch {best_epoch + 1} was best; its weights were kept.",
    )
    add_health(report, monitor)
    report.section("Where it errs")
    add_confusion(report, y, probabilities, images.classes)
    add_mistakes(report, x, y, probabilities, images.classes)
    add_features(report, model, x[0])
    add_summary(report, model)
    return report
