"""Flowers: augmentation and dropout against overfitting.

The file follows the order data, model, fit, report.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ... import Module, layers, set_seed
from ...datasets.image_folders import TF_FLOWERS
from ...datasets.synthetic.flowers import CLASSES, synthetic_flowers
from ...train.progress_bar import Verbose
from ..report import Report
from ..runs.folder import run_folder, write_run
from ..runs.options import ImageSize, OptionalCount, Positive
from ..runs.record import record_run
from .images_common import ImageSource, RegularizationRun, load_images, train_networks
from .images_report import add_data, add_evidence, add_results

SOURCE = ImageSource(TF_FLOWERS, synthetic_flowers, CLASSES, limit=0, per_class=500)


class Result(NamedTuple):
    """Test accuracy without and with augmentation and dropout, and the path of the report."""

    plain: float
    accuracy: float
    report: Path

    def __str__(self) -> str:
        return f"test accuracy {self.accuracy:.4f}, unregularized {self.plain:.4f}"


def augmentation() -> list[Module]:
    """Transformations that keep the label of a flower."""
    return [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.08),
        layers.RandomTranslation(0.1, 0.1),
        layers.RandomZoom(0.15),
        layers.RandomContrast(0.2),
    ]


@record_run("flowers")
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
    """Classify flowers, with and without augmentation and dropout.

    Args:
        data: ``"auto"`` (the published tf_flowers, or synthetic images without internet access),
            ``"synthetic"``, or a folder with a sub-folder for each class.
        epochs: maximum number of epochs; the regularized network stops early when its validation
            loss no longer improves.
        batch_size: images per step.
        size: height and width in pixels.
        limit: maximum number of images per class; 0 for all, which is the default.
        seed: seed of all random numbers.
        out: folder of the run; by default the next free runs/flowers.
        verbose: see ``Model.fit``.

    Raises:
        FileError: when ``data`` is not a folder, or the run's folder cannot be written to.
        DataError: when the folder contains no classes of images, or too few images.
    """
    folder = run_folder(out, "flowers")
    set_seed(seed)
    loaded = load_images(SOURCE, data, size, limit, seed, verbose)
    run = train_networks(folder, data, loaded, augmentation(), epochs, batch_size, seed, verbose)
    report = build_report(run, seed)
    network = run.regularized
    written = write_run(folder, report, network.model, network.history)
    return Result(run.unregularized.accuracies.test, network.accuracies.test, written)


def build_report(run: RegularizationRun, seed: int) -> Report:
    """Report accuracy, the effect of regularization, mistakes and Grad-CAM heat maps."""
    plain, regularized = run.unregularized, run.regularized
    kind = "synthetic flowers" if run.loaded.synthetic else "flowers"
    classes = len(run.loaded.images.classes)
    report = Report(
        "Flowers", f"A small convolutional network distinguishes {classes} classes of {kind}."
    )
    report.facts(
        {
            "test accuracy": f"{regularized.accuracies.test:.1%}",
            "test accuracy, unregularized": f"{plain.accuracies.test:.1%}",
            "generalization gap": f"{100 * regularized.gap:.1f} points",
            "generalization gap, unregularized": f"{100 * plain.gap:.1f} points",
        }
    )
    report.text(f"Data: {run.loaded.description}")
    add_data(report, run, augmentation(), seed)
    add_results(report, run)
    add_evidence(report, run)
    return report
