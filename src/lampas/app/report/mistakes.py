"""The confusion matrix and the mistakes of a classifier in a report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ... import plots
from ...data import LazyRows
from ...evaluation.mistakes import (
    MAX_MISTAKES,
    confusion_matrix,
    most_confident_mistakes,
    prediction_captions,
)
from .report import Report


def add_confusion_matrix(
    report: Report, y_true: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> None:
    """Add the confusion matrix of test images."""
    report.figure(
        plots.confusion(confusion_matrix(y_true, probabilities), classes),
        f"Confusion matrix of the {len(y_true):,} test images: rows are true classes, columns are "
        "predictions.",
    )


def add_image_mistakes(
    report: Report,
    x: np.ndarray | LazyRows,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    max_count: int = MAX_MISTAKES,
) -> None:
    """Add the test images that were classified wrongly with the most confidence."""
    worst = most_confident_mistakes(y_true, probabilities, max_count)
    if not len(worst):
        report.text("All test images are classified correctly.")
        return
    captions = prediction_captions(worst, y_true, probabilities, classes)
    report.figure(plots.image_grid(list(x[worst]), captions), "The most confident mistakes.")


def add_mistake_files(
    report: Report,
    indices: np.ndarray,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    files: Sequence[Path],
    path: str,
) -> None:
    """Add a table with the files of mistakes, relative to the data's folder."""
    root = Path(path) if Path(path).is_dir() else Path(path).parent
    rows = []
    for i in indices:
        file, p = os.path.relpath(files[i], root), probabilities[i]
        rows.append([file, classes[y_true[i]], classes[p.argmax()], f"{p.max():.0%}"])
    report.table(["file", "true", "predicted", "probability"], rows, "The files of these mistakes.")
