"""The report of a forecast: how far off, how far ahead, whether in step, and how it was learnt."""

from __future__ import annotations

import numpy as np

from ... import plots
from ...data.series import Windows
from ...datasets.series import TimeSeries
from ...evaluation.metrics import correlation, crossings, rmse
from ...inspection.gradient_flow import gradient_flow
from ..report import Report
from ..runs.folder import add_summary
from .chirp_methods import LINEAR, PERSISTENCE, Far, Forecasts, Learnt

LOOKED_AT = 256
"""Windows whose gradients are averaged."""

Parts = tuple[Windows, Windows, Windows]


def tell(
    series: TimeSeries,
    parts: Parts,
    far: Far,
    said: dict[str, Forecasts],
    learnt: dict[str, Learnt],
    best: str,
) -> Report:
    """The report: how far off, how far ahead, whether in step, and how it was learnt."""
    train, _, test = parts
    truth = test.y[:, 0]
    errors = {name: float(rmse(found.following, truth)) for name, found in said.items()}
    in_step = float(np.median(correlation(said[best].ahead, far.truth)))
    report = Report(
        f"Forecast: {series.name}",
        f"SimpleRNN, GRU and LSTM against persistence and linear autoregression, {len(series):,} "
        "values.",
    )
    report.facts(
        {
            f"error of the next value, {best}": f"{errors[best]:.3g}",
            "of persistence's": f"{errors[best] / errors[PERSISTENCE]:.0%}",
            f"median correlation, {far.steps} steps ahead": f"{in_step:.3f}",
        }
    )
    report.text(f"Data: {series.source}.")
    report.text(_how(series, parts, far))
    add_errors(report, errors, far, said, float(train.x.mean()), series)
    add_forecasts(report, series, far, said)
    add_learning(report, parts, learnt)
    add_summary(report, learnt[best].model)
    return report


def add_learning(report: Report, parts: Parts, learnt: dict[str, Learnt]) -> None:
    """A section with the learning curves, and how the error's gradient fares through time."""
    train, validation, _ = parts
    report.section("How they learnt")
    report.figure(
        plots.compared({k: found.history.history for k, found in learnt.items()}, "loss"),
        f"Mean squared error of all {train.horizon} steps of a forecast. The weights that did best "
        "on the validation part were kept.",
    )
    x, y = validation.x[:LOOKED_AT], validation.y[:LOOKED_AT]
    flows = {k: next(iter(gradient_flow(f.model, x, y, "mse").values())) for k, f in learnt.items()}
    report.figure(
        plots.gradient_through_time(flows),
        "How strongly the state after each step of a window bears on the error: what has faded "
        "where a window begins can not be learnt from.",
    )


def _how(series: TimeSeries, parts: Parts, far: Far) -> str:
    train, validation, test = parts
    made = series.clean is not None
    clean = "on the wave without noise, " if made else ""
    fair = (
        " Every frequency, rising and falling, has been met in training: the waves go through "
        "the same range again and again, but no stretch of them comes twice. No forecast of a "
        "noisy value can have an error below that of the noise."
        if made
        else ""
    )
    return (
        f"Parted by time: {len(train):,} windows to learn from, then {len(validation):,} to choose "
        f"the weights by, then {len(test):,} to test with. Each shows {train.length} values and "
        f"asks for the {train.horizon} that follow; no value that a later part asks for was learnt "
        f"from, and the scale is that of the training part.{fair}\n\n"
        f"Far ahead, {clean}a model goes on from its own forecasts in blocks of {train.horizon}, "
        f"{far.steps} steps from each of {len(far.origins)} rows of the test part."
    )


def add_errors(
    report: Report,
    errors: dict[str, float],
    far: Far,
    said: dict[str, Forecasts],
    level: float,
    series: TimeSeries,
) -> None:
    """A section with all methods side by side, in numbers."""
    report.section("Who forecasts best?")
    crossed = crossings(far.truth, level)
    rows = []
    for name, found in said.items():
        together = correlation(found.ahead, far.truth)
        missed = np.abs(crossings(found.ahead, level) - crossed)
        rows.append(
            [
                name,
                errors[name],
                f"{errors[name] / errors[PERSISTENCE]:.0%}",
                float(rmse(found.ahead, far.truth)),
                round(float(np.median(together)), 3),
                round(float(together.min()), 3),
                round(float(missed.mean()), 2),
            ]
        )
    unit = f" (in {series.unit})" if series.unit else ""
    report.table(
        [
            "method",
            "next value",
            "of persistence's",
            f"{far.steps} steps",
            "correlation, median",
            "worst",
            "crossings off",
        ],
        rows,
        f"Root mean square error{unit} of the next value in the test part, and of {far.steps} "
        f"steps forecast in a row; how these go with the truth; and by how many of the "
        f"{crossed.mean():.1f} crossings of the mean their number is off on average.",
    )
    if min(errors, key=lambda name: errors[name]) in (PERSISTENCE, LINEAR):
        report.text(
            "No network comes up to the simple forecast here: a network needs many examples, and a "
            "test part that is like what it has learnt from."
        )


def add_forecasts(report: Report, series: TimeSeries, far: Far, said: dict[str, Forecasts]) -> None:
    """A section with the first forecast of the test part, and all of them by distance."""
    report.section(f"{far.steps} steps ahead")
    report.figure(
        plots.forecast(
            far.before[0],
            far.truth[0],
            {name: found.ahead[0] for name, found in said.items()},
            series.unit,
        ),
        "The first forecast of the test part: it was not chosen.",
    )
    report.figure(
        plots.horizon({n: rmse(found.ahead, far.truth, 0) for n, found in said.items()}),
        f"The error over all {len(far.origins)} beginnings, by distance.",
    )
