"""Forecasts of a series, each beneath the other, with what came true.

How the error of a forecast grows with its distance.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, show_shape
from .style import FLAME, INK, MUTED, PALETTE, WIDTH, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


Values = npt.NDArray[np.float64]

HIGH = 1.35
"""Inches of a panel."""
DASHES = (0, (4, 2))


@drawing
def forecast(
    history: npt.ArrayLike,
    truth: npt.ArrayLike,
    forecasts: Mapping[str, npt.ArrayLike],
    label: str = "",
) -> Figure:
    """Draw what was known, what was forecast and what came true: a panel for each forecast.

    The first step forecast is number 1. All panels have the same axes, and each says the root mean
    square of its error.

    Args:
        history: ``(rows,)``, what was known.
        truth: ``(steps,)``, what followed.
        forecasts: name of the method -> ``(steps,)``.
        label: what the values are.

    Raises:
        DataError: there is no forecast, or no step.
        ShapeError: a forecast has not as many steps as the truth.
    """
    known, true = _flat(history), _flat(truth)
    if not forecasts or not true.size:
        raise DataError("There is no forecast to draw.")
    for name, said in forecasts.items():
        if _flat(said).size != true.size:
            raise ShapeError(
                f"The forecast {name!r} has shape {show_shape(np.shape(said))}, the truth "
                f"{show_shape(np.shape(truth))}: one value is needed for each step."
            )
    figure = new_figure(WIDTH, 0.75 + HIGH * len(forecasts))
    axes = figure.subplots(len(forecasts), 1, sharex=True, sharey=True, squeeze=False).ravel()
    colours = [FLAME] if len(forecasts) == 1 else PALETTE
    for ax, (name, said), colour in zip(axes, forecasts.items(), cycle(colours), strict=False):
        _panel(ax, name, known, true, _flat(said), colour)
    _fit(axes[0], known, true)
    axes[-1].set_xlabel("step from the last one known")
    if label:
        figure.supylabel(label, fontsize=8.5, color=MUTED)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=3)
    return figure


def _flat(values: npt.ArrayLike) -> Values:
    return np.ravel(np.asarray(values, np.float64))


def _panel(ax: Axes, name: str, known: Values, true: Values, said: Values, colour: str) -> None:
    past, ahead = np.arange(1 - known.size, 1), np.arange(1, true.size + 1)
    ax.plot(past, known, color=INK, linewidth=1.2, label="known")
    ax.plot(ahead, true, color=INK, linewidth=1.2, linestyle=DASHES, label="came true", zorder=3)
    # Drawn twice: each panel has a colour of its own, the legend only one.
    ax.plot(ahead, said, color=colour)
    ax.plot([], [], color=MUTED, label="forecast")
    ax.axvline(0.5, color=MUTED, linewidth=0.8)
    ax.set_title(name, fontsize=9, pad=3)
    error = np.sqrt(np.mean((said - true) ** 2))
    text = f"root mean square error {error:.3g}"
    ax.set_title(text, loc="right", fontsize=8, fontweight="normal", color=MUTED, pad=3)


def _fit(ax: Axes, known: Values, true: Values) -> None:
    """Room for what happened and a little more: a forecast that runs away may leave the panel."""
    low, high = np.min([*known, *true]), np.max([*known, *true])
    room = 0.35 * (high - low) or 1.0
    ax.set_ylim(low - room, high + room)
    ax.set_xlim(1 - known.size if known.size else 0.5, true.size)


TALLEST = 5.0
"""Errors above this many times the usual largest one, of forecasts that run away, are cut off."""


@drawing
def horizon(errors: Mapping[str, npt.ArrayLike], label: str = "root mean square error") -> Figure:
    """Draw the error of each method against the number of steps ahead, from 1.

    Args:
        errors: name of the method -> ``(steps,)``, as many steps in each.
        label: of the error.

    Raises:
        DataError: there is no method or no step.
        ShapeError: the methods have different numbers of steps.
    """
    lines = {name: np.ravel(np.asarray(values, np.float64)) for name, values in errors.items()}
    sizes = {name: values.size for name, values in lines.items()}
    if not any(sizes.values()):
        raise DataError("There is no error to draw.")
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise ShapeError(f"All methods need as many steps as each other: {shown}.")
    figure = new_figure(WIDTH, 3.4)
    ax = figure.subplots()
    for (name, values), colour in zip(lines.items(), cycle(PALETTE), strict=False):
        marker = "o" if values.size == 1 else None
        ax.plot(np.arange(1, values.size + 1), values, color=colour, label=name, marker=marker)
    ax.set_xlim(1, max(2, *sizes.values()))
    largest = [np.max(values) for values in lines.values()]
    ax.set_ylim(0, 1.05 * min(max(largest), TALLEST * float(np.median(largest))) or 1.0)
    ax.set_xlabel("steps ahead")
    ax.set_ylabel(label)
    figure.legend(loc="outside upper left", ncols=min(5, len(lines)))
    return figure
