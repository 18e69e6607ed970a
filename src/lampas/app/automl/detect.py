"""Which kind of data is this? A first look at a folder or a file."""

from __future__ import annotations

import csv
import io
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...core.errors import DataError, FileError
from ...data.audio.decode import SUFFIXES as SOUNDS
from ...data.images.decode import SUFFIXES as PICTURES
from ...data.labels import count
from ...data.series.series import MISSING, moments
from ...data.text.files import LABELS, TEXT_COLUMNS
from ...parsing.csv import decoded
from .registry import kind_of
from .task import Kind, Reason, Wishes

TABLES = (".csv", ".tsv", ".csv.gz", ".parquet", ".xlsx", ".xls")
LOOKED_AT = 1 << 18
"""Bytes of a file that are looked at."""
TEXTS = frozenset({".txt"})
WORDS = 4
"""Words from which on a column's values, in the mean, are texts."""
RISING = 0.9
"""Share of later rows from which on a column of times is that of a series."""
TIMES = ("time", "date", "datetime", "timestamp", "year", "month", "day", "week", "hour")
FILES = ("file", "filename", "path", "image", "picture")


def choose(wishes: Wishes, named: str | None = None) -> tuple[Kind, Reason]:
    """The kind of data at a path, and why it is taken for that.

    Args:
        wishes: with the path, and what decides between kinds.
        named: the kind, where the person says so.

    Raises:
        FileError: when there is nothing at the path, or it can not be read.
        DataError: when nothing there can be learnt from.
        UnknownNameError: when there is no kind of that name.
    """
    path = wishes.path
    if not path.exists():
        near = next((str(folder) for folder in path.absolute().parents if folder.is_dir()), "/")
        raise FileError(f"there is no file or folder {path}; {near} is the nearest that exists.")
    if named is not None:
        return kind_of(named), Reason(named, "as asked for")
    name, why = _folder(path) if path.is_dir() else _file(wishes)
    return kind_of(name), Reason(name, why)


def _folder(path: Path) -> tuple[str, str]:
    suffixes = Counter(
        file.suffix.lower()
        for file in path.rglob("*")
        if not any(part.startswith(".") for part in file.relative_to(path).parts) and file.is_file()
    )
    known = {"images": PICTURES, "sounds": SOUNDS, "texts": TEXTS}
    found = Counter({name: sum(suffixes[s] for s in kinds) for name, kinds in known.items()})
    name, most = found.most_common(1)[0]
    if most:
        rest = suffixes.total() - most
        beside = f", beside {count(rest, 'other file')}" if rest else ""
        return name, f"the folder has {count(most, 'file')} of that kind{beside}"
    what = ", ".join(f"{n:,} {suffix or 'without a suffix'}" for suffix, n in suffixes.items())
    tables = [file for file in sorted(path.glob("*")) if _table_suffix(file)]
    advice = f" Give the table itself: {tables[0]}." if tables else ""
    raise DataError(
        f"{path} has nothing to learn from: no pictures, sounds or .txt files in its sub-folders; "
        f"it has {what or 'no files'}.{advice}"
    )


def _table_suffix(path: Path) -> str:
    return next((suffix for suffix in TABLES if path.name.lower().endswith(suffix)), "")


def _file(wishes: Wishes) -> tuple[str, str]:
    path, suffix = wishes.path, _table_suffix(wishes.path)
    if not suffix:
        raise DataError(
            f"{path} is no table: its name should end in {', '.join(TABLES)}. Of pictures, sounds "
            "and texts give the folder that has a sub-folder for each class."
        )
    if suffix not in (".csv", ".tsv"):
        if wishes.task == "forecast":
            return "series", "a table whose rows follow each other, as asked for"
        return "table", f"a {suffix} file has rows and columns"
    return _first_rows(path).kind(wishes)


class _Rows(NamedTuple):
    """The first rows of a file."""

    folder: Path
    names: list[str]
    rows: list[list[str]]

    def kind(self, wishes: Wishes) -> tuple[str, str]:
        columns = dict(zip(self.names, zip(*self.rows, strict=True), strict=False))
        features = [name for name in columns if name not in (wishes.target, wishes.group)]
        if wishes.task == "forecast" or wishes.horizon or wishes.length:
            return "series", "to forecast it, as asked for"
        if wishes.text:
            return "texts", f"the texts are in {wishes.text!r}, as asked for"
        if file := self._pictures(columns):
            return "images", f"the column {file!r} names picture files"
        if wishes.task is None and (time := self._time(columns, wishes)):
            return "series", (
                f"{time!r} is a time that rises from row to row and all else is numbers; "
                "--task regress takes it for a table"
            )
        if wishes.task != "regress" and (text := _text(columns, features, wishes.target)):
            return "texts", f"beside the classes there is text alone, in {text!r}"
        why = f"rows of {count(len(self.names), 'column')}"
        if dated := self._dated(columns, wishes):
            why += (
                f"; the dates in {dated!r} follow no order: --time {dated} judges by the latest, "
                "and sorted by them the file is a series"
            )
        return "table", why

    def _dated(self, columns: Mapping[str, Sequence[str]], wishes: Wishes) -> str:
        """A column of dates beside numbers alone, which do not rise; empty if there is none."""
        if wishes.time or wishes.task:
            return ""
        for name, values in columns.items():
            others = [other for key, other in columns.items() if key != name]
            if not _numeric(values) and len(_times(values)) and all(map(_numeric, others)):
                return name
        return ""

    def _pictures(self, columns: Mapping[str, Sequence[str]]) -> str:
        for name, values in columns.items():
            paths = [Path(value) for value in values if value]
            if name.lower() in FILES and paths and all(p.suffix.lower() in PICTURES for p in paths):
                return name
        return ""

    def _time(self, columns: Mapping[str, Sequence[str]], wishes: Wishes) -> str:
        """The column that is the time of a series; empty if this is none."""
        named = [name for name in columns if name == wishes.time] or list(columns)
        for name in named:
            others = [values for other, values in columns.items() if other != name]
            rises = _rises(columns[name], name.lower() in TIMES or name == wishes.time)
            if rises and others and all(map(_numeric, others)):
                return name
        return ""


def _first_rows(path: Path) -> _Rows:
    """Whole rows from the beginning of a CSV file, as many as have a field for each column."""
    try:
        with path.open("rb") as file:
            raw = file.read(LOOKED_AT)
    except OSError as error:
        raise FileError(f"can not read {path}: {error.strerror}.") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # who reads the whole file tells
        text = decoded(_whole_lines(raw), name=str(path))
    if not text.strip():
        raise DataError(f"{path} is empty. Its first line should name the columns.")
    first = text.lstrip("\n").split("\n", 1)[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    names: list[str] = []
    rows = []
    try:
        for fields in table:
            if not names and any(fields):
                names = [name.strip() for name in fields]
            elif len(fields) == len(names):
                rows.append([field.strip() for field in fields])
    except csv.Error:
        pass  # of a broken row those speak who read them all
    return _Rows(path.parent, names, rows)


def _whole_lines(raw: bytes) -> bytes:
    return raw if len(raw) < LOOKED_AT else raw[: raw.rfind(b"\n") + 1] or raw


def _numeric(values: Sequence[str]) -> bool:
    try:
        found = [float(value) for value in values if value.lower() not in MISSING]
    except ValueError:
        return False
    return bool(found)


def _rises(values: Sequence[str], numbers_too: bool) -> bool:
    """Whether the values are times, nearly each later than the one before."""
    there = [value for value in values if value]
    if len(there) < 3 or len(there) < len(values):
        return False
    if _numeric(there):
        return numbers_too and _mostly_later(np.array(there, float))
    times = _times(there)
    return bool(len(times)) and _mostly_later(times)


def _times(values: Sequence[str]) -> np.ndarray:
    """Dates as numbers, ``(n,)``; none where a value is no date."""
    try:
        return moments(values, "", str).astype(float)
    except DataError:
        return np.zeros(0)


def _mostly_later(times: np.ndarray) -> bool:
    return bool((np.diff(times) > 0).mean() >= RISING)


def _text(columns: Mapping[str, Sequence[str]], features: Sequence[str], target: str | None) -> str:
    """The column of texts, where the others have nothing to learn from; empty if there is none."""
    texts = [name for name in features if _wordy(columns[name])]
    if not texts:
        return ""
    text = next((name for known in TEXT_COLUMNS for name in texts if name.lower() == known), "")
    text = text or max(texts, key=lambda name: sum(map(len, columns[name])))
    asked = target is not None or any(name.lower() in LABELS for name in columns)
    others = [name for name in features if name != text and name.lower() not in LABELS]
    useful = [name for name in others if 1 < len(set(columns[name])) < len(columns[name]) / 2]
    return text if asked and not useful else ""


def _wordy(values: Sequence[str]) -> bool:
    there = [value for value in values if value]
    return bool(there) and sum(len(value.split()) for value in there) / len(there) >= WORDS
