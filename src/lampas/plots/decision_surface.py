"""Where in the plane a classifier says which class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, show_shape
from .style import INK, PALETTE, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.floating]
Extent = tuple[float, float, float, float]
Predict = Callable[[npt.NDArray[np.float32]], npt.ArrayLike]

STEPS = 160
BANDS = 8
STRONGEST = 0.42
MANY_POINTS = 1500
MARKERS = "os^Dv<>p"


class Grid(NamedTuple):
    """Probabilities ``(rows, columns, classes)`` over the plane, ``x`` and ``y`` its axes."""

    x: Floats
    y: Floats
    probabilities: Floats

    def lead(self, index: int) -> Floats:
        """How much likelier class ``index`` is than the best of the others: ``(rows, columns)``."""
        others = np.delete(self.probabilities, index, axis=-1).max(axis=-1)
        return np.asarray(self.probabilities[..., index] - others)


@drawing
def decision_surface(
    predict: Predict,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    classes: Sequence[str],
    extent: Extent | None = None,
) -> Figure:
    """Colour the plane by what ``predict`` says there, and lay the points over it.

    The stronger the colour, the surer the answer; the line is where two classes are equally likely
    (for two classes, probability 0.5).

    Args:
        predict: ``(n, 2)`` float32 -> the probability of class 1, ``(n,)`` or ``(n, 1)``, or of
            every class, ``(n, classes)``.
        x: ``(n, 2)`` points.
        y: ``(n,)`` or ``(n, 1)`` class of each point, counted from 0.
        classes: the name of each class.
        extent: ``(left, right, bottom, top)``; the points and a margin around them when None.

    Raises:
        ShapeError: the points, their classes or the predictions have another shape.
        DataError: a point is of a class that has no name.
    """
    points = np.asarray(x, dtype=np.float64)
    labels = np.asarray(y).ravel().astype(np.int64)
    if points.ndim != 2 or points.shape[1] != 2 or len(labels) != len(points):
        raise ShapeError(
            f"The plane needs x of shape (n, 2) and y of shape (n,); "
            f"these are {show_shape(points.shape)} and {show_shape(np.shape(y))}."
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < len(classes):
        raise DataError(
            f"y holds the classes {labels.min()}..{labels.max()}, but the {len(classes)} names "
            f"are for 0..{len(classes) - 1}."
        )
    extent = extent or _around(points)
    grid = evaluate(predict, extent, len(classes))
    figure = new_figure(5.5, 4.6)
    ax = figure.subplots()
    _surface(ax, grid)
    _boundaries(ax, grid)
    for index, name in enumerate(classes):
        _scatter(ax, points[labels == index], index, name, len(points))
    _frame(ax, extent)
    return figure


def evaluate(predict: Predict, extent: Extent, classes: int) -> Grid:
    """Ask ``predict`` once for a grid of points that covers ``extent``."""
    left, right, bottom, top = extent
    across, up = np.linspace(left, right, STEPS), np.linspace(bottom, top, STEPS)
    plane = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(np.float32)
    answer = np.asarray(predict(plane), dtype=np.float64)
    if answer.shape in ((len(plane),), (len(plane), 1)):
        one = answer.reshape(-1, 1)
        answer = np.concatenate([1 - one, one], axis=1)
    if answer.shape != (len(plane), classes):
        raise ShapeError(
            f"predict was given {show_shape(plane.shape)} and returned {show_shape(answer.shape)}; "
            f"{classes} classes need ({len(plane)}, {classes})"
            + (f" or ({len(plane)},)." if classes == 2 else ".")
        )
    return Grid(across, up, answer.reshape(STEPS, STEPS, classes))


def _around(points: Floats) -> Extent:
    """The box of the points with a tenth of its size to spare."""
    if not len(points):
        return (-1.0, 1.0, -1.0, 1.0)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.where(high > low, 0.1 * (high - low), 1.0)
    (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
    return (left, right, bottom, top)


def _surface(ax: Axes, grid: Grid) -> None:
    """Each class's land in bands, from a narrow win (nearly clear) to certainty (strong).

    The bands are nested and add up, which leaves no seams between them.
    """
    count = grid.probabilities.shape[-1]
    layer = 1 - (1 - STRONGEST) ** (1 / BANDS)
    for index in range(count):
        share, lead = grid.probabilities[..., index], grid.lead(index)
        for level in np.linspace(1 / count, 1, BANDS, endpoint=False):
            within = np.minimum(share - level, lead)
            if within.max() > 0:
                colour = _colour(index)
                ax.contourf(grid.x, grid.y, within, levels=[0, 2], colors=[colour], alpha=layer)


def _boundaries(ax: Axes, grid: Grid) -> None:
    """The lines along which a class is exactly as likely as the best of the others."""
    count = grid.probabilities.shape[-1]
    for index in range(1 if count == 2 else 0, count):
        lead = grid.lead(index)
        if lead.min() < 0 < lead.max():
            ax.contour(grid.x, grid.y, lead, levels=[0.0], colors=[INK], linewidths=1.4)


def _scatter(ax: Axes, points: Floats, index: int, name: str, total: int) -> None:
    ax.scatter(
        points[:, 0],
        points[:, 1],
        s=30 if total <= 400 else 14,
        marker=MARKERS[index % len(MARKERS)],
        color=_colour(index),
        edgecolors=INK,
        linewidths=0.6,
        label=name,
        rasterized=total > MANY_POINTS,
        zorder=3,
    )


def _frame(ax: Axes, extent: Extent) -> None:
    ax.set_xlim(extent[:2])
    ax.set_ylim(extent[2:])
    ax.grid(False)
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.legend(loc="outside upper left", ncols=6)


def _colour(index: int) -> str:
    return PALETTE[index % len(PALETTE)]
