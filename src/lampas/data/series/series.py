"""Series: numbers in the order of time, from an array, a data frame or a CSV file."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, format_shape, unknown_name
from ...parsing.columns import BOOLEAN, parse_numeric, read_as_missing
from ...parsing.csv import read_csv
from ...parsing.dates import date_warning, parse_timestamps, timestamp_format
from ...parsing.missing import is_missing_value
from ...parsing.numbers import bound_numbers, decimal_sign, number_warning
from ..labels import format_list
from ..memory_file import FilePath

Values = npt.NDArray[np.floating[Any]]
Name = Hashable
"""Name of a column, or its index where there are no names."""
SEVERAL_SERIES = 0.5
"""Minimum share of times that repeat in a table of several series."""
Formats = Mapping[str, str]
"""Number and time formats by column, for columns that are not in the plain format."""


@dataclass(frozen=True, eq=False)
class Series:
    """Numbers in the order of time.

    Args:
        values: ``(rows, columns)``, floating point; NaN where a value is missing.
        names: names of the columns.
        time: time of each row, increasing, ``(rows,)``: numbers or ``datetime64``; None if unknown.
        row_location: describes a row in messages: ``"row 7"``, ``"line 9 of a.csv"``.
        formats: number and time formats by column, for columns of a file that are not in the
            plain format.
    """

    values: Values
    names: tuple[Name, ...]
    time: npt.NDArray[Any] | None = None
    row_location: Callable[[int], str] = "row {}".format
    formats: Formats = field(default_factory=dict)

    def select(self, names: Sequence[Name]) -> Series:
        """The columns with these names; the values are a view if all are selected in order.

        Raises:
            UnknownNameError: for a name that no column has.
            ArgumentError: for no name at all, or one twice.
        """
        if not names or len(set(names)) < len(names):
            raise ArgumentError(f"name one column or more, each once, got {list(names)}.")
        for name in names:
            if name not in self.names:
                raise unknown_name("column", name, map(str, self.names))
        if tuple(names) == self.names:
            return self
        columns = [self.names.index(name) for name in names]
        return replace(self, values=self.values[:, columns], names=tuple(names))


def from_array(array: Any) -> Series:
    """An array or a list, ``(rows,)`` or ``(rows, columns)``; not copied if floating point.

    Raises:
        DataError: when it does not hold numbers, or has another number of axes.
    """
    try:
        values = np.asarray(array)
    except ValueError as error:
        raise DataError(f"rows of different lengths are not a series: {error}.") from error
    if values.ndim not in (1, 2):
        raise DataError(
            "a series is (rows,) or (rows, columns), rows in the order of time, got "
            f"{format_shape(values.shape)}."
        )
    if values.dtype.kind not in "fiub":
        raise DataError(
            f"a series is made of numbers, got an array of dtype {values.dtype}. Leave out columns "
            "of text or time, or pass a data frame and choose with columns=."
        )
    if values.dtype.kind != "f":
        values = values.astype(np.float32)
    table = values[:, None] if values.ndim == 1 else values
    return Series(table, tuple(range(table.shape[1])))


def from_frame(
    frame: Any,
    columns: Sequence[Name] | None,
    time: Name | None,
    formats: Formats | None = None,
) -> Series:
    """The ``columns`` of a pandas frame, or all; its time is a column or an index of dates.

    Args:
        frame: the frame.
        columns: names of those to read; None for all.
        time: name of the column with the times, if any; its texts are read as those of files.
        formats: as in `from_csv`.

    Raises:
        UnknownNameError: for a column that does not exist.
        DataError: when a column does not hold numbers, two have one name, or time does not
            increase.
    """
    if repeated := [name for name, count in Counter(frame.columns).items() if count > 1]:
        raise DataError(f"the frame has two columns named {repeated[0]!r}. Give one another name.")
    names = [name for name in frame.columns if name != time] if columns is None else list(columns)
    for name in names if time is None else [*names, time]:
        if name not in frame.columns:
            raise unknown_name("column", name, map(str, frame.columns))
    texts = [name for name in names if frame[name].dtype.kind not in "fiub"]
    if texts:
        raise DataError(
            f"the column {texts[0]!r} does not hold numbers but {frame[texts[0]].dtype}. Choose "
            "others with columns=, or the time with time=; the frame has "
            f"{format_list(map(repr, frame.columns), 10)}."
        )
    values = bound_numbers(frame[names].to_numpy(dtype=np.float64, na_value=np.nan))
    infinite = np.isinf(values)
    for number, name in enumerate(names):
        read_as_missing(name, frame[name].array, infinite[:, number], "row {}".format)
    values = np.where(infinite, np.nan, values) if infinite.any() else values
    recognized: dict[str, str] = dict(formats or {})
    times = _frame_times(frame, time, formats, recognized)
    return check_increasing(Series(values, tuple(names), times, formats=recognized))


def from_csv(
    file: FilePath,
    columns: Sequence[Name] | None,
    time: Name | None,
    formats: Formats | None = None,
) -> Series:
    """The ``columns``, or all but ``time``, of a CSV file whose first line names them.

    Booleans become 1 and 0, and an empty field is a missing value.

    Args:
        file: a path, or a file in memory; see `lampas.parsing.csv.read_csv`.
        columns: names of those to read; None for all.
        time: name of the column with the times, if any.
        formats: as in `Series.formats` of another file; None to infer them, with a warning where
            numbers or dates may be read in two ways.

    Raises:
        FileError: when the file cannot be read.
        UnknownNameError: for a column that does not exist.
        DataError: when a field is not a number, a row is too short or too long, two columns have
            one name, or time does not increase.
    """
    table = read_csv(file)
    names = [name for name in table.names if name != time] if columns is None else list(columns)
    for name in names if time is None else [*names, time]:
        if name not in table.names:
            raise unknown_name(f"column of {file}:", name, table.names)
    if not table.rows:
        raise DataError(f"{file} has no rows below its first line.")
    row_location = partial(_line_location, file, table.lines)
    fields = dict(zip(table.names, zip(*table.rows, strict=True), strict=True))
    recognized: dict[str, str] = dict(formats or {})
    decimal = decimal_sign(map(_distinct, fields.values()))
    values = np.empty((len(table.rows), len(names)))
    for number, name in enumerate(map(str, names)):
        format = None if formats is None else formats.get(name, "")
        values[:, number], invalid, format = parse_numeric(fields[name], format, decimal)
        if invalid.any():
            row = int(np.argmax(invalid))
            raise DataError(
                f"{row_location(row)}: {fields[name][row]!r} in {name!r} is not a number. Choose "
                "other columns with columns=, or the time with time=; the file has "
                f"{format_list(map(repr, table.names), 10)}."
            )
        infinite = np.isinf(values[:, number])
        read_as_missing(name, fields[name], infinite, row_location)
        values[infinite, number] = np.nan
        if formats is None and format != BOOLEAN:
            _warn(number_warning(name, _distinct(fields[name]), format, decimal))
        if formats is None and format:
            recognized[name] = format
    times = None
    if time is not None:
        times = _parse_times(fields[str(time)], str(time), row_location, formats, recognized)
    return check_increasing(Series(values, tuple(names), times, row_location, recognized))


def check_increasing(series: Series) -> Series:
    """The series, if each row is later than the one before it, or the times are unknown.

    Raises:
        DataError: names the first row that is not.
    """
    if (time := series.time) is None:
        return series
    wrong = np.flatnonzero(~(time[1:] > time[:-1]))
    if not wrong.size:
        return series
    row = int(wrong[0]) + 1
    before, here = (str(time[i]).removesuffix(".000000") for i in (row - 1, row))
    raise DataError(
        f"{series.row_location(row)} has the time {here}, which is not after {before} of the row "
        f"before it{f'; so it is in {wrong.size:,} rows' if wrong.size > 1 else ''}. "
        f"{_order_advice(time)}"
    )


def _order_advice(time: npt.NDArray[Any]) -> str:
    """What to do about times that do not increase from row to row."""
    distinct, counts = np.unique(time, return_counts=True)
    steps = np.diff(time.astype("datetime64[us]").astype(float) if time.dtype.kind == "M" else time)
    if len(distinct) == len(time):
        backwards = "The rows run backwards in time: " if (steps < 0).all() else ""
        return f"{backwards}{'s' if backwards else 'S'}ort the series by time."
    repeated = int((counts > 1).sum())
    share = f"{repeated:,} of {len(distinct):,} times repeat"
    if repeated >= SEVERAL_SERIES * len(distinct):
        return (
            f"{share}, so the rows seem to be those of several series: put each into a file of its "
            "own, or sum or average the rows of each time."
        )
    return f"{share}: keep one row per time, such as their mean, and sort the rows by time."


def _parse_times(
    texts: Sequence[str],
    name: str,
    row_location: Callable[[int], str],
    formats: Formats | None,
    recognized: dict[str, str],
) -> npt.NDArray[Any]:
    """Times in their format, which is added to the recognized ones if it is inferred."""
    format = timestamp_format(texts) if formats is None else formats.get(name, "")
    if format and formats is None:
        recognized[name] = format
        _warn(date_warning(name, _distinct(texts), format))
    return parse_timestamps(texts, name, row_location, format)


def _frame_times(
    frame: Any, time: Name | None, formats: Formats | None, recognized: dict[str, str]
) -> npt.NDArray[Any] | None:
    """The named column, or the index if it holds dates; texts are parsed as those of files."""
    if time is None:
        dated = getattr(frame.index, "dtype", np.dtype(object)).kind == "M"
        return _dates(frame.index) if dated else None
    column = frame[time]
    if column.dtype.kind == "M":
        return _dates(column)
    if column.dtype.kind in "iuf":
        return np.asarray(column.to_numpy())
    texts = [str(value) for value in column]
    return _parse_times(texts, str(time), "row {}".format, formats, recognized)


def _dates(stamps: Any) -> npt.NDArray[Any]:
    """Dates of pandas, those with a time zone in UTC."""
    from pandas import DatetimeIndex

    index = DatetimeIndex(stamps)
    return np.asarray(index if index.tz is None else index.tz_convert(None), "datetime64[us]")


def _distinct(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if not is_missing_value(text)))


def _line_location(file: FilePath, lines: Sequence[int], row: int) -> str:
    return f"line {lines[row]} of {file}"


def _warn(message: str) -> None:
    if message:
        warnings.warn(message, stacklevel=3)
