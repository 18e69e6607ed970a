"""Time series: forecast with recurrent networks, one value and a hundred values ahead.

The file follows the order data, windows, models, fit, report.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ... import DataError, set_seed
from ...core.errors import unknown_name
from ...data import windows
from ...data.series.missing import fill_missing
from ...data.series.series import from_csv
from ...datasets.series import TimeSeries, chirp, sunspots, temperature
from ...evaluation.forecast_baselines import PERSISTENCE
from ...evaluation.metrics import correlation
from ...evaluation.types import Splits
from ...train.progress_bar import Verbose
from ..runs.fingerprint import name_or_path
from ..runs.folder import run_folder, write_run
from ..runs.options import OptionalPositive, Positive
from ..runs.record import record_run, start_run
from .chirp_methods import NETWORKS, baselines, long_horizon_windows, next_value_errors, train_model
from .chirp_report import build_report

VALIDATION = TEST = 0.2


class SeriesDefaults(NamedTuple):
    """Defaults for a series: length of the input windows, forecast horizon, epochs."""

    length: int
    horizon: int
    epochs: int


DEFAULTS = {
    "chirp": SeriesDefaults(64, 25, 50),
    "sunspots": SeriesDefaults(33, 11, 200),
    "temperature": SeriesDefaults(48, 24, 15),
}
FILE_DEFAULTS = SeriesDefaults(48, 12, 50)


class Result(NamedTuple):
    """The network with the best validation loss, its errors on the test split, path of the report.

    ``error`` and ``persistence`` are the RMSE of the next value; ``correlation`` is the median
    correlation of the long forecasts with the true values.
    """

    best: str
    error: float
    persistence: float
    correlation: float
    report: Path

    def __str__(self) -> str:
        return (
            f"RMSE of the next value: {self.best} {self.error:.4g}, "
            f"persistence {self.persistence:.4g}\n"
            f"long forecasts: median correlation {self.correlation:.3f}"
        )


@record_run("chirp")
def run(
    data: str = "chirp",
    epochs: OptionalPositive = None,
    batch_size: Positive = 64,
    length: OptionalPositive = None,
    horizon: OptionalPositive = None,
    target: str | None = None,
    time: str | None = None,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Forecast a time series with SimpleRNN, GRU and LSTM, compared with two simple methods.

    Args:
        data: ``"chirp"``, ``"sunspots"``, ``"temperature"``, or the path of a CSV file.
        epochs: number of passes over the training windows; the default depends on the series.
        batch_size: windows per step.
        length: steps of an input window; the default depends on the series.
        horizon: steps that are forecast at once; the default depends on the series.
        target: column of the file to forecast, if it has several.
        time: column of the file with the time, which must increase.
        seed: seed of all random numbers.
        out: folder of the run; by default the next free runs/chirp.
        verbose: see ``Model.fit``.

    Raises:
        UnknownNameError: when ``data`` is neither a name nor a file.
        DataError: when the series is too short, or the file does not contain one.
        FileError: when the file cannot be read, or the run's folder cannot be written to.
        DatasetError: when the series cannot be downloaded.
    """
    folder = run_folder(out, "chirp")
    series = load_series(data, target, time, seed)
    defaults = DEFAULTS.get(data, FILE_DEFAULTS)
    samples = windows(series.values, length or defaults.length, horizon or defaults.horizon)
    splits = Splits(*samples.split(VALIDATION, TEST))
    long = long_horizon_windows(series, splits.test)
    start_run(folder, name_or_path(data, DEFAULTS), series.values)

    set_seed(seed)
    epochs = epochs or defaults.epochs
    networks = {
        kind: train_model(kind, splits, long, epochs, batch_size, verbose) for kind in NETWORKS
    }
    forecasts = baselines(splits, long) | {k: network.forecasts for k, network in networks.items()}
    best = min(networks, key=lambda kind: min(networks[kind].history.history["val_loss"]))
    report = build_report(series, splits, long, forecasts, networks, best)
    for kind, network in networks.items():
        network.history.write_csv(folder / f"history-{kind.lower()}.csv")
    written = write_run(folder, report, networks[best].model, networks[best].history)
    errors = next_value_errors(forecasts, splits.test)
    median = float(np.median(correlation(forecasts[best].long, long.targets)))
    return Result(best, errors[best], errors[PERSISTENCE], median, written)


def load_series(data: str, target: str | None, time: str | None, seed: int) -> TimeSeries:
    """Load the series of that name, or the column ``target`` of the CSV file at that path.

    Raises:
        UnknownNameError: when ``data`` is neither a name nor a file.
        DataError: when the file has several columns and no ``target``, or contains no series.
        DatasetError: when the series cannot be downloaded.
    """
    if data == "chirp":
        return chirp(seed=seed)
    if data in DEFAULTS:
        return sunspots() if data == "sunspots" else temperature()
    path = Path(data).expanduser()
    if not path.exists():
        raise unknown_name("series (there is no such file either)", data, DEFAULTS)
    table = from_csv(path, None if target is None else [target], time)
    if len(table.names) > 1:
        names = ", ".join(map(str, table.names))
        raise DataError(f"{path} has the columns {names}: choose one with --target.")
    missing = int(np.isnan(table.values).sum())
    note = f"; {missing:,} missing values were replaced by the previous value" if missing else ""
    values = fill_missing(table, "fill").values[:, 0].astype(np.float32)
    rows, name = np.arange(len(values)) if table.time is None else table.time, str(table.names[0])
    return TimeSeries(path.stem, values, rows, name, f"column {name} of {path}{note}")
