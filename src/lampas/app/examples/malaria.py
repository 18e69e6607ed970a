"""Malaria: find the infected among red blood cells, and say what a mistake means.

Data -> model -> fit -> report, in this order below.
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
from ...datasets.image_archives import NIH_MALARIA
from ...datasets.synthetic import drawn_cells
from ...datasets.synthetic.cells import CLASSES
from ...evaluation.mistakes import confusion_matrix
from ...layers import RandomContrast, RandomFlip, RandomRotation, RandomZoom
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
INFECTED = 0
"""The label of the class that is to be found."""
ORIGIN = Origin(NIH_MALARIA, drawn_cells, CLASSES, limit=1500, each=1250)


class Result(NamedTuple):
    """Test accuracy plain and careful, the latter's sensitivity and specificity, and the report."""

    plain: float
    accuracy: float
    sensitivity: float
    specificity: float
    report: Path


def augmentation() -> list[Module]:
    """A cell has no upper side: any turn and mirror image is as good; black stays around it."""
    return [
        RandomFlip("horizontal_and_vertical"),
        RandomRotation(0.5, fill_mode="constant"),
        RandomZoom(0.1, fill_mode="constant"),
        RandomContrast(0.1),
    ]


@recorded("malaria")
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
        data: ``"auto"`` (1,500 cells of each class of the NIH's set, or drawn ones without a
            network), ``"synthetic"``, or a folder with ``Parasitized`` and ``Uninfected``.
        epochs: at most; the careful network stops when it gets no better.
        batch_size: pictures a step.
        size: pixels a side.
        limit: pictures of a class at most; 0 for all, None for the usual.
        seed: decides everything random.
        out: folder of the run.
        verbose: as of ``Model.fit``.

    Raises:
        FileError: when ``data`` is no folder, or the run's folder can not be written to.
        DataError: when the folder has not these two classes, or too few pictures.
    """
    folder = run_folder(out, "malaria")
    set_seed(seed)
    found = find_pictures(ORIGIN, data, size, limit, seed, verbose)
    check(found.images)
    parts = part(found.images, seed)
    begin(folder, named(data, ANY), found.images.x, found.images.y)
    shape = found.images.x.shape[1:]

    plain = learn(PLAIN, network(shape, 2), parts, epochs, batch_size, None, verbose)
    model = network(shape, 2, augmentation(), dropout=0.4)
    careful = learn(CAREFUL, model, parts, epochs, batch_size, PATIENCE, verbose)

    report = tell(found, parts, plain, careful, seed)
    plain.history.write_csv(folder / "history-plain.csv")
    written = write_run(folder, report, model, careful.history)
    (hits, misses), (alarms, clear) = confusion_matrix(parts.test.y, careful.probabilities)
    sensitivity, specificity = hits / (hits + misses), clear / (alarms + clear)
    return Result(plain.test, careful.test, float(sensitivity), float(specificity), written)


def check(images: Images) -> None:
    """Raise DataError unless the classes are the two that this case is about."""
    if images.classes != CLASSES:
        raise DataError(
            f"this case tells {CLASSES[0]} from {CLASSES[1]} by two folders of these names; "
            f"found {', '.join(images.classes)}. For other classes use: lampas run flowers --data."
        )


def tell(found: Found, parts: Parts, plain: Trained, careful: Trained, seed: int) -> Report:
    """The report: how many infected cells it finds, at what price, and by what signs."""
    kind = "drawn (synthetic) red blood cells" if found.synthetic else "red blood cells"
    report = Report("Malaria", f"A small convolutional network finds the infected among {kind}.")
    (hits, misses), (alarms, clear) = confusion_matrix(parts.test.y, careful.probabilities)
    report.facts(
        {
            "sensitivity": f"{hits / (hits + misses):.1%}",
            "specificity": f"{clear / (alarms + clear):.1%}",
            "test accuracy": f"{careful.test:.1%}",
            "test accuracy, plain": f"{plain.test:.1%}",
        }
    )
    report.text(
        f"Of {hits + misses} infected cells it finds {hits} (sensitivity) and misses {misses}; of "
        f"{alarms + clear} others it clears {clear} (specificity) and raises {alarms} false alarms."
    )
    report.text(f"Data: {found.words}")
    report.text(_caution(found.synthetic))
    add_pictures(report, found, parts)
    add_augmentation(report, first_of_each(parts.train), augmentation(), seed)
    add_runs(report, [plain, careful])
    add_errors(report, careful, parts.test)
    add_threshold(report, [plain, careful], parts.test)
    add_evidence(report, careful, parts.test, of=INFECTED)
    infected = int(np.flatnonzero(parts.test.y == INFECTED)[0])
    add_features(report, careful.model, parts.test[infected][0])
    add_summary(report, careful.model)
    return report


def add_threshold(report: Report, runs: list[Trained], test: Images) -> None:
    """Sensitivity against false alarms at any threshold, and in numbers at some."""
    report.section("Which mistake is worse?")
    scores = {run.name: run.probabilities[:, INFECTED] for run in runs}
    infected = test.y == INFECTED
    report.figure(
        plots.roc(infected, scores, positive=CLASSES[0].lower()),
        "Each threshold for calling a cell infected is one point.",
    )
    score, rows = scores[runs[-1].name], []
    for threshold in (0.1, 0.3, 0.5, 0.7, 0.9):
        called = score > threshold
        hits, alarms = int((called & infected).sum()), int((called & ~infected).sum())
        sensitivity, specificity = hits / infected.sum(), 1 - alarms / (~infected).sum()
        rows.append([threshold, f"{sensitivity:.1%}", f"{specificity:.1%}", hits, alarms])
    report.table(
        ["threshold", "sensitivity", "specificity", "infected found", "false alarms"],
        rows,
        f"The careful network on {int(infected.sum())} infected and {int((~infected).sum())} other "
        "test cells. A missed infection costs more than a second look: a lower threshold misses "
        "fewer.",
    )


def _caution(synthetic: bool) -> str:
    if synthetic:
        return "These numbers say how the method works; of real cells they say nothing."
    return (
        "Cells of one person may be in several parts, so on people not seen before it will do "
        "worse. This is a lesson and no medical device."
    )
