"""Chirp: forecast a series with recurrent networks, one value ahead and a hundred.

Data -> windows, parted by time -> models -> fit -> report, in this order below.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..core.seed import set_seed
from ..data.series import windows
from ..train.progress import Verbose
from .chirp_data import KNOWN, OTHER, find_series
from .chirp_far import look_far
from .chirp_measures import correlation, rmse
from .chirp_methods import LINEAR, NETWORKS, PERSISTENCE, learn, linear, persistence
from .chirp_report import tell
from .fingerprint import named
from .folder import run_folder, write_run
from .record import begin, recorded

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


@recorded
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
