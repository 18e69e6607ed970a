"""Missing values in a series: told, filled from the past alone, or left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ..labels import count
from .series import Series, Values

Gaps = Literal["raise", "fill", "drop"]


def without_gaps(series: Series, gaps: Gaps) -> Series:
    """The series with its gaps seen to; with ``"drop"`` they stay, for the windows to avoid.

    Raises:
        DataError: for a gap that is not to be, or has nothing before it to fill it with; and for
            an infinite value.
    """
    infinite = np.argwhere(np.isinf(series.values))
    if infinite.size:
        row, column = map(int, infinite[0])
        raise DataError(
            f"{series.place(row)}: column {series.names[column]!r} is "
            f"{series.values[row, column]}. Replace what is infinite, or make it NaN, a gap."
        )
    missing = np.isnan(series.values)
    if not missing.any() or gaps == "drop":
        return series
    if gaps == "fill":
        return replace(series, values=_filled(series, np.flatnonzero(missing.any(0))))
    row, column = map(int, np.argwhere(missing)[0])
    rows = count(int(missing.any(1).sum()), "row")
    raise DataError(
        f"{series.place(row)}: column {series.names[column]!r} is missing; {rows} of "
        f"{len(missing):,} have such a gap. Repeat the last known value with gaps='fill', or leave "
        "out the windows that touch a gap with gaps='drop'."
    )


def _filled(series: Series, gappy: npt.NDArray[np.intp]) -> Values:
    """Each gap filled with the last value before it: what is known at that time, nothing later."""
    values = series.values.copy()
    for column in gappy:
        known = np.flatnonzero(~np.isnan(values[:, column]))
        if not known.size or known[0] > 0:
            first = f"cut off the first {known[0]:,} rows" if known.size else "leave it out"
            raise DataError(
                f"column {series.names[column]!r} begins with a gap, and nothing stands before it "
                f"to fill it with: {first}."
            )
        last = np.maximum.accumulate(
            np.where(np.isnan(values[:, column]), 0, np.arange(len(values)))
        )
        values[:, column] = values[last, column]
    return values
