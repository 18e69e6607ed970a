"""Figures of a series: its parts, and how it repeats itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...data.series import Windows
from ...report.style import FLAME, INK, MUTED, PALETTE, WIDTH, drawing, new_figure
from ..kind import Parts
from .series_season import ROUNDS, autocorrelation

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 2_000
"""Points that are drawn."""
PERIODS = 3
"""Seasons of lags that are shown."""
SHORT = 40
"""Lags that are shown where there is no season."""


@drawing
def parted(series: Windows, parts: Parts, label: str) -> Figure:
    """The whole column that is forecast, with the rows that each part is asked about."""
    figure = new_figure(WIDTH, 2.8)
    ax = figure.subplots()
    numeric = series.time is None or series.time.dtype.kind != "M"
    places = np.arange(len(series.targets)) if series.time is None else series.time
    every = max(1, len(places) // MOST)
    ax.plot(places[::every], series.targets[::every], color=INK, linewidth=0.9)
    for name, part, colour in zip(("training", "validation", "test"), parts, PALETTE, strict=False):
        first, last = int(part.steps[0, 0]), int(part.steps[-1, -1])
        ax.axvspan(places[first], places[last], color=colour, alpha=0.16, label=name, linewidth=0)
    ax.set_ylabel(label)
    ax.set_xlabel("row" if numeric and series.time is None else "")
    figure.legend(loc="outside upper left", ncols=3)
    return figure


@drawing
def changes(values: npt.NDArray[np.float64], season: int) -> Figure:
    """Autocorrelation of the changes, with the season marked and what chance alone may reach."""
    lags = min(PERIODS * season if season else SHORT, len(values) // ROUNDS)
    found = autocorrelation(values, lags)[1:]
    figure = new_figure(WIDTH, 2.4)
    ax = figure.subplots()
    ax.vlines(np.arange(1, lags + 1), 0, found, color=MUTED, linewidth=1.2)
    if 0 < season <= lags:
        ax.vlines([season], 0, [found[season - 1]], color=FLAME, linewidth=2.4)
    chance = 2 / np.sqrt(len(values))
    ax.axhspan(-chance, chance, color=MUTED, alpha=0.15, linewidth=0)
    ax.set_xlabel("steps earlier")
    ax.set_ylabel("correlation")
    return figure
