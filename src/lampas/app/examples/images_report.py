"""Sections of a report that the image examples share."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np

from ... import Conv2D, Dense, MaxPool2D, Module, Sequential, forward_pass, plots
from ...evaluation.mistakes import confusion_matrix
from ...inspection.layer_outputs import layer_outputs
from ..report import Report
from ..report.images import COLUMNS, add_example_images, add_heatmaps
from ..report.mistakes import add_confusion_matrix
from ..runs.folder import add_summary
from .images_common import RegularizationRun


def add_data(
    report: Report, run: RegularizationRun, augmentation: Sequence[Module], seed: int
) -> None:
    """Add example images, the number of images of each class, skipped files, and augmentation."""
    report.section("The images")
    add_example_images(report, run.splits)
    if skipped := run.loaded.images.skipped:
        rows = [[str(path), reason] for path, reason in skipped]
        report.table(["file", "reason"], rows, "Unreadable files, which were skipped.")
    train = run.splits.train
    one_per_class = train.x[np.unique(train.y, return_index=True)[1]]
    add_augmentation(report, np.asarray(one_per_class), augmentation, seed)


def add_augmentation(
    report: Report, originals: np.ndarray, layers: Sequence[Module], seed: int = 0
) -> None:
    """Add random variants of some images, ``(n, height, width, channels)`` bytes."""
    model = Sequential(layers)
    variants = []
    for number in range(COLUMNS):
        with forward_pass(training=True, key=jax.random.key(seed + number)):
            variants.append(np.asarray(model(originals.astype(np.float32))))
    report.figure(
        plots.augmentations(originals, np.stack(variants, 1).clip(0, 255)),
        "Augmentation: in every epoch the network sees another random variant of each image, "
        "which counteracts overfitting.",
    )


def add_results(report: Report, run: RegularizationRun) -> None:
    """Add accuracy and loss of both networks, and the mistakes of the regularized one."""
    networks, regularized = (run.unregularized, run.regularized), run.regularized
    report.section("Overfitting")
    rows = [
        [
            network.name,
            *(f"{accuracy:.1%}" for accuracy in network.accuracies),
            f"{100 * network.gap:+.1f}",
            len(network.history.epoch),
            f"{network.history.seconds:.0f} s",
        ]
        for network in networks
    ]
    report.table(
        ["network", "training", "validation", "test", "gap (points)", "epochs", "time"],
        rows,
        "Accuracy of the same network, trained twice; each split was evaluated after training and "
        "without augmentation. The gap is training accuracy minus test accuracy.",
    )
    histories = {network.name: network.history.history for network in networks}
    report.figure(
        plots.compare_runs(histories, "accuracy"),
        "Accuracy by epoch. During training the regularized network is evaluated on augmented "
        "images and with dropout, so its training curve may lie below its validation curve.",
    )
    report.figure(plots.compare_runs(histories, "loss"), "Loss by epoch.")
    report.text(
        f"The network with augmentation and dropout has the weights of epoch "
        f"{regularized.best_epoch + 1}, which had the lowest validation loss. The following "
        "sections are about this network."
    )
    report.section("Mistakes")
    classes = run.loaded.images.classes
    add_confusion_matrix(report, regularized.y, regularized.probabilities, classes)
    matrix = confusion_matrix(regularized.y, regularized.probabilities)
    if pairs := plots.confused_pairs(matrix, classes):
        rows = [[true, label, count, f"{share:.1%}"] for true, label, count, share in pairs]
        columns = ["true", "predicted", "count", "share of the true class"]
        report.table(columns, rows, "The most frequent mistakes.")


def add_evidence(report: Report, run: RegularizationRun, class_index: int | None = None) -> None:
    """Add heat maps, the features of an image, and the layers of the regularized network.

    With ``class_index`` they are about that class.
    """
    network, test = run.regularized, run.splits.test
    report.section("Evidence in the images")
    add_heatmaps(report, network.model, test, network.probabilities, class_index)
    first = 0 if class_index is None else int(np.flatnonzero(test.y == class_index)[0])
    add_features(report, network.model, test[first][0])
    add_summary(report, network.model)


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
