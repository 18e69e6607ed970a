"""Missing values in a series: raise an error, fill them from the past, or skip them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ..labels import pluralize
from .series import Series, Values

Gaps = Literal["raise", "fill", "drop"]


def fill_missing(series: Series, gaps: Gaps) -> Series:
    """The series with its missing values filled.

    Args:
        series: series with NaN where a value is missing.
        gaps: ``"fill"`` repeats the last value before each gap; ``"drop"`` leaves the gaps, for
            the windows to avoid; ``"raise"`` raises an error.

    Raises:
        DataError: for a missing value with ``"raise"``, or without a value before it to fill it
            with; and for an infinite value.
    """
    infinite = np.argwhere(np.isinf(series.values))
    if infinite.size:
        row, column = map(int, infinite[0])
        raise DataError(
            f"{series.row_location(row)}: column {series.names[column]!r} is "
            f"{series.values[row, column]}. Replace infinite values, or make them NaN, a gap."
        )
    missing = np.isnan(series.values)
    if not missing.any() or gaps == "drop":
        return series
    if gaps == "fill":
        return replace(series, values=_forward_fill(series, np.flatnonzero(missing.any(0))))
    row, column = map(int, np.argwhere(missing)[0])
    rows = pluralize(int(missing.any(1).sum()), "row")
    raise DataError(
        f"{series.row_location(row)}: column {series.names[column]!r} is missing; {rows} of "
        f"{len(missing):,} have such a gap. Repeat the last value with gaps='fill', or leave out "
        "the windows that touch a gap with gaps='drop'."
    )


def _forward_fill(series: Series, columns: npt.NDArray[np.intp]) -> Values:
    """Fill each gap with the last value before it, which is available at that time."""
    values = series.values.copy()
    for column in columns:
        is_missing = np.isnan(values[:, column])
        present = np.flatnonzero(~is_missing)
        if not present.size or present[0] > 0:
            advice = f"cut off the first {present[0]:,} rows" if present.size else "leave it out"
            raise DataError(
                f"column {series.names[column]!r} begins with a gap, without a value before it to "
                f"fill it with: {advice}."
            )
        last = np.maximum.accumulate(np.where(is_missing, 0, np.arange(len(values))))
        values[:, column] = values[last, column]
    return values
