"""A first look at a series: its time, its gaps, its season, and how far to look back and ahead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import ArgumentError, DataError, unknown_name
from ...data.listing import count
from ...data.series.csv_file import from_csv
from ...data.series.cut import windows
from ...data.series.table import Series
from ..amounts import amounts
from ..kind import Found, Settings, Wishes
from .series_columns import columns
from .series_found import left_out, reasons, warnings
from .series_script import NETWORKS, TEST, VALIDATION
from .series_season import season
from .series_spacing import spacing

FEWEST = 40
"""Rows that are needed."""
STEPS, EPOCHS = 25_000_000, (10, 60)
"""Steps that are read in a whole training, and epochs: fewer of a long series."""
AHEAD, BACK = 60, 256
"""Steps that are forecast, and looked at, at most unless asked for."""


def look(wishes: Wishes) -> Found:
    """What the series is, and what to make of it.

    Raises DataError, FileError or ArgumentError when it can not be learnt from.
    """
    _check(wishes)
    chosen = columns(wishes.path, wishes.time, wishes.target)
    table = from_csv(wishes.path, chosen.features, chosen.time)
    rows = len(table.values)
    if rows < FEWEST:
        raise DataError(
            f"{wishes.path} has {count(rows, 'row')}; a forecast is learnt from {FEWEST} or more: "
            f"the last {TEST:.0%} are kept back to judge it, and {VALIDATION:.0%} before to stop."
        )
    apart = None if table.time is None else spacing(table.time)
    learnt = table.values[: round(rows * (1 - VALIDATION - TEST))]
    table, never = _changing(table, learnt)
    again = season(_filled(learnt[:, 0]), apart.calendar if apart else ())
    settings = _settings(wishes, rows, again) | {
        "time": chosen.time,
        "target": chosen.target,
        "features": list(table.names),
        "spacing": None if apart is None else list(apart),
    }
    settings["deviation"] = _try(wishes.path, settings)
    why = tuple(reasons(wishes, table, apart, settings))
    beware = (*warnings(table, apart), *left_out(chosen.left_out, never))
    return Found("forecast", chosen.target, (), why, beware, settings)


def _check(wishes: Wishes) -> None:
    """Raise ArgumentError for a wish that says nothing of a series."""
    for option in ("group", "text", "columns", "size", "seconds"):
        if value := getattr(wishes, option):
            raise ArgumentError(f"{option}={value!r} says nothing of a series. Leave it out.")
    if wishes.task not in (None, "forecast"):
        raise ArgumentError(f"a series is forecast; task={wishes.task!r} can not be.")
    if wishes.model not in (None, *NETWORKS):
        raise unknown_name("network", str(wishes.model), NETWORKS)
    if wishes.path.suffix.lower() not in (".csv", ".tsv"):
        raise DataError(f"{wishes.path}: a series is read from a CSV file. Save it as one.")


def _settings(wishes: Wishes, rows: int, again: int) -> Settings:
    """How far to look back and ahead: a season or two, or a little where there is none.

    Penalty and dropout are small: a forecast is to be exact, not only on the right side.
    """
    part, usual = round(TEST * rows), amounts(rows)
    ahead = min(again or min(12, rows // 100), AHEAD, part // 3)
    horizon = wishes.horizon or max(1, ahead)
    back = (3 * again if again <= 20 else 2 * again) if again else max(16, 4 * horizon)
    length = wishes.length or max(2, min(back, BACK, rows // 6))
    return {
        "model": wishes.model or next(iter(NETWORKS)),
        **usual._asdict(),
        "l2": usual.l2 / 100,
        "dropout": 0.1,
        "epochs": int(np.clip(STEPS // (rows * length), *EPOCHS)),
        "patience": 8,
        # The linear map begins where it ends: how the error falls says little of the rate.
        "slowest": 2e-3,
        "fastest": 5e-3,
        "units": 32,
        "length": length,
        "horizon": horizon,
        "season": again,
    }


def _try(path: Path, settings: Settings) -> float:
    """How much the training part changes within a horizon: the error of the naive forecast.

    Raises DataError when the windows can not be cut and parted, before anything is written.
    """
    try:
        train = cut(path, settings).split(VALIDATION, TEST)[0]
        changes = float(np.sqrt(np.square(train.y - train.x[:, -1:, 0]).mean()))
        if not changes:
            raise DataError(f"{settings['target']!r} hardly ever changes: nothing can be learnt.")
        return changes
    except DataError as error:
        raise DataError(
            f"{path}: {error} It is to be forecast {count(settings['horizon'], 'step')} ahead from "
            f"{count(settings['length'], 'step')}."
        ) from error


def cut(path: Path, settings: Settings) -> Any:
    """The windows of a file of the same form."""
    return windows(
        path,
        settings["length"],
        settings["horizon"],
        columns=settings["features"],
        target=settings["target"],
        time=settings["time"],
        gaps="fill",
    )


def _changing(table: Series, learnt: np.ndarray) -> tuple[Series, list[Any]]:
    """The columns that ever change in the rows that are learnt from, and the names of the others.

    Raises DataError when what is forecast does not.
    """
    changes = [len(np.unique(column[np.isfinite(column)])) > 1 for column in learnt.T]
    target, *_ = table.names
    if not changes[0]:
        raise DataError(
            f"{target!r} never changes in the first {len(learnt):,} rows, those that are learnt "
            "from."
        )
    kept = [name for name, one in zip(table.names, changes, strict=True) if one]
    return table.select(kept), [name for name in table.names if name not in kept]


def _filled(values: np.ndarray) -> np.ndarray:
    """Gaps closed by straight lines, to look for a season."""
    known = np.flatnonzero(np.isfinite(values))
    return np.interp(np.arange(len(values)), known, values[known])
