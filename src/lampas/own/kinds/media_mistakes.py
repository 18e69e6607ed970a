"""The answers that a network was surest of, right and wrong, in words."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...report import Report

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
