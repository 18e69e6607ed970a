"""Chirp: forecast a series with recurrent networks, one value ahead and a hundred.

Data -> windows, parted by time -> models -> fit -> report, in this order below.

The series that can be forecast: made, fetched, or a person's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...core.errors import DataError, unknown_name
from ...core.random import set_seed
from ...data.series import windows
from ...data.series.missing import without_gaps
from ...data.series.series import from_csv
from ...datasets.series import TimeSeries, chirp, sunspots, temperature
from ...evaluation.metrics import correlation, rmse
from ...train.progress_bar import Verbose
from ..runs.fingerprint import named
from ..runs.folder import run_folder, write_run
from ..runs.record import begin, recorded
from .chirp_methods import LINEAR, NETWORKS, PERSISTENCE, learn, linear, look_far, persistence
from .chirp_report import tell

VALIDATION = TEST = 0.2


class Result(NamedTuple):
    """The network that did best on the validation part, how it does on the test part, the report.

    ``error`` is that of the next value, as is persistence's; ``correlation`` is the median of the
    forecasts far ahead with what came true.
    """

    best: str
    error: float
    persistence: float
    correlation: float
    report: Path


@recorded("chirp")
def run(
    data: str = "chirp",
    epochs: int | None = None,
    batch_size: int = 64,
    length: int | None = None,
    horizon: int | None = None,
    target: str | None = None,
    time: str | None = None,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Train SimpleRNN, GRU and LSTM on one series and compare them with two simple forecasts.

    Args:
        data: ``"chirp"``, ``"sunspots"``, ``"temperature"``, or the path of a CSV file.
        epochs: how often to go through the training windows; None for what suits the series.
        batch_size: windows a step.
        length: steps that are looked at, None likewise.
        horizon: steps that are forecast at once, None likewise.
        target: the column of the file to forecast, where it has several.
        time: the column of the file with the time, which must rise.
        seed: decides everything random.
        out: folder of the run.
        verbose: as of ``Model.fit``.

    Raises:
        UnknownNameError: when ``data`` is neither a name nor a file.
        DataError: when the series is too short, or the file holds none.
        FileError: when the file can not be read, or the run's folder not be written to.
        DatasetError: when the series can not be fetched.
    """
    folder = run_folder(out, "chirp")
    series = find_series(data, target, time, seed)
    usual = KNOWN.get(data, OTHER)
    cut = windows(series.values, length or usual.length, horizon or usual.horizon)
    train, validation, test = cut.split(VALIDATION, TEST)
    far = look_far(series, test)
    begin(folder, named(data, KNOWN), series.values)

    set_seed(seed)
    said = {
        PERSISTENCE: persistence(test.x[..., 0], far.before, far.steps),
        LINEAR: linear(train, test.x[..., 0], far.before, far.steps),
    }
    learnt = {
        kind: learn(
            kind, train, validation, test.x[..., 0], far.before, far.steps,
            epochs or usual.epochs, batch_size, verbose,
        )
        for kind in NETWORKS
    }  # fmt: skip
    said |= {kind: found.forecasts for kind, found in learnt.items()}

    best = min(learnt, key=lambda kind: min(learnt[kind].history.history["val_loss"]))
    report = tell(series, (train, validation, test), far, said, learnt, best)
    for kind, found in learnt.items():
        found.history.write_csv(folder / f"history-{kind.lower()}.csv")
    written = write_run(folder, report, learnt[best].model, learnt[best].history)
    truth = test.y[:, 0]
    return Result(
        best,
        float(rmse(said[best].following, truth)),
        float(rmse(said[PERSISTENCE].following, truth)),
        float(np.median(correlation(said[best].ahead, far.truth))),
        written,
    )


class Usual(NamedTuple):
    """What suits a series: steps to look at, steps to forecast at once, epochs."""

    length: int
    horizon: int
    epochs: int


KNOWN = {
    "chirp": Usual(64, 25, 50),
    "sunspots": Usual(33, 11, 200),
    "temperature": Usual(48, 24, 15),
}
OTHER = Usual(48, 12, 50)


def find_series(data: str, target: str | None, time: str | None, seed: int) -> TimeSeries:
    """The series of that name, or the column ``target`` of the CSV file at that path.

    Raises:
        UnknownNameError: for a name that is neither known nor a file.
        DataError: when the file has several columns and none is named, or one that holds no series.
        DatasetError: when the series can not be fetched.
    """
    if data == "chirp":
        return chirp(seed=seed)
    if data in KNOWN:
        return sunspots() if data == "sunspots" else temperature()
    path = Path(data).expanduser()
    if not path.exists():
        raise unknown_name("series (there is no such file either)", data, KNOWN)
    return _own(path, target, time)


def _own(path: Path, target: str | None, time: str | None) -> TimeSeries:
    table = from_csv(path, None if target is None else [target], time)
    if len(table.names) > 1:
        names = ", ".join(map(str, table.names))
        raise DataError(f"{path} has the columns {names}: say which to forecast with --target.")
    missing = int(np.isnan(table.values).sum())
    filled = f"; {missing:,} missing values repeat the one before them" if missing else ""
    values = without_gaps(table, "fill").values[:, 0]
    return TimeSeries(
        path.stem,
        values.astype(np.float32),
        np.arange(len(values)) if table.time is None else table.time,
        str(table.names[0]),
        f"column {table.names[0]} of {path}{filled}",
    )
