"""Confusion matrix: predicted classes by true class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.errors import ShapeError, format_shape
from .colors import tint
from .formatting import display_text, shorten
from .style import FLAME, GRID, GROUND, INK, MUTED, SEA, SOOT, WIDTH, Axes, Figure, new_axes, styled

Counts = npt.NDArray[np.integer]

POINTS_PER_INCH = 72
MIN_FONT_SIZE = 5.5
MAX_NAME_LENGTH = 18
# INK is light in dark mode; on cells this opaque only SOOT is readable in both modes.
OPAQUE = 0.7


@styled
def confusion(matrix: npt.ArrayLike, classes: Sequence[str]) -> Figure:
    """Draw a confusion matrix: correct predictions blue, mistakes orange.

    A cell's opacity is the square root of its share of its row, so that rare mistakes are visible;
    the number is the count. Counts, and some of the names, are omitted if there is no room.

    Args:
        matrix: ``(classes, classes)`` counts; row: true class, column: predicted class.
        classes: name of each class.

    Raises:
        ShapeError: if the matrix is not square, or names and rows differ in number.
    """
    counts = _checked(matrix, classes)
    side = float(np.clip(0.42 * len(counts), 2.2, WIDTH - 1.3))
    figure, ax = new_axes(side + 1.3, side + 1.25)
    strength = np.sqrt(row_shares(counts))
    correct = np.eye(len(counts), dtype=bool)[..., None]
    ax.imshow(np.where(correct, tint(SEA, strength), tint(FLAME, strength)), interpolation="none")
    cell = side * POINTS_PER_INCH / len(counts)
    _separate(ax, len(counts))
    _name(ax, [shorten(name, MAX_NAME_LENGTH) for name in classes], cell)
    _count(ax, counts, strength, cell)
    return figure


def confused_pairs(
    matrix: npt.ArrayLike, classes: Sequence[str], max_pairs: int = 5
) -> list[tuple[str, str, int, float]]:
    """Return the most frequent mistakes: (true class, predicted class, count, share of the row).

    Args:
        matrix: as for :func:`confusion`.
        classes: as for :func:`confusion`.
        max_pairs: maximum number of mistakes to return.
    """
    counts = _checked(matrix, classes)
    shares = row_shares(counts)
    wrong = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    order = np.argsort(-wrong, axis=None, kind="stable")[: max(0, max_pairs)]
    cells = (divmod(int(index), len(counts)) for index in order)
    return [
        (classes[row], classes[column], int(wrong[row, column]), float(shares[row, column]))
        for row, column in cells
        if wrong[row, column]
    ]


def _checked(matrix: npt.ArrayLike, classes: Sequence[str]) -> Counts:
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size:
        raise ShapeError(f"A confusion matrix is square; this one is {format_shape(counts.shape)}.")
    if len(classes) != len(counts):
        raise ShapeError(f"{len(counts)} rows need as many class names, got {len(classes)}.")
    return counts


def row_shares(counts: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """Divide each count by the sum of its row; rows of zeros stay zero."""
    rows = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts / np.maximum(rows, 1), dtype=np.float64)


def _separate(ax: Axes, size: int) -> None:
    """Draw thin lines between the cells and a frame around the matrix."""
    ax.grid(False)
    ax.tick_params(length=0)
    ax.spines[:].set(visible=True, color=GRID)
    if size <= 30:
        ax.set_xticks(np.arange(1, size) - 0.5, minor=True)
        ax.set_yticks(np.arange(1, size) - 0.5, minor=True)
        ax.grid(True, which="minor", axis="both", color=GROUND, linewidth=1)
        ax.tick_params(which="minor", length=0)


def _name(ax: Axes, names: list[str], cell: float) -> None:
    """Label rows and columns; only every second or third if the cells are too small."""
    step = int(np.ceil(MIN_FONT_SIZE * 1.25 / cell))
    font = float(np.clip(0.75 * cell * step, MIN_FONT_SIZE, 8.5))
    shown = np.arange(0, len(names), step)
    longest = max(map(len, names)) * 0.6 * font
    upright = longest < cell * step
    ax.set_xticks(shown, names[::step], fontsize=font, rotation=0 if upright else 90, color=INK)
    ax.set_yticks(shown, names[::step], fontsize=font, color=INK)
    ax.set_xlabel("predicted", labelpad=8)
    ax.set_ylabel("true", labelpad=8)
    ax.set_title("blue: correct · orange: wrong", fontsize=8.5, fontweight="normal", color=MUTED)


def _count(ax: Axes, counts: Counts, strength: npt.NDArray[np.float64], cell: float) -> None:
    """Write the nonzero counts, if there is room."""
    texts = {cell: display_text(count) for cell, count in np.ndenumerate(counts) if count}
    digits = max(map(len, texts.values()), default=1)
    font = min(9.0, cell / (0.65 * digits + 0.5))
    if font < MIN_FONT_SIZE:
        return
    for (row, column), text in texts.items():
        color = SOOT if strength[row, column] > OPAQUE else INK
        ax.text(column, row, text, fontsize=font, color=color, ha="center", va="center")
