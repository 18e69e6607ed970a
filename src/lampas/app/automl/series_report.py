"""The series with its splits, its season and its forecasts in the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ... import plots
from ...data.labels import pluralize
from ...data.series import Windows
from ...data.series.seasonality import MIN_SEASONS, autocorrelation
from ...evaluation.forecast_baselines import best_median_worst, naive_forecasts, rmse_by_step
from ...evaluation.forecast_intervals import ForecastIntervals, IntervalBounds
from ...evaluation.formatting import NO_INTERVAL, format_in_units
from ...evaluation.types import Predictions, Splits
from ...plots.style import FLAME, INK, MUTED, PALETTE, WIDTH, new_figure, styled
from ..report import Report
from .result import NETWORK
from .settings import SeriesSettings
from .task import Refit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_POINTS = 2_000
"""Number of points of the series that are drawn."""
SEASONS = 3
"""Number of seasons that the autocorrelation covers."""
PAST = 2
"""Number of input lengths that are drawn before a forecast."""
MAX_ROWS = 40
"""Number of steps of a forecast that are in a table."""
PALE = 0.18
"""Opacity of the widest interval."""
LAGS = 40
"""Number of lags where there is no season."""


def add_series(report: Report, settings: SeriesSettings, splits: Splits) -> None:
    """Add the series with its splits, and the autocorrelation of its changes."""
    train: Windows = splits.train
    report.figure(
        series_with_splits(train, splits, settings.target),
        "The series. The splits follow each other in time, so that training uses no later values.",
    )
    end = int(train.starts[-1]) + train.length + train.horizon
    season = f" It repeats after {settings.season} steps." if settings.season else ""
    report.figure(
        autocorrelation_of_changes(np.asarray(train.targets[:end], np.float64), settings.season),
        f"Autocorrelation of the changes from step to step in the training data.{season}",
    )


def add_forecasts(
    report: Report, settings: SeriesSettings, test: Windows, y_pred: Predictions
) -> None:
    """Add the best, the median and the worst forecast, and the error by horizon."""
    y_true = np.asarray(test.y, np.float64)
    errors = np.sqrt(np.square(np.asarray(y_pred) - y_true).mean(1))
    for title, i in best_median_worst(errors):
        past = test.targets[test.starts[i] : test.starts[i] + test.length]
        report.figure(
            plots.forecast(past, y_true[i], {NETWORK: y_pred[i]}, settings.target),
            f"The {title} forecast of {len(y_true):,}, by its error.",
        )
    methods = {NETWORK: y_pred} | naive_forecasts(test, settings.season)
    report.figure(
        plots.error_by_horizon({name: rmse_by_step(y_true, y) for name, y in methods.items()}),
        f"Root mean squared error by the number of steps ahead, in units of {settings.target}.",
    )


def add_next_forecast(report: Report, settings: SeriesSettings, refit: Refit) -> None:
    """Add the forecast from the end of the series, with its intervals and what they rest on."""
    series: Windows = refit.examples
    intervals = refit.intervals
    assert intervals is not None
    forecast = np.asarray(refit.model.predict(series.inputs[None, -settings.length :]))[0]
    bounds = intervals.around(forecast)
    past = series.targets[-PAST * settings.length :]
    bands = [each for each in bounds if set(each.lower) != {None}]
    levels = " and ".join(f"{each.level:.0%}" for each in bands)
    report.figure(
        forecast_with_intervals(past, forecast, bands, settings.target),
        f"The next {pluralize(settings.horizon, 'step')} after the end of the data, forecast by "
        "the network that is saved"
        + (f", with intervals that should contain {levels} of the values." if bands else "."),
    )
    steps = range(0, settings.horizon, math.ceil(settings.horizon / MAX_ROWS))
    report.table(
        ["step", "forecast", *(f"{each.level:.0%} interval" for each in bounds), "back-tests"],
        [
            [
                step + 1,
                format_in_units(forecast[step]),
                *(_format_bounds(each.lower[step], each.upper[step]) for each in bounds),
                intervals.origins[step],
            ]
            for step in steps
        ],
        _describe_intervals(intervals),
    )


def _format_bounds(lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None:
        return NO_INTERVAL
    return f"{format_in_units(lower)} to {format_in_units(upper)}"


def _describe_intervals(intervals: ForecastIntervals) -> str:
    """What the intervals rest on, and what too few back-tests mean."""
    text = (
        "The intervals are those of split conformal prediction (Lei et al., 2018). They rest on "
        f"back-tests: forecasts from {max(intervals.origins):,} origins in the validation and the "
        "test data, by the network that was trained on the data before. The width of an interval "
        "follows from the errors at the same step."
    )
    return f"{text} {intervals.shortage}".rstrip()


@styled
def forecast_with_intervals(
    past: npt.NDArray[np.floating],
    forecast: npt.NDArray[np.floating],
    bounds: Sequence[IntervalBounds],
    label: str,
) -> Figure:
    """The last values, the forecast, and its intervals, the wider ones paler."""
    figure = new_figure(WIDTH, 2.8)
    ax = figure.subplots()
    ahead = np.arange(1, len(forecast) + 1)
    for number, each in enumerate(sorted(bounds, key=lambda each: -each.level), 1):
        lower, upper = (np.array(ends, float) for ends in (each.lower, each.upper))
        name = f"{each.level:.0%} interval"
        alpha = PALE * number
        ax.bar(ahead, upper - lower, 1, lower, color=FLAME, alpha=alpha, linewidth=0, label=name)
    ax.plot(np.arange(1 - len(past), 1), past, color=INK, linewidth=0.9, label="past")
    marker = "o" if len(forecast) == 1 else None
    ax.plot(ahead, forecast, color=FLAME, label="forecast", marker=marker)
    ax.set_xlabel("steps after the last known value")
    ax.set_ylabel(label)
    figure.legend(loc="outside upper left", ncols=4)
    return figure


@styled
def series_with_splits(series: Windows, splits: Splits, label: str) -> Figure:
    """The target column, with the rows that each split forecasts."""
    figure = new_figure(WIDTH, 2.8)
    ax = figure.subplots()
    times = np.arange(len(series.targets)) if series.time is None else series.time
    stride = max(1, len(times) // MAX_POINTS)
    ax.plot(times[::stride], series.targets[::stride], color=INK, linewidth=0.9)
    names = ("training", "validation", "test")
    for name, split, color in zip(names, splits, PALETTE, strict=False):
        first, last = int(split.steps[0, 0]), int(split.steps[-1, -1])
        ax.axvspan(times[first], times[last], color=color, alpha=0.16, label=name, linewidth=0)
    ax.set_ylabel(label)
    ax.set_xlabel("row" if series.time is None else "")
    figure.legend(loc="outside upper left", ncols=3)
    return figure


@styled
def autocorrelation_of_changes(values: npt.NDArray[np.float64], season: int) -> Figure:
    """Autocorrelation of the changes, with the season and the range of chance marked."""
    lags = min(SEASONS * season if season else LAGS, len(values) // MIN_SEASONS)
    correlations = autocorrelation(values, lags)[1:]
    figure = new_figure(WIDTH, 2.4)
    ax = figure.subplots()
    ax.vlines(np.arange(1, lags + 1), 0, correlations, color=MUTED, linewidth=1.2)
    if 0 < season <= lags:
        ax.vlines([season], 0, [correlations[season - 1]], color=FLAME, linewidth=2.4)
    chance = 2 / np.sqrt(len(values))
    ax.axhspan(-chance, chance, color=MUTED, alpha=0.15, linewidth=0)
    ax.set_xlabel("lag in steps")
    ax.set_ylabel("correlation")
    return figure
