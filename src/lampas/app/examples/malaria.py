"""Malaria: detect infected red blood cells, and weigh false negatives against false positives.

The file follows the order data, model, fit, report.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ... import DataError, Module, layers, plots, set_seed
from ...datasets.image_folders import NIH_MALARIA
from ...datasets.synthetic.cells import CLASSES, synthetic_cells
from ...evaluation.mistakes import confusion_matrix
from ...train.progress_bar import Verbose
from ..report import Report
from ..runs.folder import run_folder, write_run
from ..runs.options import ImageSize, OptionalCount, Positive
from ..runs.record import record_run
from .images_common import ImageSource, RegularizationRun, load_images, train_networks
from .images_report import add_data, add_evidence, add_results

INFECTED = 0
"""Label of the positive class."""
SOURCE = ImageSource(NIH_MALARIA, synthetic_cells, CLASSES, limit=1500, per_class=1250)


class Result(NamedTuple):
    """Test accuracy of both networks, and sensitivity and specificity of the regularized one."""

    plain: float
    accuracy: float
    sensitivity: float
    specificity: float
    report: Path

    def __str__(self) -> str:
        return (
            f"test accuracy {self.accuracy:.4f}, unregularized {self.plain:.4f}\n"
            f"sensitivity {self.sensitivity:.4f}, specificity {self.specificity:.4f}"
        )


def augmentation() -> list[Module]:
    """A cell has no orientation: all rotations and flips keep its label; the border stays black."""
    return [
        layers.RandomFlip("horizontal_and_vertical"),
        layers.RandomRotation(0.5, fill_mode="constant"),
        layers.RandomZoom(0.1, fill_mode="constant"),
        layers.RandomContrast(0.1),
    ]


@record_run("malaria")
def run(
    data: str = "auto",
    epochs: Positive = 30,
    batch_size: Positive = 32,
    size: ImageSize = 64,
    limit: OptionalCount = None,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Detect infected blood cells, with and without augmentation and dropout.

    Args:
        data: ``"auto"`` (the NIH's published data set, or synthetic images without internet
            access), ``"synthetic"``, or a folder with the sub-folders Parasitized and Uninfected.
        epochs: maximum number of epochs; the regularized network stops early when its validation
            loss no longer improves.
        batch_size: images per step.
        size: height and width in pixels.
        limit: maximum number of images per class; 0 for all; by default 1,500.
        seed: seed of all random numbers.
        out: folder of the run; by default the next free runs/malaria.
        verbose: see ``Model.fit``.

    Raises:
        FileError: when ``data`` is not a folder, or the run's folder cannot be written to.
        DataError: when the folder does not contain these two classes, or too few images.
    """
    folder = run_folder(out, "malaria")
    set_seed(seed)
    loaded = load_images(SOURCE, data, size, limit, seed, verbose)
    if loaded.images.classes != CLASSES:
        raise DataError(
            f"this example needs the classes {CLASSES[0]} and {CLASSES[1]}, two folders of these "
            f"names; found {', '.join(loaded.images.classes)}. For other classes use: lampas run "
            "flowers --data."
        )
    run = train_networks(folder, data, loaded, augmentation(), epochs, batch_size, seed, verbose)
    report = build_report(run, seed)
    plain, network = run.unregularized.accuracies.test, run.regularized
    written = write_run(folder, report, network.model, network.history)
    (hits, misses), (alarms, clear) = confusion_matrix(network.y, network.probabilities)
    sensitivity, specificity = float(hits / (hits + misses)), float(clear / (alarms + clear))
    return Result(plain, network.accuracies.test, sensitivity, specificity, written)


def build_report(run: RegularizationRun, seed: int) -> Report:
    """Report sensitivity, specificity, mistakes, decision thresholds and heat maps."""
    network, synthetic = run.regularized, run.loaded.synthetic
    kind = "synthetic red blood cells" if synthetic else "red blood cells"
    report = Report("Malaria", f"A small convolutional network detects infected {kind}.")
    (hits, misses), (alarms, clear) = confusion_matrix(network.y, network.probabilities)
    report.facts(
        {
            "sensitivity": f"{hits / (hits + misses):.1%}",
            "specificity": f"{clear / (alarms + clear):.1%}",
            "test accuracy": f"{network.accuracies.test:.1%}",
            "test accuracy, unregularized": f"{run.unregularized.accuracies.test:.1%}",
        }
    )
    report.text(
        f"Of {hits + misses} infected cells, {hits} are detected and {misses} are missed; of "
        f"{alarms + clear} uninfected cells, {clear} are recognized as such and {alarms} are false "
        "positives."
    )
    report.text(f"Data: {run.loaded.description}")
    report.text(
        "These numbers demonstrate the method; they say nothing about real cells."
        if synthetic
        else "Cells of one person may be in several splits, so accuracy on new patients will be "
        "lower. This is an example, not a medical device."
    )
    add_data(report, run, augmentation(), seed)
    add_results(report, run)
    add_thresholds(report, run)
    add_evidence(report, run, INFECTED)
    return report


def add_thresholds(report: Report, run: RegularizationRun) -> None:
    """Add the ROC curve, and sensitivity and specificity at several thresholds."""
    report.section("Decision threshold")
    networks = (run.unregularized, run.regularized)
    scores = {network.name: network.probabilities[:, INFECTED] for network in networks}
    infected = run.regularized.y == INFECTED
    positives, negatives = int(infected.sum()), int((~infected).sum())
    report.figure(
        plots.roc(infected, scores, positive=CLASSES[INFECTED].lower()),
        "Each point is one threshold on the probability of an infection.",
    )
    rows = []
    for threshold in (0.1, 0.3, 0.5, 0.7, 0.9):
        called = scores[run.regularized.name] > threshold
        hits, alarms = int((called & infected).sum()), int((called & ~infected).sum())
        sensitivity, specificity = hits / positives, 1 - alarms / negatives
        rows.append([threshold, f"{sensitivity:.1%}", f"{specificity:.1%}", hits, alarms])
    report.table(
        ["threshold", "sensitivity", "specificity", "true positives", "false positives"],
        rows,
        f"The regularized network on {positives} infected and {negatives} uninfected test cells. A "
        "missed infection costs more than a second examination: a lower threshold misses fewer "
        "infections.",
    )
