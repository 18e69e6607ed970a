"""Series to forecast: the last rows of files, or rows that came as JSON.

Which columns of a CSV file are a series: its time, what is measured, what is forecast.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from ...core.errors import DataError, UnknownNameError
from ...data.labels import count, few
from ...data.series.missing import without_gaps
from ...data.series.series import MISSING, from_csv, moments
from ...data.series.spacing import Spacing, following, spacing, written
from ...parsing.csv import content_of, rows
from .task import Asked, Settings, Source

SUFFIXES = (".csv", ".tsv")


class _Held(NamedTuple):
    """The content of a file that lies in memory; it is opened as a path is."""

    name: str
    content: bytes

    def open(self, encoding: str, newline: str) -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(self.content), encoding, newline=newline)

    def __str__(self) -> str:
        return self.name


def read_series(sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
    """The last rows of each file, one example a file; of a folder each of its CSV files.

    Raises DataError or FileError that names the file, and the line.
    """
    for source in sources:
        if isinstance(source.content, Path) and source.content.is_dir():
            yield from read_series(_inside(source.content), settings)
        else:
            yield _last_rows(source, settings)


def _inside(folder: Path) -> list[Source]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not files:
        raise DataError(f"{folder} has no CSV files.")
    return [Source(str(path), path) for path in files]


def _last_rows(source: Source, settings: Settings) -> Asked:
    name, content = source
    place = content if isinstance(content, Path) else cast("Path", _Held(name, content))
    try:
        table = from_csv(place, settings["features"], settings["time"])
    except UnknownNameError as error:
        raise DataError(str(error)) from error
    length = settings["length"]
    if len(table.values) < length:
        raise DataError(
            f"{name} has {count(len(table.values), 'row')}; a forecast is made from the last "
            f"{length}."
        )
    tell_gaps(f"of the last {length:,} of {name}", table.values[-length:])
    x = without_gaps(table, "fill").values[-length:]
    if table.time is None:
        return Asked([name], x[None])
    last, apart = table.time[-1], spacing(table.time)
    learnt = Spacing(*settings["spacing"]) if settings["spacing"] else None
    if learnt and str(apart) != str(learnt):
        warnings.warn(
            f"the rows of {name} are {apart or 'unevenly'} apart; what was learnt from were "
            f"{learnt} apart.",
            stacklevel=4,
        )
    times = following(last, learnt and (apart or learnt), settings["horizon"])
    return Asked([f"{name} after {written(last)}"], x[None], [times] if times else ())


def tell_gaps(where: str, values: np.ndarray) -> None:
    """Warn of rows with values that are missing."""
    if missing := int(np.isnan(values).any(1).sum()):
        warnings.warn(
            f"values are missing in {count(missing, 'row')} {where}; the last known one stands in.",
            stacklevel=4,
        )


def read_items(items: Sequence[Any], settings: Settings) -> Asked:
    """Windows as lists of rows: numbers, or ``{column: number}``.

    Raises DataError that says which item and row is not so.
    """
    x = [_window(f"item {number}", item, settings) for number, item in enumerate(items, 1)]
    return Asked([str(number) for number in range(1, len(items) + 1)], np.stack(x))


def _window(name: str, item: Any, settings: Settings) -> np.ndarray:
    length, features = settings["length"], settings["features"]
    if not isinstance(item, list) or len(item) < length:
        had = count(len(item), "row") if isinstance(item, list) else type(item).__name__
        raise DataError(f"{name} is {had}; it must be a list of the last {length} rows or more.")
    return np.array(
        [_row(f"{name}, row {row}", one, features) for row, one in enumerate(item, 1)], np.float64
    )[-length:]


def _row(name: str, row: Any, features: Sequence[str]) -> list[float]:
    if not isinstance(row, dict):
        row = {features[0]: row} if len(features) == 1 else {}
    if missing := [feature for feature in features if not _number(row.get(feature))]:
        raise DataError(
            f"{name} has no number for {missing[0]!r}; a row is an object with a number for each "
            f"of {', '.join(map(repr, features))}."
        )
    return [float(row[feature]) for feature in features]


def _number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of more than 300 digits
        return False


def schema(settings: Settings) -> dict[str, Any]:
    """One window as a JSON Schema."""
    features = settings["features"]
    number = {"type": "number"}
    row: dict[str, Any] = {
        "type": "object",
        "properties": dict.fromkeys(features, number),
        "required": features,
    }
    return {
        "type": "array",
        "minItems": settings["length"],
        "items": {"anyOf": [number, row]} if len(features) == 1 else row,
    }


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
        values = np.array([_is_number(field) for field in found[name]])
        rises = len(values) > 1 and (np.diff(values) > 0).mean() >= RISING
        return name.lower() in TIMES and bool(rises)
    try:
        return moments(found[name][:5], name, str).dtype.kind == "M"
    except DataError:
        return False


def _numbers(fields: Sequence[str]) -> bool:
    """Whether a field is a number wherever it is not missing, as it is somewhere."""
    there = [field for field in fields if field.strip().lower() not in MISSING]
    return bool(there) and not any(np.isnan(_is_number(field)) for field in there)


def _strange(fields: Sequence[str]) -> str:
    there = [field for field in fields if field.strip().lower() not in MISSING]
    return next((field for field in there if np.isnan(_is_number(field))), "")


def _is_number(field: str) -> float:
    try:
        return float(field)
    except ValueError:
        return np.nan
