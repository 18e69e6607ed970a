"""Sections of a report that the image examples share."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np

from ... import plots
from ...core import context
from ...core.module import Module
from ...data import Images
from ...evaluation.mistakes import confusion_matrix
from ...evaluation.types import Splits
from ...inspection.layer_outputs import layer_outputs
from ...layers import Conv2D, Dense, MaxPool2D
from ...train.sequential import Sequential
from ..report import Report
from ..report.images import COLUMNS, add_example_images
from ..report.mistakes import add_confusion_matrix
from .images_common import LoadedImages, TrainedNetwork


def add_images(report: Report, loaded: LoadedImages, splits: Splits) -> None:
    """Add example images, the number of images of each class, and the skipped files."""
    report.section("The images")
    add_example_images(report, splits)
    if loaded.images.skipped:
        rows = [[str(path), reason] for path, reason in loaded.images.skipped]
        report.table(["file", "reason"], rows, "Unreadable files, which were skipped.")


def add_augmentation(
    report: Report, originals: np.ndarray, layers: Sequence[Module], seed: int = 0
) -> None:
    """Add random variants of some images, ``(n, height, width, channels)`` bytes."""
    model = Sequential(layers)
    variants = []
    for number in range(COLUMNS):
        with context.forward_pass(training=True, key=jax.random.key(seed + number)):
            variants.append(np.asarray(model(originals.astype(np.float32))))
    report.figure(
        plots.augmentations(originals, np.stack(variants, 1).clip(0, 255)),
        "Augmentation: in every epoch the network sees another random variant of each image, "
        "which counteracts overfitting.",
    )


def one_per_class(images: Images) -> np.ndarray:
    """One image of each class."""
    return np.asarray(images.x[np.unique(images.y, return_index=True)[1]])


def add_training_comparison(report: Report, runs: Sequence[TrainedNetwork]) -> None:
    """Add accuracy and loss of the networks with and without regularization."""
    report.section("Overfitting")
    rows = [
        [
            run.name,
            f"{run.train_accuracy:.1%}",
            f"{run.validation_accuracy:.1%}",
            f"{run.test_accuracy:.1%}",
            f"{100 * run.gap:+.1f}",
            len(run.history.epoch),
            f"{run.history.seconds:.0f} s",
        ]
        for run in runs
    ]
    report.table(
        ["network", "training", "validation", "test", "gap (points)", "epochs", "time"],
        rows,
        "Accuracy of the same network, trained twice; each split was evaluated after training and "
        "without augmentation. The gap is training accuracy minus test accuracy.",
    )
    histories = {run.name: run.history.history for run in runs}
    report.figure(
        plots.compare_runs(histories, "accuracy"),
        "Accuracy by epoch. During training the regularized network is evaluated on augmented "
        "images and with dropout, so its training curve may lie below its validation curve.",
    )
    report.figure(plots.compare_runs(histories, "loss"), "Loss by epoch.")
    regularized = runs[-1]
    report.text(
        f"The network with augmentation and dropout has the weights of epoch "
        f"{regularized.best_epoch + 1}, which had the lowest validation loss. The following "
        "sections are about this network."
    )


def add_mistakes(report: Report, run: TrainedNetwork, test: Images) -> None:
    """Add the confusion matrix and the pairs of classes that are confused most often."""
    report.section("Mistakes")
    add_confusion_matrix(report, test.y, run.probabilities, test.classes)
    matrix = confusion_matrix(test.y, run.probabilities)
    pairs = plots.confused_pairs(matrix, test.classes)
    if pairs:
        rows = [[true, label, count, f"{share:.1%}"] for true, label, count, share in pairs]
        columns = ["true", "predicted", "count", "share of the true class"]
        report.table(columns, rows, "The most frequent mistakes.")


def add_features(report: Report, model: Module, image: np.ndarray) -> None:
    """Add the weights of the first layer and the feature maps of one image."""
    report.section("Features")
    layers = {
        path: part for path, part in model.modules() if isinstance(part, Conv2D | MaxPool2D | Dense)
    }
    first = next(iter(layers))
    kernel = model.variables()[f"{first}/kernel"].numpy()
    if isinstance(layers[first], Dense):
        kernel = kernel.reshape(*image.shape, -1)
    report.figure(plots.filters(kernel), "The weights of the first layer.")
    maps = {
        path.replace("_", " "): output[0]
        for path, output in layer_outputs(model, image[None]).items()
        if path in layers and output.ndim == 4
    }
    if maps:
        report.figure(plots.feature_maps(maps, image), "Feature maps of one image, layer by layer.")
