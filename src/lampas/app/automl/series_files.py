"""Series to forecast, from CSV files or JSON, and detection of the columns of a CSV file."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import DataError, UnknownNameError
from ...data.labels import pluralize
from ...data.memory_file import as_file
from ...data.series.missing import fill_missing
from ...data.series.series import from_csv
from ...data.series.spacing import Frequency, format_time, future_times, infer_frequency
from ...data.system import list_files
from ...data.tables.column_types import is_row_number
from ...data.tables.row_structure import TIME_NAMES
from ...parsing.columns import BOOLEAN, parse_numeric
from ...parsing.csv import SUFFIXES, read_csv
from ...parsing.dates import parse_timestamps
from ...parsing.missing import is_missing
from .settings import SeriesSettings
from .task import InputFile, PredictionBatch
from .text_files import list_names, require_columns

INCREASING = 0.9
"""Minimum share of increases in a column of times."""


def read_series(files: Iterable[InputFile], settings: SeriesSettings) -> Iterator[PredictionBatch]:
    """The last rows of each file, one example per file; in folders, of each CSV file.

    Args:
        files: files or folders.
        settings: settings of the run.

    Raises:
        DataError, FileError: naming the file, and the line.
    """
    for file in files:
        if isinstance(file.content, Path) and file.content.is_dir():
            yield from read_series(_files_in(file.content), settings)
        else:
            yield _last_rows(file, settings)


def _files_in(folder: Path) -> list[InputFile]:
    files = list_files(folder, SUFFIXES)
    if not files:
        raise DataError(f"{folder} has no CSV files.")
    return [InputFile(str(path), path) for path in files]


def _last_rows(file: InputFile, settings: SeriesSettings) -> PredictionBatch:
    name, content = file
    try:
        series = from_csv(
            as_file(content, name), settings.features, settings.time, settings.formats
        )
    except UnknownNameError as error:
        raise DataError(str(error)) from error
    length = settings.length
    if len(series.values) < length:
        raise DataError(
            f"{name} has {pluralize(len(series.values), 'row')}; a forecast needs the last "
            f"{length}."
        )
    warn_of_missing(f"of the last {length:,} of {name}", series.values[-length:])
    x = fill_missing(series, "fill").values[-length:]
    if series.time is None:
        return PredictionBatch([name], x[None])
    last, frequency = series.time[-1], infer_frequency(series.time)
    expected = Frequency(*settings.frequency) if settings.frequency else None
    if expected and str(frequency) != str(expected):
        warnings.warn(
            f"the rows of {name} are {frequency or 'unevenly'} apart, those of the training data "
            f"{expected} apart.",
            stacklevel=4,
        )
    times = future_times(last, expected and (frequency or expected), settings.horizon)
    return PredictionBatch([f"{name} after {format_time(last)}"], x[None], [times] if times else ())


def warn_of_missing(where: str, values: np.ndarray) -> None:
    """Warn of rows with missing values."""
    if missing := int(np.isnan(values).any(1).sum()):
        warnings.warn(
            f"values are missing in {pluralize(missing, 'row')} {where}; the last known value is "
            "used instead.",
            stacklevel=4,
        )


def parse_windows(items: Sequence[Any], settings: SeriesSettings) -> PredictionBatch:
    """Windows from lists of rows: numbers, or ``{column: number}``.

    Raises:
        DataError: naming the item and the row that is not valid.
    """
    x = [_window(f"item {number}", item, settings) for number, item in enumerate(items, 1)]
    return PredictionBatch([str(number) for number in range(1, len(items) + 1)], np.stack(x))


def _window(name: str, item: Any, settings: SeriesSettings) -> np.ndarray:
    length = settings.length
    if not isinstance(item, list) or len(item) < length:
        actual = pluralize(len(item), "row") if isinstance(item, list) else type(item).__name__
        raise DataError(f"{name} is {actual}; it must be a list of the last {length} rows or more.")
    return np.array(
        [_row(f"{name}, row {n}", row, settings.features) for n, row in enumerate(item, 1)],
        np.float64,
    )[-length:]


def _row(name: str, row: Any, features: Sequence[str]) -> list[float]:
    if not isinstance(row, dict):
        row = {features[0]: row} if len(features) == 1 else {}
    if missing := [feature for feature in features if not _is_finite(row.get(feature))]:
        raise DataError(
            f"{name} has no number for {missing[0]!r}; a row is an object with a number for each "
            f"of {', '.join(map(repr, features))}."
        )
    return [float(row[feature]) for feature in features]


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of more than 300 digits
        return False


@dataclass(frozen=True)
class SeriesColumns:
    """Names of the columns of a series.

    Args:
        time: time of each row; None where there is none.
        target: what is forecast.
        features: the numeric columns, the target first.
        unused: other columns: those that are not numeric, or number the rows.
    """

    time: str | None
    target: str
    features: tuple[str, ...]
    unused: tuple[str, ...]


def detect_columns(path: Path, time: str | None, target: str | None) -> SeriesColumns:
    """The requested columns, or else the first one with times and all numeric ones.

    Args:
        path: path of a CSV file.
        time: column with the times, if requested.
        target: column to forecast, if requested.

    Raises:
        FileError: when the file cannot be read.
        DataError: when it lacks these columns, or there are several to forecast.
    """
    table = read_csv(path, any_width=True)
    names = table.names
    rows = [row for row in table.rows if len(row) == len(names)]
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
    if not columns:
        raise DataError(f"{path} has no rows below its first line.")
    require_columns(path, names, (time, target))
    time = time or next((n for n in names if n != target and _is_time(n, columns[n])), None)
    other_columns = [name for name in names if name != time]
    numeric = [
        name
        for name in other_columns
        if is_numeric(columns[name]) and (name == target or not _numbers_rows(name, columns[name]))
    ]
    target = target or _only_column(path, numeric)
    if target not in numeric:
        raise DataError(
            f"{target!r} of {path} is not numeric, it has values such as "
            f"{_not_numeric(columns[target])!r}. Numeric columns: "
            f"{list_names(numeric) or 'none'}."
        )
    features = (target, *(name for name in numeric if name != target))
    return SeriesColumns(
        time, target, features, tuple(name for name in other_columns if name not in numeric)
    )


def _numbers_rows(name: str, fields: Sequence[str]) -> bool:
    numbers = parse_numeric(fields)[0]
    is_integer = bool((numbers == np.round(numbers)).all())
    return is_integer and is_row_number(name, np.unique(numbers), len(numbers))


def _only_column(path: Path, numeric: Sequence[str]) -> str:
    if len(numeric) == 1:
        return numeric[0]
    if not numeric:
        raise DataError(f"{path} has no numeric column to forecast.")
    raise DataError(
        f"which column of {path} is to be forecast? Choose it as the target; there are "
        f"{list_names(numeric)}."
    )


def _is_time(name: str, fields: Sequence[str]) -> bool:
    """Whether a column holds dates, or increasing numbers and has the name of a time."""
    if is_numeric(fields):
        is_increasing = mostly_increasing(parse_numeric(fields)[0])
        return is_increasing and name.lower() in (*TIME_NAMES, "step")
    try:
        return parse_timestamps(fields[:5], name, str).dtype.kind == "M"
    except DataError:
        return False


def is_numeric(fields: Sequence[str]) -> bool:
    """Whether a field is a number wherever it is not missing, and some are not missing."""
    values, invalid, format = parse_numeric(fields)
    return format != BOOLEAN and not invalid.any() and not np.isnan(values).all()


def mostly_increasing(times: np.ndarray) -> bool:
    """Whether nearly all times, two or more, are later than the one before."""
    return len(times) > 1 and bool((np.diff(times) > 0).mean() >= INCREASING)


def _not_numeric(fields: Sequence[str]) -> str:
    """The first field that is not a number; empty if all are."""
    _, invalid, format = parse_numeric(fields)
    if format == BOOLEAN:
        return next((field for field in fields if not is_missing(field)), "")
    return fields[int(np.argmax(invalid))] if invalid.any() else ""
