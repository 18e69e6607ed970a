"""Cut a series into windows: past steps as inputs, and the steps that follow as targets."""

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
from ..labels import pluralize
from .missing import Gaps, fill_missing
from .series import Formats, Name, Series, Values, from_array, from_csv, from_frame


@dataclass(frozen=True, eq=False, repr=False)
class Windows:
    """Examples to train a forecast on, in the order of time.

    Args:
        inputs: the input columns of the whole series, ``(rows, features)``.
        targets: the target columns of the whole series, ``(rows, targets)``; or ``(rows,)`` if it
            is one column.
        length: input steps of a window.
        horizon: steps to forecast.
        starts: the row in which each window begins, increasing, ``(windows,)``.
        features: names of the inputs' columns.
        target: names of the targets' columns.
        time: time of each row, ``(rows,)``, or None.
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
        """The inputs, ``(windows, length, features)``; a view if the windows are evenly spaced."""
        windows = sliding_window_view(self.inputs, self.length, 0)
        return _select_rows(windows, self.starts).swapaxes(1, 2)

    @property
    def y(self) -> Values:
        """The targets, ``(windows, horizon, targets)``; ``(windows, horizon)`` for one column."""
        windows = sliding_window_view(self.targets, self.horizon, 0)
        selected = _select_rows(windows, self.starts + self.length)
        return selected.swapaxes(1, 2) if selected.ndim == 3 else selected

    @property
    def steps(self) -> npt.NDArray[np.intp]:
        """The row of each target, ``(windows, horizon)``: ``windows.time[windows.steps]``."""
        return self.starts[:, None] + self.length + np.arange(self.horizon)

    def split(self, validation: float = 0.2, test: float = 0.0) -> tuple[Windows, ...]:
        """Split by time: ``(train, validation)``, or ``(train, validation, test)``.

        The last share of the rows is the test split, the share before it the validation split. The
        targets of a split lie wholly within it. Its inputs may lie before it, as they will when the
        forecast is made; training sees no row of a later split. A split with a share of 0 is left
        out.

        Args:
            validation: share of the rows in the validation split.
            test: share of the rows in the test split.

        Raises:
            ArgumentError: when the shares are not between 0 and 1 or leave nothing to train on.
            DataError: when a split would have no window.
        """
        if min(validation, test) < 0 or not 0 < validation + test < 1:
            raise ArgumentError(
                "the shares of the splits must be between 0 and 1 and leave some rows to train "
                f"on, got validation={validation:g} and test={test:g}."
            )
        first, last = int(self.starts[0]), int(self.starts[-1]) + self.length + self.horizon
        cuts = [last - round((last - first) * share) for share in (validation + test, test, 0)]
        shares = {"train": 1.0, "validation": validation, "test": test}
        bounds = zip(shares.items(), (first, *cuts), cuts, strict=False)
        return tuple(self._between(name, *rows) for (name, share), *rows in bounds if share)

    def _between(self, name: str, first: int, last: int) -> Windows:
        """The windows whose targets lie in the rows from ``first`` up to ``last``."""
        begin, end = self.starts + self.length, self.starts + self.length + self.horizon
        starts = self.starts[(begin >= first) & (end <= last)]
        if not starts.size:
            raise DataError(
                f"the {name} split, {pluralize(last - first, 'row')} from row {first:,} on, has no "
                f"window of {self.length} + {self.horizon} steps with all of its targets. Use a "
                "larger share, or shorter windows."
            )
        return replace(self, starts=starts)

    def __len__(self) -> int:
        return len(self.starts)

    def __repr__(self) -> str:
        steps, ahead = pluralize(self.length, "step"), pluralize(self.horizon, "step")
        features = pluralize(len(self.features), "feature")
        targets = pluralize(len(self.target), "target")
        return f"Windows({len(self):,}: {steps} of {features} -> {ahead} of {targets})"


def _select_rows(array: Values, rows: npt.NDArray[np.intp]) -> Values:
    """Some rows of an array: a view if they are evenly spaced."""
    step = int(rows[1] - rows[0]) if len(rows) > 1 else 1
    even = slice(int(rows[0]), int(rows[-1]) + 1, step)
    return array[even] if (np.diff(rows) == step).all() else array[rows]


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
    formats: Formats | None = None,
) -> Windows:
    """Cut a series into examples: ``length`` input steps, and the ``horizon`` after to forecast.

    Args:
        series: rows in the order of time: ``(rows,)``, ``(rows, columns)``, a pandas frame, or a
            CSV file whose first line names the columns. Arrays of floating-point numbers are
            not copied, neither as a whole nor per window.
        length: input steps of the model.
        horizon: steps that it forecasts.
        stride: steps from the start of one window to the start of the next.
        columns: the inputs, by name (of an array: by index); None for all but ``time``.
        target: the column to forecast, or a list of them; None for all inputs.
        time: the column with the time, which must increase: numbers or dates. A frame with dates
            as its index needs none.
        gaps: missing values (NaN, an empty field): ``"raise"`` an error; ``"fill"`` with the last
            value before them; ``"drop"`` the windows that touch one.
        formats: formats of texts by column, of numbers in a file and of times in a file or a
            frame, where they are not the plain ones: ``{"price": "1.234,5", "day": "%d/%m/%Y"}``;
            None to infer them.

    Returns:
        Windows with ``x (windows, length, features)`` and ``y (windows, horizon, targets)``; ``y``
        is ``(windows, horizon)``, the shape of the output of ``Dense(horizon)``, where one column
        is forecast: of a series ``(rows,)``, or with ``target="name"``.

    Raises:
        DataError: when the series is shorter than one window, has gaps, or time does not
            increase.
        ArgumentError: when an argument is not one of the above.
        FileError: when the file cannot be read.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> examples = lp.data.windows(np.arange(100.0), length=10, horizon=2)
        >>> examples.x.shape, examples.y.shape
        ((89, 10, 1), (89, 2))
        >>> train, validation = examples.split(validation=0.2)
        >>> len(train), len(validation)
        (69, 19)
    """
    for name, value in (("length", length), ("horizon", horizon), ("stride", stride)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise ArgumentError(f"{name} must be 1 step or more, got {value!r}.")
    if gaps not in get_args(Gaps):
        raise unknown_name("gaps", gaps, get_args(Gaps))
    single_target = isinstance(target, str | int | np.integer)
    target_names: Any = [target] if single_target else target
    names = None if columns is None else _union(columns, target_names or ())
    table = _read(series, names, time, formats)
    features = tuple(table.names if columns is None else columns)
    targets = tuple(features if target_names is None else target_names)
    table = fill_missing(table.select(_union(features, targets)), gaps)
    x, y = table.select(features).values, table.select(targets).values
    if single_target or np.ndim(series) == 1:
        y = y[:, 0]
    starts = _starts(table, length, horizon, stride)
    return Windows(x, y, length, horizon, starts, features, targets, table.time)


def _read(
    series: Any, columns: Sequence[Name] | None, time: Name | None, formats: Formats | None
) -> Series:
    """A series of at least these columns, or of all."""
    if isinstance(series, str | os.PathLike):
        return from_csv(Path(series).expanduser(), columns, time, formats)
    if hasattr(series, "to_frame"):
        series = series.to_frame()
    if hasattr(series, "iloc"):
        return from_frame(series, columns, time, formats)
    if time is not None:
        raise ArgumentError(
            f"time={time!r} names a column of a frame or of a file; the rows of an array must "
            "be in the order of time."
        )
    return from_array(series)


def _union(names: Sequence[Name], more: Sequence[Name]) -> list[Name]:
    return [*names, *(name for name in more if name not in names)]


def _starts(table: Series, length: int, horizon: int, stride: int) -> npt.NDArray[np.intp]:
    """The first rows of the windows that touch no gap."""
    rows, span = len(table.values), length + horizon
    if rows < span:
        raise DataError(
            f"the series has {pluralize(rows, 'row')}; one window needs {span:,}: length {length} "
            f"+ horizon {horizon}. Use shorter windows, or a longer series."
        )
    starts = np.arange(0, rows - span + 1, stride)
    gaps = np.append(0, np.cumsum(np.isnan(table.values).any(1)))
    complete = starts[gaps[starts + span] == gaps[starts]]
    if not complete.size:
        raise DataError(
            f"each of the {len(starts):,} windows of {length} + {horizon} steps touches one of the "
            f"{gaps[-1]:,} rows with a gap. Use shorter windows, or gaps='fill'."
        )
    return complete
