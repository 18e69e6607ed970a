"""Windows of a series: some steps to look at, and the steps that follow, to be forecast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ...core.errors import ArgumentError, DataError
from ..listing import count
from .table import Name, Values


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
