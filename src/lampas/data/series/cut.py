"""Cut a series into windows, wherever it comes from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, unknown_name
from ..listing import count
from .csv_file import from_csv
from .gaps import Gaps, without_gaps
from .table import Name, Series, from_array, from_frame
from .windows import Windows


def windows(
    series: Any,
    length: int,
    horizon: int = 1,
    stride: int = 1,
    *,
    columns: Sequence[Name] | None = None,
    target: Name | Sequence[Name] | None = None,
    time: Name | None = None,
    gaps: Gaps = "raise",
) -> Windows:
    """Cut a series into examples: ``length`` steps to look at, the ``horizon`` after to forecast.

    Args:
        series: in the order of time: ``(rows,)``, ``(rows, columns)``, a pandas frame, or the path
            of a CSV file whose first line names the columns. Arrays of floating-point numbers are
            not copied, neither whole nor window by window.
        length: steps that the model looks at.
        horizon: steps that it forecasts.
        stride: steps from the begin of one window to the next.
        columns: those to look at, by name (of an array: by number); None for all but ``time``.
        target: the column to forecast, or a list of them; None for all that are looked at.
        time: the column with the time, which must rise: numbers, or dates with the year first. A
            frame with dates as its index needs none.
        gaps: missing values (NaN, an empty field): ``"raise"`` an error; ``"fill"`` with the last
            value known at that time; ``"drop"`` the windows that touch one.

    Returns:
        Windows with ``x (windows, length, features)`` and ``y (windows, horizon, targets)``; ``y``
        is ``(windows, horizon)``, as ``Dense(horizon)`` gives it, where one column is forecast: of
        a series ``(rows,)``, or by ``target="name"``.

    Raises:
        DataError: when the series is shorter than one window, has gaps, or time does not rise.
        ArgumentError: when an argument is not one of the above.
        FileError: when the file can not be read.
    """
    for name, value in (("length", length), ("horizon", horizon), ("stride", stride)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise ArgumentError(f"{name} must be 1 step or more, got {value!r}.")
    if gaps not in get_args(Gaps):
        raise unknown_name("gaps", gaps, get_args(Gaps))
    one = isinstance(target, str | int | np.integer)
    wanted: Any = [target] if one else target
    table = _read(series, None if columns is None else _union(columns, wanted or ()), time)
    features = tuple(table.names if columns is None else columns)
    targets = tuple(features if wanted is None else wanted)
    table = without_gaps(table.select(_union(features, targets)), gaps)
    forecast = table.select(targets).values
    return Windows(
        table.select(features).values,
        forecast[:, 0] if one or np.ndim(series) == 1 else forecast,
        length,
        horizon,
        _starts(table, length, horizon, stride),
        features,
        targets,
        table.time,
    )


def _read(series: Any, wanted: Sequence[Name] | None, time: Name | None) -> Series:
    """A table of at least the columns ``wanted``, or of all."""
    if isinstance(series, str | os.PathLike):
        return from_csv(Path(series).expanduser(), wanted, time)
    if hasattr(series, "to_frame"):
        series = series.to_frame()
    if hasattr(series, "iloc"):
        return from_frame(series, wanted, time)
    if time is not None:
        raise ArgumentError(
            f"time={time!r} names a column of a frame or of a file; the rows of an array are taken "
            "to be in the order of time."
        )
    return from_array(series)


def _union(names: Sequence[Name], others: Sequence[Name]) -> list[Name]:
    return [*names, *(name for name in others if name not in names)]


def _starts(table: Series, length: int, horizon: int, stride: int) -> npt.NDArray[np.intp]:
    """The first rows of the windows that touch no gap."""
    rows, span = len(table.values), length + horizon
    if rows < span:
        raise DataError(
            f"the series has {count(rows, 'row')}; one window needs {span:,}: length {length} + "
            f"horizon {horizon}. Take shorter windows, or a longer series."
        )
    starts = np.arange(0, rows - span + 1, stride)
    gaps = np.append(0, np.cumsum(np.isnan(table.values).any(1)))
    whole = starts[gaps[starts + span] == gaps[starts]]
    if not whole.size:
        raise DataError(
            f"each of the {len(starts):,} windows of {length} + {horizon} steps touches one of the "
            f"{gaps[-1]:,} rows with a gap. Take shorter windows, or gaps='fill'."
        )
    return whole
