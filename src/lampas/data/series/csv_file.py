"""A series from a CSV file, its columns chosen by name."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ...core.errors import DataError, FileError, unknown_name
from ..listing import few
from .table import Name, Series, different, in_time, moments

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
