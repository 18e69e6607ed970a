"""A series as a table: a row for each time, a column for each thing measured.

A series from a CSV file, its columns chosen by name.
"""

from __future__ import annotations

import csv
import re
import warnings
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, FileError, show_shape, unknown_name
from ..labels import few

Values = npt.NDArray[np.floating[Any]]
Name = Hashable
"""Of a column: its heading, or its number where there are no headings."""
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?")
_DOTTED = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})")
_ZONED = re.compile(r"(.*:[\d.]+) ?(Z|[+-]\d\d(?::?\d\d)?)")


@dataclass(frozen=True, eq=False)
class Series:
    """Numbers in the order of time.

    Args:
        values: ``(rows, columns)``, floating point; NaN where a value is missing.
        names: of the columns.
        time: of each row, rising, ``(rows,)``: numbers or ``datetime64``; None if unknown.
        place: says where a row is, for messages: ``"row 7"``, ``"line 9 of a.csv"``.
    """

    values: Values
    names: tuple[Name, ...]
    time: npt.NDArray[Any] | None = None
    place: Callable[[int], str] = "row {}".format

    def select(self, names: Sequence[Name]) -> Series:
        """The columns of these names; the values are a view where it is all of them in order.

        Raises:
            UnknownNameError: for a name that there is not.
            ArgumentError: for no name at all, or one twice.
        """
        if not names or len(set(names)) < len(names):
            raise ArgumentError(f"name one column or more, each once, got {list(names)}.")
        for name in names:
            if name not in self.names:
                raise unknown_name("column", name, map(str, self.names))
        if tuple(names) == self.names:
            return self
        places = [self.names.index(name) for name in names]
        return replace(self, values=self.values[:, places], names=tuple(names))


def from_array(given: Any) -> Series:
    """An array or a list, ``(rows,)`` or ``(rows, columns)``; not copied if floating point.

    Raises:
        DataError: when it holds no numbers, or has another number of axes.
    """
    try:
        values = np.asarray(given)
    except ValueError as error:
        raise DataError(f"rows of different lengths are no series: {error}.") from error
    if values.ndim not in (1, 2):
        raise DataError(
            "a series is (rows,) or (rows, columns), rows in the order of time, got "
            f"{show_shape(values.shape)}."
        )
    if values.dtype.kind not in "fiub":
        raise DataError(
            f"a series is made of numbers, got an array of dtype {values.dtype}. Leave out columns "
            "of text or time, or give a data frame and choose with columns=."
        )
    if values.dtype.kind != "f":
        values = values.astype(np.float32)
    table = values[:, None] if values.ndim == 1 else values
    return Series(table, tuple(range(table.shape[1])))


def from_frame(frame: Any, wanted: Sequence[Name] | None, time: Name | None) -> Series:
    """The columns ``wanted`` of a pandas frame, or all; its time is a column or a dated index.

    Raises:
        UnknownNameError: for a column that there is not.
        DataError: when a column holds no numbers, two have one name, or time does not rise.
    """
    different(list(frame.columns), "the frame")
    names = [name for name in frame.columns if name != time] if wanted is None else list(wanted)
    for name in names if time is None else [*names, time]:
        if name not in frame.columns:
            raise unknown_name("column", name, map(str, frame.columns))
    texts = [name for name in names if frame[name].dtype.kind not in "fiub"]
    if texts:
        raise DataError(
            f"the column {texts[0]!r} holds no numbers but {frame[texts[0]].dtype}. Choose others "
            f"with columns=, or the time with time=; there are {few(map(repr, frame.columns), 10)}."
        )
    values = frame[names].to_numpy(dtype=np.float64, na_value=np.nan)
    times = _frame_times(frame, time)
    series = Series(values, tuple(names), times)
    return series if times is None else in_time(series, times)


def different(names: Sequence[Name], place: object) -> None:
    """Raise DataError where two columns have the same name."""
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise DataError(f"{place} has two columns named {twice[0]!r}. Give one another name.")


def _frame_times(frame: Any, time: Name | None) -> npt.NDArray[Any] | None:
    """The named column, or the index if it holds dates; texts are read as dates are."""
    if time is None:
        dated = getattr(frame.index, "dtype", np.dtype(object)).kind == "M"
        return _dates(frame.index) if dated else None
    column = frame[time]
    if column.dtype.kind == "M":
        return _dates(column)
    if column.dtype.kind in "iuf":
        return np.asarray(column.to_numpy())
    return moments([str(value) for value in column], str(time), "row {}".format)


def _dates(stamps: Any) -> npt.NDArray[Any]:
    """Dates of pandas, those with a time zone in UTC."""
    from pandas import DatetimeIndex

    index = DatetimeIndex(stamps)
    return np.asarray(index if index.tz is None else index.tz_convert(None), "datetime64[us]")


def moments(texts: Sequence[str], column: str, place: Callable[[int], str]) -> npt.NDArray[Any]:
    """Times as they are written: numbers, or else dates in the order year, month, day.

    Also read are ``31.5.2024``, and ``20240531`` and ``202405`` where all are such. Times of one
    zone stay as its clocks show them, those of several become UTC.

    Raises:
        DataError: for a text that is neither; says where.
    """
    plain = [text.strip() for text in texts]
    if not all(map(_COMPACT.fullmatch, plain)):
        try:
            return np.array([float(text) for text in plain])
        except ValueError:
            pass
    zoned = [_ZONED.fullmatch(text) for text in plain]
    one_zone = all(zoned) and len({found[2] for found in zoned if found}) == 1
    found = []
    for row, (text, parts) in enumerate(zip(plain, zoned, strict=True)):
        clock = parts[1] if one_zone and parts else text
        try:
            with warnings.catch_warnings():
                # Of times with a zone NumPy says that it keeps them in UTC: so they compare.
                warnings.simplefilter("ignore")
                found.append(np.datetime64(_ordered(clock), "us"))
        except ValueError as error:
            raise DataError(
                f"{place(row)}: {texts[row]!r} in {column!r} is no time. Write a number, or year, "
                "month and day first, as in 2024-05-31 or 2024-05-31 14:00."
            ) from error
    return np.array(found, "datetime64[us]")


def _ordered(text: str) -> str:
    """A date with year, month and day in this order and lines between them."""
    if compact := _COMPACT.fullmatch(text):
        return "-".join(filter(None, compact.groups()))
    if dotted := _DOTTED.match(text):
        day, month, year = dotted.groups()
        return f"{year}-{month:0>2}-{day:0>2}{text[dotted.end() :]}"
    return text.replace("/", "-")


def in_time(series: Series, time: npt.NDArray[Any]) -> Series:
    """The series, once it is sure that each row is later than the one before it.

    Raises:
        DataError: names the first row that is not.
    """
    wrong = np.flatnonzero(~(time[1:] > time[:-1]))
    if wrong.size:
        row = int(wrong[0]) + 1

        def show(row: int) -> str:
            return str(time[row]).removesuffix(".000000")

        more = f"; {wrong.size:,} rows are so" if wrong.size > 1 else ""
        raise DataError(
            f"{series.place(row)} has the time {show(row)}, which is not after {show(row - 1)} of "
            f"the row before it{more}. Sort the series by time and keep one row a time."
        )
    return series


MISSING = frozenset({"", "na", "n/a", "nan", "null"})
"""What is written, in any case, where a value is missing."""


def from_csv(path: Path, wanted: Sequence[Name] | None, time: Name | None) -> Series:
    """The columns ``wanted``, or all but ``time``, of a file whose first line names them.

    Fields are separated by commas, semicolons or tabs; an empty field is a gap.

    Raises:
        FileError: when it can not be read, or is not UTF-8.
        UnknownNameError: for a column that there is not.
        DataError: when a field is no number, a line is too short or too long, two columns have one
            name, or time does not rise.
    """
    heads, lines, rows = _read(path)
    different(heads, path)
    names = [head for head in heads if head != time] if wanted is None else list(wanted)
    for name in names if time is None else [*names, time]:
        if name not in heads:
            raise unknown_name(f"column of {path}:", name, heads)
    place = partial(_place, path, lines)
    for row, fields in enumerate(rows):
        if len(fields) != len(heads):
            raise DataError(
                f"{place(row)} has {len(fields)} fields, the first line names {len(heads)} columns."
            )
    places = [heads.index(str(name)) for name in names]
    values = np.array(
        [[_number(rows[r][c], heads[c], place(r), heads) for c in places] for r in range(len(rows))]
    ).reshape(len(rows), len(names))
    if time is None:
        return Series(values, tuple(names), None, place)
    times = moments([fields[heads.index(str(time))] for fields in rows], str(time), place)
    return in_time(Series(values, tuple(names), times, place), times)


def _place(path: Path, lines: Sequence[int], row: int) -> str:
    return f"line {lines[row]} of {path}"


def _read(path: Path) -> tuple[list[str], list[int], list[list[str]]]:
    """The headings, and of each line that is not empty its number and its fields."""
    try:
        # utf-8-sig: spreadsheets begin a file with a mark.
        with path.open(encoding="utf-8-sig", newline="") as text:
            first = text.readline()
            text.seek(0)
            table = csv.reader(text, delimiter=max(",;\t", key=first.count), strict=True)
            heads = [head.strip() for head in next(table, [])]
            filled = [(table.line_num, row) for row in table if any(map(str.strip, row))]
    except OSError as error:
        raise FileError(f"can not read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not a text file in UTF-8 ({error}).") from error
    except csv.Error as error:
        raise FileError(f"{path} is no CSV file: {error}.") from error
    if not filled:
        raise DataError(f"{path} has no rows{' below its first line' if heads else ''}.")
    return heads, [line for line, _ in filled], [row for _, row in filled]


def _number(field: str, column: str, place: str, heads: Sequence[str]) -> float:
    if field.strip().lower() in MISSING:
        return np.nan
    try:
        return float(field)
    except ValueError as error:
        raise DataError(
            f"{place}: {field!r} in {column!r} is no number. Choose other columns with columns=, "
            f"or the time with time=; there are {few(map(repr, heads), 10)}."
        ) from error
