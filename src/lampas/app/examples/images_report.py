"""The parts of a report on pictures that the cases share."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np

from ... import plots
from ...core import context
from ...core.module import Module
from ...data import Images
from ...evaluation.mistakes import add_confusion, confusion_matrix, in_turn
from ...inspection.layer_outputs import layer_outputs
from ...inspection.saliency import grad_cam
from ...layers import Conv2D, Dense, MaxPool2D
from ...train.sequential import Sequential
from ..report import Report
from .images_common import Found, Parts, Trained

EACH = 6
"""Pictures in a row."""


def add_pictures(report: Report, found: Found, parts: Parts) -> None:
    """What there is: some pictures of each class, and how many."""
    report.section("The pictures")
    images, classes = parts.train, found.images.classes
    shown = np.concatenate(
        [np.flatnonzero(images.y == label)[:EACH] for label in range(len(classes))]
    )
    captions = [classes[images.y[number]] for number in shown]
    report.figure(
        plots.pictures(list(images.x[shown]), captions, columns=EACH),
        f"Some of the {len(images):,} pictures learnt from.",
    )
    counts = {"training": parts.train.counts, "validation": parts.validation.counts}
    report.figure(plots.class_balance({**counts, "test": parts.test.counts}), "How many.")
    if found.images.skipped:
        rows = [[str(path), reason] for path, reason in found.images.skipped]
        report.table(["file", "why"], rows, "Broken pictures, which were left out.")


def add_augmentation(
    report: Report, originals: np.ndarray, layers: Sequence[Module], seed: int = 0
) -> None:
    """What the network sees of some pictures, ``(n, height, width, channels)`` bytes."""
    model = Sequential(layers)
    variants = []
    for number in range(EACH):
        with context.forward_pass(training=True, key=jax.random.key(seed + number)):
            variants.append(np.asarray(model(originals.astype(np.float32))))
    report.figure(
        plots.augmentations(originals, np.stack(variants, 1).clip(0, 255)),
        "Augmentation: in every epoch the network meets another variant of each picture, and "
        "never learns one by heart.",
    )


def first_of_each(images: Images) -> np.ndarray:
    """One picture of each class."""
    return np.asarray(images.x[np.unique(images.y, return_index=True)[1]])


def add_runs(report: Report, runs: Sequence[Trained]) -> None:
    """How training and validation come apart, with and without care."""
    report.section("Learnt, or learnt by heart?")
    rows = [
        [
            run.name,
            f"{run.training:.1%}",
            f"{run.validation:.1%}",
            f"{run.test:.1%}",
            f"{100 * run.gap:+.1f}",
            len(run.history.epoch),
            f"{run.history.seconds:.0f} s",
        ]
        for run in runs
    ]
    report.table(
        ["network", "training", "validation", "test", "gap (points)", "epochs", "time"],
        rows,
        "Accuracy of the same network trained twice, each part measured once training was over "
        "and without augmentation. The gap is training less test.",
    )
    histories = {run.name: run.history.history for run in runs}
    report.figure(
        plots.compared(histories, "accuracy"),
        "Accuracy epoch by epoch. While training the careful network is measured on augmented "
        "pictures and with dropout, so there its training curve may lie below its validation.",
    )
    report.figure(plots.compared(histories, "loss"), "Loss, likewise.")
    careful = runs[-1]
    report.text(
        f"Of the network with augmentation and dropout, the weights of epoch "
        f"{careful.best_epoch + 1}, which had the lowest validation loss, were kept; what follows "
        "is about it."
    )


def add_errors(report: Report, run: Trained, test: Images) -> None:
    """The confusion matrix and the pairs that are confused most."""
    report.section("Where it errs")
    add_confusion(report, test.y, run.probabilities, test.classes)
    matrix = confusion_matrix(test.y, run.probabilities)
    pairs = plots.confused_pairs(matrix, test.classes)
    if pairs:
        rows = [[true, said, count, f"{share:.1%}"] for true, said, count, share in pairs]
        report.table(["true", "said", "times", "of the true"], rows, "The commonest mistakes.")


def add_evidence(report: Report, run: Trained, test: Images, of: int | None = None) -> None:
    """Grad-CAM of the answers that the network was surest of: right ones, then mistakes.

    Shown is what spoke for the answer; or, with ``of``, for this class, and right answers of it.
    """
    asked = "the answer" if of is None else f"“{test.classes[of]}”, whatever was said"
    report.section(
        "Where it looks",
        f"Grad-CAM marks what in a picture spoke for {asked}. Evidence beside the thing itself is "
        "a warning, even under a right answer.",
    )
    said = run.probabilities.argmax(1)
    order = np.argsort(-run.probabilities.max(1), kind="stable")
    right, wrong = order[(said == test.y)[order]], order[(said != test.y)[order]]
    hits = in_turn(right, test.y) if of is None else right[test.y[right] == of]
    _heatmaps(report, run, test, hits[:EACH], of, "The right answers it was surest of.")
    _heatmaps(report, run, test, wrong[:EACH], of, "The mistakes it was surest of.")


def _heatmaps(
    report: Report, run: Trained, test: Images, chosen: np.ndarray, of: int | None, words: str
) -> None:
    if not len(chosen):
        report.text(f"{words} There are none.")
        return
    said, sure = run.probabilities.argmax(1), run.probabilities.max(1)
    names, pictures = test.classes, np.asarray(test.x[chosen])
    captions = [f"true {names[test.y[i]]}, said {names[said[i]]} ({sure[i]:.0%})" for i in chosen]
    maps = grad_cam(run.model, pictures, said[chosen] if of is None else of)
    report.figure(plots.heatmaps(list(pictures), maps, captions), words)


def add_features(report: Report, model: Module, picture: np.ndarray) -> None:
    """What the first layer looks for, and the picture on its way through the convolutions."""
    report.section("What it looks for")
    kinds = {
        path: part for path, part in model.modules() if isinstance(part, Conv2D | MaxPool2D | Dense)
    }
    first = next(iter(kinds))
    kernel = model.variables()[f"{first}/kernel"].numpy()
    if isinstance(kinds[first], Dense):
        kernel = kernel.reshape(*picture.shape, -1)
    report.figure(plots.filters(kernel), "The weights of the first layer.")
    maps = {
        path.replace("_", " "): output[0]
        for path, output in layer_outputs(model, picture[None]).items()
        if path in kinds and output.ndim == 4
    }
    if maps:
        report.figure(plots.feature_maps(maps, picture), "One picture on its way through it.")
