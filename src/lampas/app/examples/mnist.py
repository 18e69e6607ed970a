"""Handwritten digits: train an image classifier on MNIST.

The file follows the order data, model, fit, report.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ... import EarlyStopping, HealthMonitor, Module, datasets, layers, plots, set_seed
from ...applications.image_networks import image_network
from ...datasets import Dataset
from ...train.progress_bar import Verbose
from ..report import Report
from ..report.health import add_health
from ..report.mistakes import add_confusion_matrix, add_image_mistakes
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.options import Positive
from ..runs.record import record_run, start_run
from .images_report import add_augmentation, add_features
from .training import TrainedNetwork, cosine_adam

VALIDATION = 0.1
"""Fraction of the training images that is held out for validation."""


class Result(NamedTuple):
    """Accuracy on the test images, and the path of the report."""

    accuracy: float
    report: Path

    def __str__(self) -> str:
        return f"test accuracy {self.accuracy:.4f}"


def augmentation() -> list[Module]:
    """Transformations that keep the label of a digit; flips do not."""
    return [
        layers.RandomRotation(0.03, fill_mode="constant"),
        layers.RandomTranslation(0.08, 0.08, fill_mode="constant"),
        layers.RandomZoom(0.1, fill_mode="constant"),
    ]


@record_run("mnist")
def run(
    data: str = "mnist_5k",
    epochs: Positive = 15,
    batch_size: Positive = 64,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
    model: str = "cnn",
    augment: bool = False,
) -> Result:
    """Classify handwritten digits.

    Args:
        data: ``"mnist_5k"``, ``"mnist"`` (70,000 images), ``"fashion_mnist"`` or ``"digits"``.
        epochs: maximum number of epochs; training stops early when the validation loss no longer
            improves.
        batch_size: images per step.
        seed: seed of all random numbers.
        out: folder of the run; by default the next free runs/DATA.
        verbose: see ``Model.fit``.
        model: network to train, ``"cnn"``, ``"lenet"``, ``"mlp"`` or ``"alexnet-small"``.
        augment: train on randomly transformed images.

    Raises:
        UnknownNameError: when the data set or the network is unknown.
        DatasetError: when the data set cannot be downloaded.
        FileError: when the folder cannot be written to.
    """
    images = datasets.load(data)
    (x, y), (x_test, y_test) = images.train, images.test
    set_seed(seed)
    transformations = augmentation() if augment else []
    net = image_network(model, x.shape[1:], len(images.classes), transformations)
    folder = run_folder(out, data)
    start_run(folder, data, x, y, x_test, y_test)

    adam = cosine_adam(2e-3, int(len(x) * (1 - VALIDATION)), epochs, batch_size)
    net.compile(adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stopping = EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)
    monitor = HealthMonitor()
    history = net.fit(
        x, y, batch_size, epochs, verbose, [stopping, monitor], validation_split=VALIDATION
    )

    accuracy = net.evaluate(x_test, y_test, batch_size)["accuracy"]
    network = TrainedNetwork(model, net, history, y_test, net.predict(x_test))
    report = build_report(images, network, accuracy, monitor, transformations)
    return Result(accuracy, write_run(folder, report, net, history))


def build_report(
    images: Dataset,
    network: TrainedNetwork,
    accuracy: float,
    monitor: HealthMonitor,
    transformations: list[Module],
) -> Report:
    """Report accuracy, training, mistakes, and the features of the network."""
    x, y = images.test
    model, history, probabilities = network.model, network.history, network.probabilities
    report = Report(
        "Articles of clothing" if images.name == "fashion_mnist" else "Handwritten digits",
        f"The network {network.name} on {images.name}{', augmented' if transformations else ''}, "
        f"{len(history.epoch)} epochs in {history.seconds:.0f} s.",
    )
    report.facts(
        {
            "test accuracy": f"{accuracy:.2%}",
            "training images": f"{len(images.train[0]):,}",
            "misclassified": f"{int((probabilities.argmax(1) != y).sum())} of {len(y):,}",
            "parameters": f"{model.summary_table().parameters:,}",
        }
    )
    report.text(images.source)
    if transformations:
        report.section("Augmentation")
        add_augmentation(report, images.train[0][:5], transformations)
    report.section("Training")
    report.figure(
        plots.training_curves(history.history, network.best_epoch),
        f"Loss and accuracy on the training images and on the {VALIDATION:.0%} held out for "
        f"validation. The weights are those of epoch {network.best_epoch + 1}, which had the "
        "lowest validation loss.",
    )
    add_health(report, monitor)
    report.section("Mistakes")
    add_confusion_matrix(report, y, probabilities, images.classes)
    add_image_mistakes(report, x, y, probabilities, images.classes)
    add_features(report, model, x[0])
    add_summary(report, model)
    return report
