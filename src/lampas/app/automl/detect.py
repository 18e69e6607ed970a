"""Detect the kind of data in a file or folder."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import DataError, FileError
from ...data.audio.decode import SUFFIXES as AUDIO_SUFFIXES
from ...data.images.decode import SUFFIXES as IMAGE_SUFFIXES
from ...data.images.folder import FILE_COLUMNS
from ...data.labels import find_synonym, pluralize
from ...data.system import is_system_path
from ...data.tables.column_types import infer_column
from ...data.tables.row_structure import TIME_NAMES
from ...data.tables.target import MAX_CLASSES, ROWS_PER_CLASS
from ...data.text.files import TEXT_COLUMNS, TEXT_LABEL_COLUMNS
from ...parsing.columns import FactorizedColumn, infer_decimal, parse_numeric
from ...parsing.csv import SUFFIXES as CSV_SUFFIXES
from ...parsing.csv import read_csv_sample
from ...parsing.dates import parse_timestamps
from ...parsing.missing import is_missing
from ...parsing.words import count_words
from .kinds import get_kind
from .series_files import is_numeric, mostly_increasing
from .task import DataKind, Decision, TrainOptions

TABLE_SUFFIXES = (*CSV_SUFFIXES, ".parquet", ".xlsx", ".xls")
FOLDER_SUFFIXES = {"images": IMAGE_SUFFIXES, "audio": AUDIO_SUFFIXES, "text": frozenset({".txt"})}
SAMPLE_BYTES, LONG_SAMPLE_BYTES, MIN_SAMPLE_ROWS = 1 << 18, 1 << 22, 100
"""Sizes of the beginning of a file that is read, the second if the first has too few rows."""
MIN_WORDS = 4
"""Minimum mean number of words of a column of texts."""

Columns = Mapping[str, Sequence[str]]
"""Values by the name of the column."""


def detect_kind(options: TrainOptions, name: str | None = None) -> tuple[DataKind[Any], Decision]:
    """The kind of the data at a path, and the reason for this choice.

    Args:
        options: the path, and options that apply to some kinds only.
        name: name of the kind, where the user chooses it.

    Raises:
        FileError: when there is nothing at the path, or it cannot be read.
        DataError: when it is not data of any kind.
        UnknownNameError: when there is no kind of that name.
    """
    path = options.path
    if not path.exists():
        parent = next((str(folder) for folder in path.absolute().parents if folder.is_dir()), "/")
        raise FileError(f"there is no file or folder {path}; {parent} is the nearest that exists.")
    if name is not None:
        return get_kind(name), Decision(name, "as requested")
    name, reason = _kind_of_folder(path) if path.is_dir() else _kind_of_file(options)
    return get_kind(name), Decision(name, reason)


def _kind_of_folder(path: Path) -> tuple[str, str]:
    suffixes = Counter(
        file.suffix.lower()
        for file in path.rglob("*")
        if not is_system_path(file.relative_to(path)) and file.is_file()
    )
    counts = {kind: sum(suffixes[name] for name in of) for kind, of in FOLDER_SUFFIXES.items()}
    kind, number = max(counts.items(), key=lambda item: item[1])
    if number:
        num_others = suffixes.total() - number
        rest = f", beside {pluralize(num_others, 'other file')}" if num_others else ""
        return kind, f"the folder has {pluralize(number, 'file')} of that kind{rest}"
    contents = ", ".join(f"{n:,} {suffix or 'without a suffix'}" for suffix, n in suffixes.items())
    tables = [file for file in sorted(path.glob("*")) if _table_suffix(file)]
    advice = f" Give the table itself: {tables[0]}." if tables else ""
    raise DataError(
        f"{path} has no training data: there are no images, audio files or .txt files in its "
        f"sub-folders; it has {contents or 'no files'}.{advice}"
    )


def _table_suffix(path: Path) -> str:
    return next((suffix for suffix in TABLE_SUFFIXES if path.name.lower().endswith(suffix)), "")


def _kind_of_file(options: TrainOptions) -> tuple[str, str]:
    path, suffix = options.path, _table_suffix(options.path)
    if not suffix:
        raise DataError(
            f"{path} is not a table, whose name ends in {', '.join(TABLE_SUFFIXES)}. For images, "
            "audio files and texts give the folder that has a sub-folder for each class."
        )
    if suffix not in CSV_SUFFIXES:
        if options.task == "forecast":
            return "series", "a forecast is requested"
        return "table", f"a {suffix} file has rows and columns"
    sample = read_csv_sample(path, SAMPLE_BYTES)
    if len(sample.rows) < MIN_SAMPLE_ROWS:
        sample = read_csv_sample(path, LONG_SAMPLE_BYTES)
    names = sample.names
    rows = [[field.strip() for field in row] for row in sample.rows if len(row) == len(names)]
    columns = dict(zip(names, zip(*rows, strict=True), strict=False))
    return _kind_of_table(columns, len(names), options)


def _kind_of_table(columns: Columns, num_columns: int, options: TrainOptions) -> tuple[str, str]:
    """The kind of a CSV file by the values in its first rows."""
    if options.task == "forecast" or options.horizon or options.length:
        return "series", "a forecast is requested"
    if options.text:
        return "text", f"the texts are in {options.text!r}, as requested"
    if file := _image_column(columns):
        return "images", f"the column {file!r} has the names of image files"
    if options.task is None and (time := _time_column(columns, options)):
        classes = _num_classes(columns, options.target)
        if classes == 2:
            return "table", (
                f"{options.target!r} has two values, so they are classes; --task forecast treats "
                "the rows as a series"
            )
        classify = f", --task classify reads {options.target!r} as classes" if classes else ""
        return "series", (
            f"the times in {time!r} increase from row to row, and all other columns are numeric; "
            f"--task regress treats it as a table{classify}"
        )
    rows = f"rows of {pluralize(num_columns, 'column')}"
    text = _text_column(columns, options)
    is_regression = options.task == "regress" or _is_quantity(columns.get(options.target or "", ()))
    if not text or is_regression or options.group or options.time or options.columns:
        return "table", rows
    if _features_beside(text, columns, options):
        return "table", f"{rows}; --text {shlex.quote(text)} trains on these texts alone"
    return "text", f"beside the classes {text!r} has texts, and no column has other features"


def _num_classes(columns: Columns, target: str | None) -> int:
    """The number of integers of a target that may be classes; 0 if it is of many values."""
    if target is None or target not in columns:
        return 0
    values, _, _ = parse_numeric(columns[target])
    distinct = np.unique(values[np.isfinite(values)])
    are_few = len(distinct) <= MAX_CLASSES and len(distinct) * ROWS_PER_CLASS <= len(values)
    return len(distinct) if are_few and (distinct == np.round(distinct)).all() else 0


def _others_are_numeric(columns: Columns, name: str) -> bool:
    return all(is_numeric(values) for other, values in columns.items() if other != name)


def _image_column(columns: Columns) -> str:
    """The column with the names of image files; empty if there is none."""
    for name, values in columns.items():
        suffixes = [Path(value).suffix.lower() for value in values if value]
        is_file = find_synonym([name], FILE_COLUMNS) is not None
        if is_file and suffixes and IMAGE_SUFFIXES.issuperset(suffixes):
            return name
    return ""


def _time_column(columns: Columns, options: TrainOptions) -> str:
    """The column with the times of a series; empty if there is none."""
    if len(columns) == 1:
        return ""
    for name in [name for name in columns if name == options.time] or columns:
        accept_numbers = name.lower() in TIME_NAMES or name == options.time
        values = columns[name]
        several_series = 2 * len(set(values)) <= len(values)
        increasing = not several_series and _is_increasing(values, accept_numbers)
        if increasing and _others_are_numeric(columns, name):
            return name
    return ""


def _is_increasing(values: Sequence[str], accept_numbers: bool) -> bool:
    """Whether the values are times, nearly all later than the one before."""
    if len(values) < 3 or not all(values):
        return False
    if is_numeric(values):
        return accept_numbers and mostly_increasing(parse_numeric(values)[0])
    return mostly_increasing(_parse_times(values))


def _parse_times(values: Sequence[str]) -> np.ndarray:
    """Dates as numbers, ``(n,)``; empty where a value is not a date."""
    try:
        return parse_timestamps(values, "", str).astype(float)
    except DataError:
        return np.zeros(0)


def _text_column(columns: Columns, options: TrainOptions) -> str:
    """The column with texts beside labels; empty if there is none."""
    texts = [n for n, values in columns.items() if n != options.target and _has_texts(values)]
    if not texts or not _label_column(columns, options):
        return ""
    if (place := find_synonym(texts, TEXT_COLUMNS)) is not None:
        return texts[place]
    return max(texts, key=lambda name: sum(map(len, columns[name])))


def _label_column(columns: Columns, options: TrainOptions) -> str:
    """The target, or a column with a common name of labels; empty if there is none."""
    place = find_synonym(list(columns), TEXT_LABEL_COLUMNS)
    return options.target or ("" if place is None else list(columns)[place])


def _features_beside(text: str, columns: Columns, options: TrainOptions) -> list[str]:
    """The columns beside texts and labels that a table would use, apart from other texts."""
    label = _label_column(columns, options)
    cells = {n: _factorize(v) for n, v in columns.items() if n not in (text, label)}
    decimal = infer_decimal(cells.values())
    kinds = {name: infer_column(name, column, decimal).kind for name, column in cells.items()}
    return [name for name, kind in kinds.items() if kind not in ("text", "leave-out")]


def _factorize(values: Sequence[str]) -> FactorizedColumn:
    positions: dict[str, int] = {}
    codes = [-1 if is_missing(v) else positions.setdefault(v, len(positions)) for v in values]
    return FactorizedColumn(np.array(codes, np.intp), list(positions))


def _is_quantity(values: Sequence[str]) -> bool:
    """Whether a target is a number of too many values for classes."""
    return len(set(values)) > MAX_CLASSES and is_numeric(values)


def _has_texts(values: Sequence[str]) -> bool:
    texts = [value for value in values if value]
    return bool(texts) and sum(count_words(text) for text in texts) / len(texts) >= MIN_WORDS
