"""The part of a report that says which answers were wrong.

The answers that a network was surest of, right and wrong, in words.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .. import plots
from ..app.report import Report
from ..data import Rows


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
        plots.confusion(confusion_matrix(y, probabilities), classes),
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
    report.figure(plots.pictures(list(x[worst]), captions), "The mistakes it was surest of.")


def in_turn(numbers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The same numbers with the classes in turn, so that none fills a figure alone."""
    place = np.zeros(len(numbers), int)
    for label in np.unique(labels[numbers]):
        of_class = labels[numbers] == label
        place[of_class] = np.arange(of_class.sum())
    return numbers[np.lexsort((labels[numbers], place))]


MOST = 12


def surest_mistakes(y: np.ndarray, said: np.ndarray, most: int = MOST) -> np.ndarray:
    """Numbers of the wrong answers, the surest first."""
    order = np.argsort(-said.max(1), kind="stable")
    return order[(said.argmax(1) != y)[order]][:most]


def captions(
    chosen: np.ndarray, y: np.ndarray, said: np.ndarray, classes: Sequence[str]
) -> list[str]:
    """What each of the chosen is, what was said, and how surely."""
    return [
        f"true {classes[y[i]]}, said {classes[said[i].argmax()]} ({said[i].max():.0%})"
        for i in chosen
    ]


def add_files(
    report: Report,
    chosen: np.ndarray,
    y: np.ndarray,
    said: np.ndarray,
    classes: Sequence[str],
    files: Sequence[Path],
    path: str,
) -> None:
    """A table of the mistakes, to find their files, named as they are within the data."""
    root = Path(path) if Path(path).is_dir() else Path(path).parent
    rows = [
        [
            os.path.relpath(files[i], root),
            classes[y[i]],
            classes[said[i].argmax()],
            f"{said[i].max():.0%}",
        ]
        for i in chosen
    ]
    report.table(["file", "true", "said", "sure"], rows, "Where to find them.")
