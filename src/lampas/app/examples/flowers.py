"""Flowers: augmentation and dropout against overfitting.

The file follows the order data, model, fit, report.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ...core.module import Module
from ...core.random import set_seed
from ...datasets.image_folders import TF_FLOWERS
from ...datasets.synthetic import synthetic_flowers
from ...datasets.synthetic.flowers import CLASSES
from ...evaluation.types import Splits
from ...layers import RandomContrast, RandomFlip, RandomRotation, RandomTranslation, RandomZoom
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
        RandomFlip("horizontal"),
        RandomRotation(0.08),
        RandomTranslation(0.1, 0.1),
        RandomZoom(0.15),
        RandomContrast(0.2),
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
    splits = split_images(loaded.images, seed)
    start_run(folder, name_or_path(data, RESERVED_NAMES), loaded.images.x, loaded.images.y)
    shape, classes = loaded.images.x.shape[1:], len(loaded.images.classes)

    plain = train_model(
        UNREGULARIZED, network(shape, classes), splits, epochs, batch_size, None, verbose
    )
    model = network(shape, classes, augmentation(), dropout=0.4)
    regularized = train_model(REGULARIZED, model, splits, epochs, batch_size, PATIENCE, verbose)

    report = build_report(loaded, splits, plain, regularized, seed)
    plain.history.write_csv(folder / "history-plain.csv")
    return Result(
        plain.test_accuracy,
        regularized.test_accuracy,
        write_run(folder, report, model, regularized.history),
    )


def build_report(
    loaded: LoadedImages,
    splits: Splits,
    plain: TrainedNetwork,
    regularized: TrainedNetwork,
    seed: int,
) -> Report:
    """Report accuracy, the effect of regularization, mistakes and Grad-CAM heat maps."""
    kind = "synthetic flowers" if loaded.synthetic else "flowers"
    report = Report(
        "Flowers",
        f"A small convolutional network distinguishes {len(splits.test.classes)} "
        f"classes of {kind}.",
    )
    report.facts(
        {
            "test accuracy": f"{regularized.test_accuracy:.1%}",
            "test accuracy, unregularized": f"{plain.test_accuracy:.1%}",
            "generalization gap": f"{100 * regularized.gap:.1f} points",
            "generalization gap, unregularized": f"{100 * plain.gap:.1f} points",
        }
    )
    report.text(f"Data: {loaded.description}")
    add_images(report, loaded, splits)
    add_augmentation(report, one_per_class(splits.train), augmentation(), seed)
    add_training_comparison(report, [plain, regularized])
    add_mistakes(report, regularized, splits.test)
    report.section("Evidence in the images")
    add_heatmaps(report, regularized.model, splits.test, regularized.probabilities)
    add_features(report, regularized.model, splits.test[0][0])
    add_summary(report, regularized.model)
    return report
