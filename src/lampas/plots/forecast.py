"""Forecasts against the true values of a series, and their error by horizon."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, format_shape
from .style import FLAME, INK, MUTED, PALETTE, WIDTH, Axes, Figure, new_axes, new_panels, styled

Values = npt.NDArray[np.float64]

PANEL_HEIGHT = 1.35
"""Inches of a panel."""
DASHES = (0, (4, 2))


@styled
def forecast(
    history: npt.ArrayLike,
    truth: npt.ArrayLike,
    forecasts: Mapping[str, npt.ArrayLike],
    label: str = "",
) -> Figure:
    """Draw the past values, the forecast and the true values: a panel for each forecast.

    The first forecast step is number 1. All panels share their axes, and each states its root mean
    square error.

    Args:
        history: ``(rows,)``, the values before the forecast.
        truth: ``(steps,)``, the values that followed.
        forecasts: method name -> ``(steps,)``.
        label: what the values are.

    Raises:
        DataError: if there is no forecast, or no step.
        ShapeError: if a forecast and the truth differ in length.
    """
    past, true = _flat(history), _flat(truth)
    if not forecasts or not true.size:
        raise DataError("There is no forecast to draw.")
    for name, values in forecasts.items():
        if _flat(values).size != true.size:
            raise ShapeError(
                f"The forecast {name!r} has shape {format_shape(np.shape(values))}, the truth "
                f"{format_shape(np.shape(truth))}: one value per step is needed."
            )
    figure, axes = new_panels(len(forecasts), 1, 0.75, PANEL_HEIGHT, share=True)
    colors = [FLAME] if len(forecasts) == 1 else PALETTE
    for ax, (name, values), color in zip(axes, forecasts.items(), cycle(colors), strict=False):
        _panel(ax, name, past, true, _flat(values), color)
    # The limits are those of the true values with a margin; diverging forecasts are cut off.
    low, high = np.min([*past, *true]), np.max([*past, *true])
    margin = 0.35 * (high - low) or 1.0
    axes[0].set_ylim(low - margin, high + margin)
    axes[0].set_xlim(1 - past.size if past.size else 0.5, true.size)
    axes[-1].set_xlabel("steps after the last known value")
    if label:
        figure.supylabel(label, fontsize=8.5, color=MUTED)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=3)
    return figure


def _flat(values: npt.ArrayLike) -> Values:
    return np.ravel(np.asarray(values, np.float64))


def _panel(ax: Axes, name: str, past: Values, true: Values, predicted: Values, color: str) -> None:
    before, ahead = np.arange(1 - past.size, 1), np.arange(1, true.size + 1)
    ax.plot(before, past, color=INK, linewidth=1.2, label="past")
    ax.plot(ahead, true, color=INK, linewidth=1.2, linestyle=DASHES, label="true", zorder=3)
    # Drawn twice: each panel has its own color, but the legend has one.
    ax.plot(ahead, predicted, color=color)
    ax.plot([], [], color=MUTED, label="forecast")
    ax.axvline(0.5, color=MUTED, linewidth=0.8)
    ax.set_title(name, fontsize=9, pad=3)
    error = np.sqrt(np.mean((predicted - true) ** 2))
    text = f"root mean square error {error:.3g}"
    ax.set_title(text, loc="right", fontsize=8, fontweight="normal", color=MUTED, pad=3)


MAX_OUTLIER_RATIO = 5.0
"""The axis ends at this multiple of the methods' median maximum error."""


@styled
def error_by_horizon(
    errors: Mapping[str, npt.ArrayLike], label: str = "root mean square error"
) -> Figure:
    """Draw the error of each method by the number of steps ahead, from 1.

    Args:
        errors: method name -> ``(steps,)``, all of the same length.
        label: name of the error.

    Raises:
        DataError: if there is no method or no step.
        ShapeError: if the methods differ in the number of steps.
    """
    lines = {name: _flat(values) for name, values in errors.items()}
    sizes = {name: values.size for name, values in lines.items()}
    if not any(sizes.values()):
        raise DataError("There is no error to draw.")
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise ShapeError(f"All methods need the same number of steps, got {shown}.")
    figure, ax = new_axes(WIDTH, 3.4)
    for (name, values), color in zip(lines.items(), cycle(PALETTE), strict=False):
        marker = "o" if values.size == 1 else None
        ax.plot(np.arange(1, values.size + 1), values, color=color, label=name, marker=marker)
    ax.set_xlim(1, max(2, *sizes.values()))
    largest = [np.max(values) for values in lines.values()]
    ax.set_ylim(0, 1.05 * min(max(largest), MAX_OUTLIER_RATIO * float(np.median(largest))) or 1.0)
    ax.set_xlabel("steps ahead")
    ax.set_ylabel(label)
    figure.legend(loc="outside upper left", ncols=min(5, len(lines)))
    return figure
