"""What the report shows of a series and its forecasts.

Figures of a series: its parts, and how it repeats itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ... import plots
from ...data.series import Windows
from ...data.series.seasonality import ROUNDS, autocorrelation
from ...evaluation.forecast_baselines import by_step, naive, spread
from ...plots.style import FLAME, INK, MUTED, PALETTE, WIDTH, drawing, new_figure
from ..report import Report
from .task import Parts, Said, Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure


NETWORK = "the network"


def add_series(report: Report, settings: Settings, parts: Parts) -> None:
    """The series with its parts, and how its changes go together with earlier ones."""
    train: Windows = parts.train
    report.figure(
        parted(train, parts, settings["target"]),
        "The series. The parts follow each other in time: nothing is learnt from what comes later.",
    )
    end = int(train.starts[-1]) + train.length + train.horizon
    report.figure(
        changes(np.asarray(train.targets[:end], np.float64), settings["season"]),
        "How much a change from step to step is like the one so many steps earlier "
        "(autocorrelation, training part)."
        + f" It comes back after {settings['season']} steps."
        * bool(settings["season"]),
    )


def add_forecasts(report: Report, settings: Settings, test: Windows, said: Said) -> None:
    """The best, the middle and the worst forecast, and how errors grow with the distance."""
    truth = np.asarray(test.y, np.float64)
    errors = np.sqrt(np.square(np.asarray(said) - truth).mean(1))
    for title, row in spread(errors):
        known = test.targets[test.starts[row] : test.starts[row] + test.length]
        report.figure(
            plots.forecast(known, truth[row], {NETWORK: said[row]}, settings["target"]),
            f"The {title} forecast of {len(truth):,}, by its error.",
        )
    methods = {NETWORK: said} | naive(test, settings["season"])
    report.figure(
        plots.horizon({name: by_step(truth, one) for name, one in methods.items()}),
        f"Errors by the number of steps ahead, in units of {settings['target']}.",
    )


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
