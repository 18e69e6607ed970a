"""Predicted values against true ones, and what is left between them.

A function, and what was learned of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, show_shape
from .style import FLAME, GRID, INK, MUTED, SEA, WIDTH, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


Values = npt.NDArray[np.float64]

MANY = 1_500
"""Points from which on they are drawn as one picture."""
BINS = 30


@drawing
def predicted_against_true(truth: npt.ArrayLike, predicted: npt.ArrayLike, name: str) -> Figure:
    """Draw a point for each example; on the diagonal the prediction is right.

    Args:
        truth: ``(n,)`` values.
        predicted: ``(n,)`` values.
        name: what they are of.

    Raises:
        DataError: there is no example, or a value is not finite.
        ShapeError: there are not as many predictions as truths.
    """
    true, said = _checked(truth, predicted)
    figure = new_figure(4.6, 4.9)
    ax = figure.subplots()
    ends = min(true.min(), said.min()), max(true.max(), said.max())
    ax.plot(ends, ends, color=MUTED, lw=1, ls=(0, (3, 2)), label="right")
    _points(ax, true, said)
    ax.set_aspect("equal")
    ax.grid(True, axis="both", color=GRID)
    ax.set_xlabel(f"{name}, true")
    ax.set_ylabel(f"{name}, predicted")
    figure.legend(loc="outside upper left")
    return figure


@drawing
def residuals(truth: npt.ArrayLike, predicted: npt.ArrayLike, name: str) -> Figure:
    """Draw predicted - true against the prediction, and how often errors of each size occur.

    Arguments and errors are those of :func:`predicted_against_true`.
    """
    true, said = _checked(truth, predicted)
    error = said - true
    figure = new_figure(WIDTH, 3.4)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(2.6, 1))
    _points(left, said, error)
    for ax in (left, right):
        ax.axhline(0, color=MUTED, lw=1, ls=(0, (3, 2)))
    left.grid(True, axis="both", color=GRID)
    left.set_xlabel(f"{name}, predicted")
    left.set_ylabel("error: predicted − true")
    right.hist(error, min(BINS, 5 + len(error) // 10), orientation="horizontal", color=SEA)
    right.axhline(float(error.mean()), color=FLAME, lw=1.4)
    mean = f"mean {error.mean():+.3g}".replace("-", "−")
    right.set_title(mean, fontsize=8.5, fontweight="normal", color=INK)
    right.set_xlabel("examples")
    return figure


def _checked(truth: npt.ArrayLike, predicted: npt.ArrayLike) -> tuple[Values, Values]:
    true, said = (np.asarray(values, np.float64) for values in (truth, predicted))
    if true.ndim != 1 or true.shape != said.shape:
        raise ShapeError(
            f"A value (n,) is needed for each truth (n,), got {show_shape(said.shape)} for "
            f"{show_shape(true.shape)}."
        )
    if not true.size or not np.isfinite([true, said]).all():
        raise DataError("There is no example to draw, or a value is not finite.")
    return true, said


def _points(ax: Axes, x: Values, y: Values) -> None:
    size = 22 if x.size <= 300 else 8
    ax.scatter(x, y, s=size, color=SEA, alpha=0.6, linewidths=0, rasterized=x.size > MANY)


@drawing
def fit_against_truth(
    x: npt.ArrayLike,
    truth: npt.ArrayLike,
    prediction: npt.ArrayLike,
    samples: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    label: str = "prediction",
) -> Figure:
    """Draw a function of one variable, its approximation, and beneath them the error.

    Args:
        x: ``(n,)`` or ``(n, 1)`` places, in any order.
        truth: ``(n,)`` or ``(n, 1)`` values of the function.
        prediction: ``(n,)`` or ``(n, 1)`` values of the approximation.
        samples: places and values that were trained on, ``(m,)`` each.
        label: what the approximation is called.

    Raises:
        ShapeError: the three do not have as many values as each other.
    """
    arrays = [np.asarray(values, dtype=np.float64) for values in (x, truth, prediction)]
    if len({array.size for array in arrays}) != 1 or not arrays[0].size:
        shapes = ", ".join(show_shape(array.shape) for array in arrays)
        raise ShapeError(
            f"x, truth and prediction need as many values as each other, not {shapes}."
        )
    order = np.argsort(arrays[0].ravel(), kind="stable")
    places, true, learned = (array.ravel()[order] for array in arrays)
    figure = new_figure(WIDTH, 4.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.15))
    if samples is not None:
        _samples(above, *samples)
    above.plot(
        places, true, color=INK, linewidth=1.4, linestyle=(0, (4, 2)), label="truth", zorder=3
    )
    above.plot(places, learned, color=FLAME, label=label)
    figure.legend(loc="outside upper left", ncols=3)
    _error(below, places, learned - true)
    return figure


def _samples(ax: Axes, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
    places, values = np.ravel(x), np.ravel(y)
    size = 14 if places.size <= 300 else 5
    ax.scatter(
        places,
        values,
        s=size,
        color=MUTED,
        alpha=0.55,
        linewidths=0,
        label="samples",
        rasterized=places.size > 1500,
    )


def _error(ax: Axes, x: Values, error: Values) -> None:
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.plot(x, error, color=FLAME, linewidth=1.2)
    ax.fill_between(x, error, color=FLAME, alpha=0.2, linewidth=0)
    ax.set_title("error")
    ax.set_xlabel("x")
    known = error[np.isfinite(error)]
    if known.size:
        largest, root = np.abs(known).max(), np.sqrt(np.mean(known**2))
        facts = f"largest {largest:.3g}, root mean square {root:.3g}"
        ax.set_title(facts, loc="right", fontsize=8.5, fontweight="normal", color=MUTED)
