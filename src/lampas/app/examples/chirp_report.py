"""Report of a forecast: errors, long forecasts, and training."""

from __future__ import annotations

import numpy as np

from ... import gradient_flow, plots
from ...datasets.series import TimeSeries
from ...evaluation.forecast_baselines import LINEAR, PERSISTENCE
from ...evaluation.metrics import correlation, count_crossings, rmse
from ...evaluation.types import Splits
from ..report import Report
from ..runs.folder import add_summary
from .chirp_methods import LongHorizon, Methods, TrainedNetwork, next_value_errors

GRADIENT_WINDOWS = 256
"""Windows over which gradients are averaged."""


def build_report(
    series: TimeSeries,
    splits: Splits,
    long: LongHorizon,
    methods: Methods,
    networks: dict[str, TrainedNetwork],
    best: str,
) -> Report:
    """Report the errors of all methods, the long forecasts, and the training of the networks."""
    errors = next_value_errors(methods, splits.test)
    median = float(np.median(correlation(methods[best].long, long.targets)))
    report = Report(
        f"Forecast: {series.name}",
        f"SimpleRNN, GRU and LSTM against persistence and linear autoregression, {len(series):,} "
        "values.",
    )
    report.facts(
        {
            f"RMSE of the next value, {best}": f"{errors[best]:.3g}",
            "relative to persistence": f"{errors[best] / errors[PERSISTENCE]:.0%}",
            f"median correlation, {long.steps} steps ahead": f"{median:.3f}",
        }
    )
    report.text(f"Data: {series.source}.")
    report.text(_describe_splits(series, splits, long))
    add_errors(report, series, splits, long, methods)
    add_forecasts(report, series, long, methods)
    add_training(report, splits, networks)
    add_summary(report, networks[best].model)
    return report


def add_training(report: Report, splits: Splits, networks: dict[str, TrainedNetwork]) -> None:
    """Add the training curves, and the gradients through time."""
    train, validation, _ = splits
    report.section("Training")
    report.figure(
        plots.compare_runs({k: network.history.history for k, network in networks.items()}, "loss"),
        f"Mean squared error of all {train.horizon} steps of a forecast. The weights with the "
        "lowest validation loss were restored.",
    )
    x, y = validation.x[:GRADIENT_WINDOWS], validation.y[:GRADIENT_WINDOWS]
    flows = {
        kind: next(iter(gradient_flow(network.model, x, y, "mse").values()))
        for kind, network in networks.items()
    }
    report.figure(
        plots.gradient_through_time(flows),
        "Gradient of the loss for the state after each step of a window. Where it vanishes towards "
        "the beginning of the window, the network cannot learn from those steps.",
    )


def _describe_splits(series: TimeSeries, splits: Splits, long: LongHorizon) -> str:
    train, validation, test = splits
    clean, remark = "", ""
    if series.clean is not None:
        clean = " on the wave without noise"
        remark = (
            " Every frequency, rising and falling, occurs in the training data: the frequency "
            "sweeps the same range repeatedly, but no section of the wave occurs twice. The RMSE "
            "of a forecast of noisy values cannot be below the standard deviation of the noise."
        )
    return (
        f"The series is split by time: {len(train):,} training, {len(validation):,} validation and "
        f"{len(test):,} test windows. Each has {train.length} input values and {train.horizon} "
        "target values. No target of a later split is part of the training data, and the "
        f"normalization uses the training split only.{remark}\n\n"
        f"Long forecasts{clean} continue recursively in blocks of {train.horizon}, {long.steps} "
        f"steps from each of {len(long.origins)} rows of the test split."
    )


def add_errors(
    report: Report, series: TimeSeries, splits: Splits, long: LongHorizon, methods: Methods
) -> None:
    """Add a table with the errors of all methods."""
    report.section("Comparison of the methods")
    errors = next_value_errors(methods, splits.test)
    level = float(splits.train.x.mean())
    true_crossings = count_crossings(long.targets, level)
    rows = []
    for name, method in methods.items():
        correlations = correlation(method.long, long.targets)
        difference = np.abs(count_crossings(method.long, level) - true_crossings)
        rows.append(
            [
                name,
                errors[name],
                f"{errors[name] / errors[PERSISTENCE]:.0%}",
                float(rmse(method.long, long.targets)),
                round(float(np.median(correlations)), 3),
                round(float(correlations.min()), 3),
                round(float(difference.mean()), 2),
            ]
        )
    unit = f" (in {series.unit})" if series.unit else ""
    measures = ["next value", "relative to persistence", f"{long.steps} steps"]
    measures += ["correlation, median", "minimum", "crossings, error"]
    report.table(
        ["method", *measures],
        rows,
        f"RMSE{unit} of the next value in the test split, and of {long.steps} steps of the long "
        "forecasts; correlation of the long forecasts with the true values; and the mean error in "
        f"the number of crossings of the mean, of which there are {true_crossings.mean():.1f}.",
    )
    if min(errors, key=lambda name: errors[name]) in (PERSISTENCE, LINEAR):
        report.text(
            "No network is better than the simple methods here: a network needs many examples, and "
            "test data that resembles the training data."
        )


def add_forecasts(report: Report, series: TimeSeries, long: LongHorizon, methods: Methods) -> None:
    """Add the first long forecast, and the error of all long forecasts by horizon."""
    report.section(f"{long.steps} steps ahead")
    first = {name: method.long[0] for name, method in methods.items()}
    report.figure(
        plots.forecast(long.inputs[0], long.targets[0], first, series.unit),
        "The first long forecast in the test split; it was not selected.",
    )
    errors = {name: rmse(method.long, long.targets, 0) for name, method in methods.items()}
    report.figure(
        plots.error_by_horizon(errors),
        f"RMSE of {len(long.origins)} long forecasts by the number of steps ahead.",
    )
