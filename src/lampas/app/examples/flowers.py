"""Flowers: what augmentation and dropout do for a network that would learn by heart.

Data -> model -> fit -> report, in this order below.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ...core.module import Module
from ...core.random import set_seed
from ...datasets.image_archives import TF_FLOWERS
from ...datasets.synthetic import drawn_flowers
from ...datasets.synthetic.flowers import CLASSES
from ...layers import RandomContrast, RandomFlip, RandomRotation, RandomTranslation, RandomZoom
from ...train.progress_bar import Verbose
from ..report import Report
from ..runs.fingerprint import named
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.record import begin, recorded
from .images_common import (
    ANY,
    CAREFUL,
    PLAIN,
    Found,
    Origin,
    Parts,
    Trained,
    find_pictures,
    learn,
    network,
    part,
)
from .images_report import (
    add_augmentation,
    add_errors,
    add_evidence,
    add_features,
    add_pictures,
    add_runs,
    first_of_each,
)

PATIENCE = 8
ORIGIN = Origin(TF_FLOWERS, drawn_flowers, CLASSES, limit=0, each=500)


class Result(NamedTuple):
    """Accuracy on the test pictures without and with augmentation and dropout, and the report."""

    plain: float
    accuracy: float
    report: Path


def augmentation() -> list[Module]:
    """What leaves a flower what it is: its mirror image, a turn, a step aside, other light."""
    return [
        RandomFlip("horizontal"),
        RandomRotation(0.08),
        RandomTranslation(0.1, 0.1),
        RandomZoom(0.15),
        RandomContrast(0.2),
    ]


@recorded("flowers")
def run(
    data: str = "auto",
    epochs: int = 30,
    batch_size: int = 32,
    size: int = 64,
    limit: int | None = None,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Train the same network twice, plain and with augmentation and dropout, and compare.

    Args:
        data: ``"auto"`` (tf_flowers, or drawn flowers without a network), ``"synthetic"``, or a
            folder with a sub-folder for each class.
        epochs: at most; the careful network stops when it gets no better.
        batch_size: pictures a step.
        size: pixels a side.
        limit: pictures of a class at most; 0 for all, None for the usual.
        seed: decides everything random.
        out: folder of the run.
        verbose: as of ``Model.fit``.

    Raises:
        FileError: when ``data`` is no folder, or the run's folder can not be written to.
        DataError: when the folder has no classes of pictures, or too few.
    """
    folder = run_folder(out, "flowers")
    set_seed(seed)
    found = find_pictures(ORIGIN, data, size, limit, seed, verbose)
    parts = part(found.images, seed)
    begin(folder, named(data, ANY), found.images.x, found.images.y)
    shape, classes = found.images.x.shape[1:], len(found.images.classes)

    plain = learn(PLAIN, network(shape, classes), parts, epochs, batch_size, None, verbose)
    model = network(shape, classes, augmentation(), dropout=0.4)
    careful = learn(CAREFUL, model, parts, epochs, batch_size, PATIENCE, verbose)

    report = tell(found, parts, plain, careful, seed)
    plain.history.write_csv(folder / "history-plain.csv")
    return Result(plain.test, careful.test, write_run(folder, report, model, careful.history))


def tell(found: Found, parts: Parts, plain: Trained, careful: Trained, seed: int) -> Report:
    """The report: how well it knows flowers, what care was worth, where it errs and looks."""
    kind = "drawn flowers (synthetic)" if found.synthetic else "flowers"
    report = Report(
        "Flowers", f"A small convolutional network tells {len(parts.test.classes)} {kind} apart."
    )
    report.facts(
        {
            "test accuracy": f"{careful.test:.1%}",
            "test accuracy, plain": f"{plain.test:.1%}",
            "gap to training": f"{100 * careful.gap:.1f} points",
            "gap, plain": f"{100 * plain.gap:.1f} points",
        }
    )
    report.text(f"Data: {found.words}")
    add_pictures(report, found, parts)
    add_augmentation(report, first_of_each(parts.train), augmentation(), seed)
    add_runs(report, [plain, careful])
    add_errors(report, careful, parts.test)
    add_evidence(report, careful, parts.test)
    add_features(report, careful.model, parts.test[0][0])
    add_summary(report, careful.model)
    return report
