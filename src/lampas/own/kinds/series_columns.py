"""Which columns of a CSV file are a series: its time, what is measured, what is forecast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...core.errors import DataError
from ...data.listing import few
from ...data.series.csv_file import MISSING
from ...data.series.table import moments
from .text_rows import content_of, rows

TIMES = ("time", "date", "datetime", "timestamp", "year", "month", "day", "week", "hour", "step")
RISING = 0.9
"""Share of later rows from which on numbers with such a name are times."""


class Columns(NamedTuple):
    """Names of columns.

    Args:
        time: of each row; None where there is none.
        target: what is forecast.
        features: what is looked at, the target first.
        left_out: those that hold no numbers.
    """

    time: str | None
    target: str
    features: tuple[str, ...]
    left_out: tuple[str, ...]


def columns(path: Path, time: str | None, target: str | None) -> Columns:
    """Those that are asked for, or else the first with times, and all that are numbers.

    Raises:
        FileError: when the file can not be read.
        DataError: when it has no such columns, or several could be what is to be forecast.
    """
    names, *table = rows(content_of(path, str(path)), path)
    whole = [row for row in table if len(row) == len(names)]
    found = dict(zip(names, zip(*whole, strict=True), strict=True)) if whole else {}
    if not found:
        raise DataError(f"{path} has no rows below its first line.")
    for wanted in (time, target):
        if wanted is not None and wanted not in names:
            raise DataError(f"{path} has no column {wanted!r}; it has {_named(names)}.")
    time = time or next((name for name in names if name != target and _time(name, found)), None)
    others = [name for name in names if name != time]
    numbers = [name for name in others if _numbers(found[name])]
    target = target or _only(path, numbers)
    if target not in numbers:
        raise DataError(
            f"{target!r} of {path} holds no numbers but {_strange(found[target])!r} and such; what "
            f"is forecast must be numbers, as in {_named(numbers) or 'no other column'}."
        )
    features = (target, *(name for name in numbers if name != target))
    left_out = [name for name in others if name not in numbers]
    return Columns(time, target, features, tuple(left_out))


def _named(names: Sequence[str]) -> str:
    return few(map(repr, names), 10)


def _only(path: Path, numbers: Sequence[str]) -> str:
    if len(numbers) == 1:
        return numbers[0]
    if not numbers:
        raise DataError(f"{path} has no column of numbers to forecast.")
    raise DataError(
        f"which column of {path} is to be forecast? Name it as the target; there are "
        f"{_named(numbers)}."
    )


def _time(name: str, found: dict[str, tuple[str, ...]]) -> bool:
    """Whether a column holds dates, or numbers that are called a time and rise."""
    if _numbers(found[name]):
        values = np.array([_number(field) for field in found[name]])
        rises = len(values) > 1 and (np.diff(values) > 0).mean() >= RISING
        return name.lower() in TIMES and bool(rises)
    try:
        return moments(found[name][:5], name, str).dtype.kind == "M"
    except DataError:
        return False


def _numbers(fields: Sequence[str]) -> bool:
    """Whether a field is a number wherever it is not missing, as it is somewhere."""
    there = [field for field in fields if field.strip().lower() not in MISSING]
    return bool(there) and not any(np.isnan(_number(field)) for field in there)


def _strange(fields: Sequence[str]) -> str:
    there = [field for field in fields if field.strip().lower() not in MISSING]
    return next((field for field in there if np.isnan(_number(field))), "")


def _number(field: str) -> float:
    try:
        return float(field)
    except ValueError:
        return np.nan
