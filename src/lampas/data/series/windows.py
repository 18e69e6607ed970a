"""Windows of a series: some steps to look at, and the steps that follow, to be forecast.

Cut a series into windows, wherever it comes from.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ...core.errors import ArgumentError, DataError, unknown_name
from ..labels import count
from .missing import Gaps, without_gaps
from .series import Name, Series, Values, from_array, from_csv, from_frame


@dataclass(frozen=True, eq=False, repr=False)
class Windows:
    """Examples to learn a forecast from, in the order of time.

    Args:
        inputs: all of the series that is looked at, ``(rows, features)``.
        targets: all of the series that is forecast, ``(rows, targets)``; or ``(rows,)`` if it is
            one column.
        length: steps that are looked at.
        horizon: steps that are forecast.
        starts: the row in which each window begins, rising, ``(windows,)``.
        features: names of the inputs' columns.
        target: names of the targets' columns.
        time: of each row, ``(rows,)``, or None.
    """

    inputs: Values
    targets: Values
    length: int
    horizon: int
    starts: npt.NDArray[np.intp]
    features: tuple[Name, ...]
    target: tuple[Name, ...]
    time: npt.NDArray[Any] | None = None

    @property
    def x(self) -> Values:
        """What is looked at, ``(windows, length, features)``: a view where none is left out."""
        every = sliding_window_view(self.inputs, self.length, 0)
        return _rows(every, self.starts).swapaxes(1, 2)

    @property
    def y(self) -> Values:
        """What follows, ``(windows, horizon, targets)``; of one column ``(windows, horizon)``."""
        every = sliding_window_view(self.targets, self.horizon, 0)
        found = _rows(every, self.starts + self.length)
        return found.swapaxes(1, 2) if found.ndim == 3 else found

    @property
    def steps(self) -> npt.NDArray[np.intp]:
        """The row of each target, ``(windows, horizon)``: ``windows.time[windows.steps]``."""
        return self.starts[:, None] + self.length + np.arange(self.horizon)

    def split(self, validation: float = 0.2, test: float = 0.0) -> tuple[Windows, ...]:
        """Part by time: ``(train, validation)``, or ``(train, validation, test)``.

        The last share of the rows is the test part, the share before it the validation part. What
        a part forecasts lies wholly within it. What it looks at may lie before, as it will when the
        forecast is made; training sees no row of a later part. A part whose share is 0 is not
        there.

        Raises:
            ArgumentError: when the shares are no shares or leave nothing to train on.
            DataError: when a part would have no window.
        """
        if min(validation, test) < 0 or not 0 < validation + test < 1:
            raise ArgumentError(
                "the parts must be shares between 0 and 1 that leave some to train on, got "
                f"validation={validation:g} and test={test:g}."
            )
        first, last = int(self.starts[0]), int(self.starts[-1]) + self.length + self.horizon
        cuts = [last - round((last - first) * share) for share in (validation + test, test, 0)]
        shares = {"train": 1.0, "validation": validation, "test": test}
        bounds = zip(shares.items(), (first, *cuts), cuts, strict=False)
        return tuple(self._between(name, *rows) for (name, share), *rows in bounds if share)

    def _between(self, name: str, first: int, last: int) -> Windows:
        """The windows whose targets lie in the rows from ``first`` up to ``last``."""
        begin, end = self.starts + self.length, self.starts + self.length + self.horizon
        mine = self.starts[(begin >= first) & (end <= last)]
        if not mine.size:
            raise DataError(
                f"the {name} part, {count(last - first, 'row')} from row {first:,} on, has no "
                f"whole window of {self.length} + {self.horizon} steps to forecast in it. Give it "
                "a larger share, or take shorter windows."
            )
        return replace(self, starts=mine)

    def __len__(self) -> int:
        return len(self.starts)

    def __repr__(self) -> str:
        steps, ahead = count(self.length, "step"), count(self.horizon, "step")
        features, targets = count(len(self.features), "feature"), count(len(self.target), "target")
        return f"Windows({len(self):,}: {steps} of {features} -> {ahead} of {targets})"


def _rows(array: Values, rows: npt.NDArray[np.intp]) -> Values:
    """Some rows of an array: a view if they are evenly apart."""
    apart = int(rows[1] - rows[0]) if len(rows) > 1 else 1
    even = slice(int(rows[0]), int(rows[-1]) + 1, apart)
    return array[even] if (np.diff(rows) == apart).all() else array[rows]


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
