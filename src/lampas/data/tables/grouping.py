"""The group and time columns that control how rows are split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError
from ...parsing.columns import FactorizedColumn, factorize
from ...parsing.dates import date_format, parse_dates
from ...parsing.numbers import number_format, parse_numbers
from .column_types import get_column
from .read import row_location

if TYPE_CHECKING:
    import pandas as pd


def split_keys(
    frame: pd.DataFrame, group: str | None, time: str | None
) -> tuple[npt.NDArray[np.intp] | None, npt.NDArray[Any] | None]:
    """The group and the time of each row, ``(n,)``; None if the rows are not split by it.

    Raises:
        ArgumentError: when both are named.
        DataError: when a column does not exist, has missing values, or does not hold times.
    """
    if group is not None and time is not None:
        raise ArgumentError(f"split by the group {group!r} or by the time {time!r}, not by both.")
    groups = None if group is None else _complete_column(frame, group, "group").codes
    return groups, None if time is None else _parse_times(frame, time)


def _complete_column(frame: pd.DataFrame, name: str, role: str) -> FactorizedColumn:
    """The cells of a column; raises DataError if some are missing."""
    cells = factorize(get_column(frame, name))
    if cells.missing:
        raise DataError(
            f"{row_location(frame, int(np.argmax(cells.codes < 0)))}: the {role} {name!r} is empty "
            f"({cells.missing:,} rows in all). Fill it in, or remove those rows."
        )
    return cells


def _parse_times(frame: pd.DataFrame, name: str) -> npt.NDArray[Any]:
    cells = _complete_column(frame, name, "time")
    if (format := number_format(cells.values)) is not None:
        return cells.expand(parse_numbers(cells.values, format), np.nan)
    if format := date_format(cells.values):
        return cells.expand(parse_dates(cells.values, format), np.datetime64("NaT"))
    raise DataError(
        f"the time {name!r} of {frame.attrs['path']} holds neither dates nor numbers, such as "
        f"{cells.values[0]!r}. Write dates as 2026-01-31."
    )
