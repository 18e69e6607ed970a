"""Which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..app.report.report import show
from ..core.errors import ShapeError, show_shape
from .colors import tint
from .style import FLAME, GRID, GROUND, INK, MUTED, SEA, SOOT, WIDTH, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Counts = npt.NDArray[np.integer]

POINTS_PER_INCH = 72
SMALLEST_FONT = 5.5
LONGEST_NAME = 18
# Ink is light by night; on a cell this strong only soot can be read by day and by night.
STRONG = 0.7


@drawing
def confusion(matrix: npt.ArrayLike, classes: Sequence[str]) -> Figure:
    """Draw a confusion matrix: right answers blue, mistakes orange, as strong as their share.

    A cell's strength is the square root of its share of its row, so that rare mistakes can be
    seen; the number is the count. Counts, then names, give way when there is no room to read them.

    Args:
        matrix: ``(classes, classes)`` counts; row the true class, column the predicted one.
        classes: the name of each class.

    Raises:
        ShapeError: the matrix is not square, or the names are not as many as its rows.
    """
    counts = _checked(matrix, classes)
    side = float(np.clip(0.42 * len(counts), 2.2, WIDTH - 1.3))
    figure = new_figure(side + 1.3, side + 1.25)
    ax = figure.subplots()
    strength = np.sqrt(row_shares(counts))
    ax.imshow(_colours(strength), interpolation="none")
    cell = side * POINTS_PER_INCH / len(counts)
    _separate(ax, len(counts))
    _name(ax, [_short(name) for name in classes], cell)
    _count(ax, counts, strength, cell)
    return figure


def confused_pairs(
    matrix: npt.ArrayLike, classes: Sequence[str], most: int = 5
) -> list[tuple[str, str, int, float]]:
    """The most frequent mistakes: (true class, class said, count, share of the true class).

    From the most frequent down; mistakes that never occur are left out. Matrix, class names and
    errors are those of :func:`confusion`.
    """
    counts = _checked(matrix, classes)
    shares = row_shares(counts)
    wrong = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    order = np.argsort(-wrong, axis=None, kind="stable")[: max(0, most)]
    places = (divmod(int(at), len(counts)) for at in order)
    return [
        (classes[row], classes[column], int(wrong[row, column]), float(shares[row, column]))
        for row, column in places
        if wrong[row, column]
    ]


def _checked(matrix: npt.ArrayLike, classes: Sequence[str]) -> Counts:
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size:
        raise ShapeError(f"A confusion matrix is square; this one is {show_shape(counts.shape)}.")
    if len(classes) != len(counts):
        raise ShapeError(f"{len(counts)} rows need as many class names; {len(classes)} were given.")
    return counts


def row_shares(counts: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """Each count as a share of its row; a class that never occurs has shares of 0."""
    rows = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts / np.maximum(rows, 1), dtype=np.float64)


def _colours(strength: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """``(k, k)`` strengths in 0..1 -> ``(k, k, 4)``."""
    right = np.eye(len(strength), dtype=bool)[..., None]
    return np.where(right, tint(SEA, strength), tint(FLAME, strength))


def _separate(ax: Axes, size: int) -> None:
    """Thin lines of ground between cells, and a quiet frame around all."""
    ax.grid(False)
    ax.tick_params(length=0)
    ax.spines[:].set(visible=True, color=GRID)
    if size <= 30:
        ax.set_xticks(np.arange(1, size) - 0.5, minor=True)
        ax.set_yticks(np.arange(1, size) - 0.5, minor=True)
        ax.grid(True, which="minor", axis="both", color=GROUND, linewidth=1)
        ax.tick_params(which="minor", length=0)


def _name(ax: Axes, names: list[str], cell: float) -> None:
    """Name rows and columns, every second or third when the cells are too small for all."""
    step = int(np.ceil(SMALLEST_FONT * 1.25 / cell))
    font = float(np.clip(0.75 * cell * step, SMALLEST_FONT, 8.5))
    shown = np.arange(0, len(names), step)
    longest = max(map(len, names)) * 0.6 * font
    upright = longest < cell * step
    ax.set_xticks(shown, names[::step], fontsize=font, rotation=0 if upright else 90, color=INK)
    ax.set_yticks(shown, names[::step], fontsize=font, color=INK)
    ax.set_xlabel("predicted", labelpad=8)
    ax.set_ylabel("true", labelpad=8)
    ax.set_title("blue: right · orange: wrong", fontsize=8.5, fontweight="normal", color=MUTED)


def _count(ax: Axes, counts: Counts, strength: npt.NDArray[np.float64], cell: float) -> None:
    """Write the counts that are not 0 where they can be read."""
    texts = {at: show(count) for at, count in np.ndenumerate(counts) if count}
    digits = max(map(len, texts.values()), default=1)
    font = min(9.0, cell / (0.65 * digits + 0.5))
    if font < SMALLEST_FONT:
        return
    for (row, column), text in texts.items():
        colour = SOOT if strength[row, column] > STRONG else INK
        ax.text(column, row, text, fontsize=font, color=colour, ha="center", va="center")


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
