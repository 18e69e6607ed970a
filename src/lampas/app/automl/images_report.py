"""The parts of a report that show pictures: some of each class, mistakes, and where it looks."""

from __future__ import annotations

import numpy as np

from ... import plots
from ...data.images.dataset import Images
from ...evaluation.mistakes import add_files, captions, in_turn, surest_mistakes
from ...inspection.saliency import grad_cam, saliency
from ...layers import Conv2D
from ...train.model import Model
from ..report import Report
from .task import Parts, Said

EACH = 6
"""Pictures in a row."""
MOST_CLASSES = 8
"""Rows at most."""


def add_pictures(report: Report, parts: Parts) -> None:
    """Some pictures of each class, and how many there are."""
    images: Images = parts.train
    classes = images.classes
    shown = [np.flatnonzero(images.y == label)[:EACH] for label in range(len(classes))]
    numbers = np.concatenate([row for row in shown[:MOST_CLASSES] if len(row) == EACH] or shown[:1])
    report.figure(
        plots.pictures(
            list(images.x[numbers]), [classes[images.y[i]] for i in numbers], columns=EACH
        ),
        f"Some of the {len(images):,} pictures learnt from, as the network gets them.",
    )
    counts = {"training": images.counts, "validation": parts.validation.counts}
    report.figure(plots.class_balance({**counts, "test": parts.test.counts}), "How many there are.")


def add_mistakes(report: Report, test: Images, said: Said, path: str) -> None:
    """The mistakes that the network was surest of, and their files."""
    worst = surest_mistakes(test.y, said)
    if not len(worst):
        report.text("It makes no mistake on the pictures kept back.")
        return
    report.figure(
        plots.pictures(list(test.x[worst]), captions(worst, test.y, said, test.classes)),
        "The mistakes it was surest of.",
    )
    add_files(report, worst, test.y, said, test.classes, test.files, path)


def add_evidence(report: Report, model: Model, test: Images) -> None:
    """What in pictures spoke for the answers: the surest right ones, and the surest mistakes."""
    said = model.predict(test.x)
    order = np.argsort(-said.max(1), kind="stable")
    right = in_turn(order[(said.argmax(1) == test.y)[order]], test.y)[:EACH]
    report.text(
        f"{'Grad-CAM' if _convolves(model) else 'Saliency'} marks what in a picture spoke for the "
        "answer. Evidence beside the thing itself is a warning, even under a right answer."
    )
    _heatmaps(report, model, test, said, right, "The right answers it was surest of.")
    wrong = surest_mistakes(test.y, said, EACH)
    _heatmaps(report, model, test, said, wrong, "The mistakes it was surest of.")


def _heatmaps(
    report: Report, model: Model, test: Images, said: Said, chosen: np.ndarray, words: str
) -> None:
    if not len(chosen):
        report.text(f"{words} There are none.")
        return
    pictures = np.asarray(test.x[chosen])
    look = grad_cam if _convolves(model) else saliency
    maps = look(model, pictures, said[chosen].argmax(1))
    shown = captions(chosen, test.y, said, test.classes)
    report.figure(plots.heatmaps(list(pictures), maps, shown), words)


def _convolves(model: Model) -> bool:
    return any(isinstance(part, Conv2D) for _, part in model.modules())
