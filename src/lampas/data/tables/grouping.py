"""What a split goes by, where it is not chance: groups of rows, or their time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError
from ...parsing.dates import date_form, dates
from ...parsing.numbers import number_form, numbers
from .cells import Cells, cells
from .column_types import column
from .read import place

if TYPE_CHECKING:
    import pandas as pd


class Apart(NamedTuple):
    """The group and the time of each row, ``(n,)``; None where the split does not go by it."""

    groups: npt.NDArray[np.intp] | None
    times: npt.NDArray[Any] | None


def apart(frame: pd.DataFrame, group: str | None, time: str | None) -> Apart:
    """What the columns of that name say.

    Raises:
        ArgumentError: for both a group and a time.
        DataError: when the column is not there, has gaps, or is no time.
    """
    if group is not None and time is not None:
        raise ArgumentError(f"split by the group {group!r} or by the time {time!r}, not by both.")
    return Apart(
        None if group is None else _whole(frame, group, "group").codes,
        None if time is None else _times(frame, time),
    )


def _whole(frame: pd.DataFrame, name: str, what: str) -> Cells:
    found = cells(column(frame, name))
    if found.missing:
        raise DataError(
            f"{place(frame, int(np.argmax(found.codes < 0)))}: the {what} {name!r} is empty "
            f"({found.missing:,} rows in all). Fill it in, or remove those rows."
        )
    return found


def _times(frame: pd.DataFrame, name: str) -> npt.NDArray[Any]:
    found = _whole(frame, name, "time")
    if (form := number_form(found.words)) is not None:
        return found.spread(numbers(found.words, form), np.nan)
    if form := date_form(found.words):
        return found.spread(dates(found.words, form), np.datetime64("NaT"))
    raise DataError(
        f"the time {name!r} of {frame.attrs['path']} has neither dates nor numbers, such as "
        f"{found.words[0]!r}. Write dates as 2026-01-31."
    )
