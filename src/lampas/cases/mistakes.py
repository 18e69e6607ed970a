"""The part of a report that says which answers were wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..data import Rows
from ..report import Report, figures


def confusion_matrix(y: np.ndarray, probabilities: np.ndarray) -> npt.NDArray[np.int_]:
    """Counts ``(classes, classes)``: row the true class, column the one said."""
    classes = probabilities.shape[1]
    matrix = np.zeros((classes, classes), int)
    np.add.at(matrix, (y, probabilities.argmax(1)), 1)
    return matrix


def add_confusion(
    report: Report, y: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> None:
    """How often each class was taken for which."""
    report.figure(
        figures.confusion(confusion_matrix(y, probabilities), classes),
        f"The {len(y):,} pictures kept back: each row is a true class, each column an answer.",
    )


def add_mistakes(
    report: Report,
    x: np.ndarray | Rows,
    y: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    most: int = 12,
) -> None:
    """The mistakes that the network was surest of, as pictures."""
    said, sure = probabilities.argmax(1), probabilities.max(1)
    wrong = np.flatnonzero(said != y)
    if not len(wrong):
        report.text("It makes no mistake on the pictures kept back.")
        return
    worst = wrong[np.argsort(-sure[wrong])][:most]
    captions = [f"true {classes[y[i]]}, said {classes[said[i]]} ({sure[i]:.0%})" for i in worst]
    report.figure(figures.pictures(list(x[worst]), captions), "The mistakes it was surest of.")


def in_turn(numbers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The same numbers with the classes in turn, so that none fills a figure alone."""
    place = np.zeros(len(numbers), int)
    for label in np.unique(labels[numbers]):
        of_class = labels[numbers] == label
        place[of_class] = np.arange(of_class.sum())
    return numbers[np.lexsort((labels[numbers], place))]
