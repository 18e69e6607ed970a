"""Predicted against true values, residuals, and fits of a function of one variable."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, format_shape
from .style import FLAME, GRID, INK, MUTED, SEA, WIDTH, Axes, Figure, new_axes, new_figure, styled

Values = npt.NDArray[np.float64]

RASTERIZE_ABOVE = 1_500
"""More points than this are rasterized."""
BINS = 30


@styled
def predicted_against_true(truth: npt.ArrayLike, predicted: npt.ArrayLike, name: str) -> Figure:
    """Draw a point for each example; points on the diagonal are predicted exactly.

    Args:
        truth: ``(n,)`` true values.
        predicted: ``(n,)`` predicted values.
        name: name of the target.

    Raises:
        DataError: if there is no example, or a value is not finite.
        ShapeError: if true and predicted values differ in number.
    """
    true, y_pred = _checked(truth, predicted)
    figure, ax = new_axes(4.6, 4.9)
    ends = min(true.min(), y_pred.min()), max(true.max(), y_pred.max())
    ax.plot(ends, ends, color=MUTED, lw=1, ls=(0, (3, 2)), label="exact")
    _scatter(ax, true, y_pred, color=SEA, alpha=0.6, sizes=(22, 8))
    ax.set_aspect("equal")
    ax.grid(True, axis="both", color=GRID)
    ax.set_xlabel(f"{name}, true")
    ax.set_ylabel(f"{name}, predicted")
    figure.legend(loc="outside upper left")
    return figure


@styled
def residuals(truth: npt.ArrayLike, predicted: npt.ArrayLike, name: str) -> Figure:
    """Draw predicted - true against the prediction, and a histogram of the errors.

    Arguments and errors are those of :func:`predicted_against_true`.
    """
    true, y_pred = _checked(truth, predicted)
    error = y_pred - true
    figure = new_figure(WIDTH, 3.4)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(2.6, 1))
    _scatter(left, y_pred, error, color=SEA, alpha=0.6, sizes=(22, 8))
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
    true, y_pred = (np.asarray(values, np.float64) for values in (truth, predicted))
    if true.ndim != 1 or true.shape != y_pred.shape:
        raise ShapeError(
            f"Each true value (n,) needs one prediction (n,), got {format_shape(y_pred.shape)} for "
            f"{format_shape(true.shape)}."
        )
    if not true.size or not np.isfinite([true, y_pred]).all():
        raise DataError("There is no example to draw, or a value is not finite.")
    return true, y_pred


def _scatter(ax: Axes, x: Values, y: Values, sizes: tuple[int, int], **style: Any) -> None:
    """Draw points, smaller if there are many."""
    size = sizes[0] if x.size <= 300 else sizes[1]
    ax.scatter(x, y, s=size, linewidths=0, rasterized=x.size > RASTERIZE_ABOVE, **style)


@styled
def fit_against_truth(
    x: npt.ArrayLike,
    truth: npt.ArrayLike,
    prediction: npt.ArrayLike,
    samples: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    label: str = "prediction",
) -> Figure:
    """Draw a function of one variable, its approximation, and below them the error.

    Args:
        x: ``(n,)`` or ``(n, 1)`` inputs, in any order.
        truth: ``(n,)`` or ``(n, 1)`` values of the function.
        prediction: ``(n,)`` or ``(n, 1)`` values of the approximation.
        samples: inputs and targets of the training examples, ``(m,)`` each.
        label: name of the approximation.

    Raises:
        ShapeError: if the three differ in length.
    """
    arrays = [np.asarray(values, dtype=np.float64) for values in (x, truth, prediction)]
    if len({array.size for array in arrays}) != 1 or not arrays[0].size:
        shapes = ", ".join(format_shape(array.shape) for array in arrays)
        raise ShapeError(f"x, truth and prediction must have the same length, got {shapes}.")
    order = np.argsort(arrays[0].ravel(), kind="stable")
    inputs, true, learned = (array.ravel()[order] for array in arrays)
    figure = new_figure(WIDTH, 4.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.15))
    if samples is not None:
        sample_x, sample_y = map(np.ravel, samples)
        _scatter(above, sample_x, sample_y, (14, 5), color=MUTED, alpha=0.55, label="samples")
    above.plot(inputs, true, color=INK, lw=1.4, ls=(0, (4, 2)), label="truth", zorder=3)
    above.plot(inputs, learned, color=FLAME, label=label)
    figure.legend(loc="outside upper left", ncols=3)
    error = learned - true
    below.axhline(0, color=MUTED, linewidth=0.8)
    below.plot(inputs, error, color=FLAME, linewidth=1.2)
    below.fill_between(inputs, error, color=FLAME, alpha=0.2, linewidth=0)
    below.set_title("error")
    below.set_xlabel("x")
    finite = error[np.isfinite(error)]
    if finite.size:
        largest, rms = np.abs(finite).max(), np.sqrt(np.mean(finite**2))
        details = f"largest {largest:.3g}, root mean square {rms:.3g}"
        below.set_title(details, loc="right", fontsize=8.5, fontweight="normal", color=MUTED)
    return figure
