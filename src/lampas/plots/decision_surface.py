"""Decision surface of a classifier of points in the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, format_shape
from .style import INK, PALETTE, Axes, Figure, new_axes, styled

Floats = npt.NDArray[np.floating]
Extent = tuple[float, float, float, float]
Predict = Callable[[npt.NDArray[np.float32]], npt.ArrayLike]

STEPS = 160
BANDS = 8
MAX_OPACITY = 0.42
RASTERIZE_ABOVE = 1500
MARKERS = "os^Dv<>p"


class Grid(NamedTuple):
    """Probabilities ``(rows, columns, classes)`` on a grid with the coordinates ``x`` and ``y``."""

    x: Floats
    y: Floats
    probabilities: Floats

    def margin(self, index: int) -> Floats:
        """Probability of class ``index`` minus the largest of the others: ``(rows, columns)``."""
        runner_up = np.delete(self.probabilities, index, axis=-1).max(axis=-1)
        return np.asarray(self.probabilities[..., index] - runner_up)


@styled
def decision_surface(
    predict: Predict,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    classes: Sequence[str],
    extent: Extent | None = None,
) -> Figure:
    """Color the plane by the class that ``predict`` returns, and draw the points over it.

    The stronger the color, the larger the margin to the next class; the lines are decision
    boundaries (for two classes, probability 0.5).

    Args:
        predict: ``(n, 2)`` float32 -> the probability of class 1, ``(n,)`` or ``(n, 1)``, or of
            every class, ``(n, classes)``.
        x: ``(n, 2)`` points.
        y: ``(n,)`` or ``(n, 1)`` class of each point, counted from 0.
        classes: name of each class.
        extent: ``(left, right, bottom, top)``; None for the points with a margin around them.

    Raises:
        ShapeError: if points, classes or predictions have another shape.
        DataError: if a point belongs to a class without a name.
    """
    points = np.asarray(x, dtype=np.float64)
    labels = np.asarray(y).ravel().astype(np.int64)
    if points.ndim != 2 or points.shape[1] != 2 or len(labels) != len(points):
        raise ShapeError(
            f"The plane needs x of shape (n, 2) and y of shape (n,); "
            f"got {format_shape(points.shape)} and {format_shape(np.shape(y))}."
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < len(classes):
        raise DataError(
            f"y has classes {labels.min()}..{labels.max()}, but the {len(classes)} names are for "
            f"0..{len(classes) - 1}."
        )
    extent = extent or _around(points)
    grid = evaluate_grid(predict, extent, len(classes))
    figure, ax = new_axes(5.5, 4.6)
    _surface(ax, grid)
    _boundaries(ax, grid)
    size, rasterized = 30 if len(points) <= 400 else 14, len(points) > RASTERIZE_ABOVE
    border: dict[str, Any] = {"edgecolors": INK, "linewidths": 0.6, "zorder": 3}
    for index, name in enumerate(classes):
        (x1, x2), marker = points[labels == index].T, MARKERS[index % len(MARKERS)]
        dots = ax.scatter(x1, x2, size, _color(index), label=name, marker=marker, **border)
        dots.set_rasterized(rasterized)
    ax.set_xlim(extent[:2])
    ax.set_ylim(extent[2:])
    ax.grid(False)
    figure.legend(loc="outside upper left", ncols=6)
    return figure


def evaluate_grid(predict: Predict, extent: Extent, classes: int) -> Grid:
    """Call ``predict`` once, for a grid of points that covers ``extent``."""
    left, right, bottom, top = extent
    xs, ys = np.linspace(left, right, STEPS), np.linspace(bottom, top, STEPS)
    plane = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(np.float32)
    output = np.asarray(predict(plane), dtype=np.float64)
    if output.shape in ((len(plane),), (len(plane), 1)):
        positive = output.reshape(-1, 1)
        output = np.concatenate([1 - positive, positive], axis=1)
    if output.shape != (len(plane), classes):
        raise ShapeError(
            f"predict received {format_shape(plane.shape)} and returned "
            f"{format_shape(output.shape)}; {classes} classes need ({len(plane)}, {classes})"
            + (f" or ({len(plane)},)." if classes == 2 else ".")
        )
    return Grid(xs, ys, output.reshape(STEPS, STEPS, classes))


def _around(points: Floats) -> Extent:
    """The bounding box of the points with a margin of a tenth."""
    if not len(points):
        return (-1.0, 1.0, -1.0, 1.0)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.where(high > low, 0.1 * (high - low), 1.0)
    (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
    return (left, right, bottom, top)


def _surface(ax: Axes, grid: Grid) -> None:
    """Shade the region of each class in bands, more opaque with a larger probability.

    The bands are nested and their opacities add up, which avoids seams between them.
    """
    count = grid.probabilities.shape[-1]
    layer = 1 - (1 - MAX_OPACITY) ** (1 / BANDS)
    for index in range(count):
        probability, margin = grid.probabilities[..., index], grid.margin(index)
        for level in np.linspace(1 / count, 1, BANDS, endpoint=False):
            height = np.minimum(probability - level, margin)
            if height.max() > 0:
                color = _color(index)
                ax.contourf(grid.x, grid.y, height, levels=[0, 2], colors=[color], alpha=layer)


def _boundaries(ax: Axes, grid: Grid) -> None:
    """Draw the lines on which a class is as likely as the best of the others."""
    count = grid.probabilities.shape[-1]
    for index in range(1 if count == 2 else 0, count):
        margin = grid.margin(index)
        if margin.min() < 0 < margin.max():
            ax.contour(grid.x, grid.y, margin, levels=[0.0], colors=[INK], linewidths=1.4)


def _color(index: int) -> str:
    return PALETTE[index % len(PALETTE)]
