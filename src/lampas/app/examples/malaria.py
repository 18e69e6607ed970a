"""Malaria: detect infected red blood cells, and weigh false negatives against false positives.

The file follows the order data, model, fit, report.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ... import plots
from ...core.errors import DataError
from ...core.module import Module
from ...core.random import set_seed
from ...data import Images
from ...datasets.image_folders import NIH_MALARIA
from ...datasets.synthetic import synthetic_cells
from ...datasets.synthetic.cells import CLASSES
from ...evaluation.mistakes import confusion_matrix
from ...evaluation.types import Splits
from ...layers import RandomContrast, RandomFlip, RandomRotation, RandomZoom
from ...train.progress_bar import Verbose
from ..report import Report
from ..report.images import add_heatmaps
from ..runs.fingerprint import name_or_path
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.options import ImageSize, OptionalCount, Positive
from ..runs.record import record_run, start_run
from .images_common import (
    REGULARIZED,
    RESERVED_NAMES,
    UNREGULARIZED,
    ImageSource,
    LoadedImages,
    TrainedNetwork,
    load_images,
    network,
    split_images,
    train_model,
)
from .images_report import (
    add_augmentation,
    add_features,
    add_images,
    add_mistakes,
    add_training_comparison,
    one_per_class,
)

PATIENCE = 8
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
        RandomFlip("horizontal_and_vertical"),
        RandomRotation(0.5, fill_mode="constant"),
        RandomZoom(0.1, fill_mode="constant"),
        RandomContrast(0.1),
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
    check_classes(loaded.images)
    splits = split_images(loaded.images, seed)
    start_run(folder, name_or_path(data, RESERVED_NAMES), loaded.images.x, loaded.images.y)
    shape = loaded.images.x.shape[1:]

    plain = train_model(UNREGULARIZED, network(shape, 2), splits, epochs, batch_size, None, verbose)
    model = network(shape, 2, augmentation(), dropout=0.4)
    regularized = train_model(REGULARIZED, model, splits, epochs, batch_size, PATIENCE, verbose)

    report = build_report(loaded, splits, plain, regularized, seed)
    plain.history.write_csv(folder / "history-plain.csv")
    written = write_run(folder, report, model, regularized.history)
    (hits, misses), (alarms, clear) = confusion_matrix(splits.test.y, regularized.probabilities)
    sensitivity, specificity = hits / (hits + misses), clear / (alarms + clear)
    return Result(
        plain.test_accuracy,
        regularized.test_accuracy,
        float(sensitivity),
        float(specificity),
        written,
    )


def check_classes(images: Images) -> None:
    """Raise DataError unless the classes are those of the malaria data set."""
    if images.classes != CLASSES:
        raise DataError(
            f"this example needs the classes {CLASSES[0]} and {CLASSES[1]}, two folders of these "
            f"names; found {', '.join(images.classes)}. For other classes use: lampas run flowers "
            "--data."
        )


def build_report(
    loaded: LoadedImages,
    splits: Splits,
    plain: TrainedNetwork,
    regularized: TrainedNetwork,
    seed: int,
) -> Report:
    """Report sensitivity, specificity, mistakes, decision thresholds and heat maps."""
    kind = "synthetic red blood cells" if loaded.synthetic else "red blood cells"
    report = Report("Malaria", f"A small convolutional network detects infected {kind}.")
    (hits, misses), (alarms, clear) = confusion_matrix(splits.test.y, regularized.probabilities)
    report.facts(
        {
            "sensitivity": f"{hits / (hits + misses):.1%}",
            "specificity": f"{clear / (alarms + clear):.1%}",
            "test accuracy": f"{regularized.test_accuracy:.1%}",
            "test accuracy, unregularized": f"{plain.test_accuracy:.1%}",
        }
    )
    report.text(
        f"Of {hits + misses} infected cells, {hits} are detected and {misses} are missed; of "
        f"{alarms + clear} uninfected cells, {clear} are recognized as such and {alarms} are false "
        "positives."
    )
    report.text(f"Data: {loaded.description}")
    report.text(_caution(loaded.synthetic))
    add_images(report, loaded, splits)
    add_augmentation(report, one_per_class(splits.train), augmentation(), seed)
    add_training_comparison(report, [plain, regularized])
    add_mistakes(report, regularized, splits.test)
    add_thresholds(report, [plain, regularized], splits.test)
    report.section("Evidence in the images")
    add_heatmaps(
        report, regularized.model, splits.test, regularized.probabilities, class_index=INFECTED
    )
    infected = int(np.flatnonzero(splits.test.y == INFECTED)[0])
    add_features(report, regularized.model, splits.test[infected][0])
    add_summary(report, regularized.model)
    return report


def add_thresholds(report: Report, runs: list[TrainedNetwork], test: Images) -> None:
    """Add the ROC curve, and sensitivity and specificity at several thresholds."""
    report.section("Decision threshold")
    scores = {run.name: run.probabilities[:, INFECTED] for run in runs}
    infected = test.y == INFECTED
    report.figure(
        plots.roc(infected, scores, positive=CLASSES[0].lower()),
        "Each point is one threshold on the probability of an infection.",
    )
    score, rows = scores[runs[-1].name], []
    for threshold in (0.1, 0.3, 0.5, 0.7, 0.9):
        called = score > threshold
        hits, alarms = int((called & infected).sum()), int((called & ~infected).sum())
        sensitivity, specificity = hits / infected.sum(), 1 - alarms / (~infected).sum()
        rows.append([threshold, f"{sensitivity:.1%}", f"{specificity:.1%}", hits, alarms])
    report.table(
        ["threshold", "sensitivity", "specificity", "true positives", "false positives"],
        rows,
        f"The regularized network on {int(infected.sum())} infected and {int((~infected).sum())} "
        "uninfected test cells. A missed infection costs more than a second examination: a lower "
        "threshold misses fewer infections.",
    )


def _caution(synthetic: bool) -> str:
    if synthetic:
        return "These numbers demonstrate the method; they say nothing about real cells."
    return (
        "Cells of one person may be in several splits, so accuracy on new patients will be lower. "
        "This is an example, not a medical device."
    )
