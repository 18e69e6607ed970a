"""Cells of a table as numbers: one rule each for numbers, dates, yes or no, and names of things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError

if TYPE_CHECKING:
    from pandas import Series

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]
YES, NO = ("true", "yes", "y", "t", "1", "1.0"), ("false", "no", "n", "f", "0", "0.0")
_TRUTHS = dict.fromkeys(YES, 1.0) | dict.fromkeys(NO, 0.0)
_DAY = np.timedelta64(1, "D") / np.timedelta64(1, "us")


def numbers(column: Series) -> Floats:
    """Numbers ``(n,)``, NaN where there is none. Raises DataError for a cell that is no number."""
    import pandas

    found = np.array(pandas.to_numeric(column, errors="coerce"), np.float64)
    _refuse(column, np.isnan(found), "number")
    found[~np.isfinite(found)] = np.nan
    return found


def truths(column: Series) -> Floats:
    """1 for yes, 0 for no, NaN for none, ``(n,)``. Raises DataError for a cell that is neither."""
    words = column.map(lambda cell: str(cell).strip().lower(), na_action="ignore")
    found = np.array(words.map(_TRUTHS), np.float64)
    _refuse(column, np.isnan(found), "yes or no")
    return found


def moments(column: Series) -> Floats:
    """Days since 1970, ``(n,)``, NaN for none. Raises DataError for a cell that is no date."""
    import pandas

    if column.dtype.kind == "M":
        found = column
    else:
        found = pandas.to_datetime(column, errors="coerce", format="mixed", utc=True)
    if getattr(found.dtype, "tz", None) is not None:
        found = found.dt.tz_convert(None)
    _refuse(column, found.isna().to_numpy(), "date")
    stamps = found.to_numpy("datetime64[us]")
    days: Floats = stamps.astype(np.int64) / _DAY
    days[np.isnat(stamps)] = np.nan
    return days


def names(column: Series) -> Texts:
    """Texts ``(n,)``, None for none; a whole number is written without a point."""
    empty = column.isna().to_numpy()
    return np.array(
        [None if none else _name(c) for c, none in zip(column, empty, strict=True)], "O"
    )


def _name(cell: Any) -> str:
    whole = isinstance(cell, float | np.floating) and float(cell).is_integer()
    return str(int(cell)) if whole else str(cell).strip()


def _refuse(column: Series, unread: npt.NDArray[np.bool_], what: str) -> None:
    """Raise DataError for the first cell that is there and could not be read."""
    wrong = np.flatnonzero(unread & column.notna().to_numpy())
    if not wrong.size:
        return
    row = column.index[wrong[0]]
    place = f"{column.index.name or 'row'} {row}"
    more = f", and so are {wrong.size - 1:,} more" if wrong.size > 1 else ""
    raise DataError(
        f"{place}: {column.iloc[wrong[0]]!r} in the column {column.name!r} is no {what}{more}. "
        "Mend such cells, or leave them empty."
    )
