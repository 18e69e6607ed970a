"""Rows to predict: from files of any size, and from JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ...core.errors import DataError
from ...data.tables import Held, chunks, rows
from ..kind import Asked, Settings, Source

SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet", ".xlsx", ".xls")


def read_rows(sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
    """Rows of files, some thousand at a time; named by file and line."""
    for source in sources:
        if isinstance(source.content, bytes):
            yield from _rows(Held(source.name, source.content), settings)
            continue
        for path in _files(source.content):
            yield from _rows(path, settings)


def _files(path: Path) -> list[Path]:
    """The file; or all tables in a folder."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.name.lower().endswith(SUFFIXES))
    if not found:
        raise DataError(f"{path} has no tables: no file in it ends in {', '.join(SUFFIXES)}.")
    return found


def _rows(place: Path | Held, settings: Settings) -> Iterator[Asked]:
    for part in chunks(place):
        x = rows(part, settings["columns"], settings["forms"])
        yield Asked([f"{place}, {part.index.name} {line}" for line in part.index], x)


def read_items(items: Sequence[Any], settings: Settings) -> Asked:
    """Rows that came as JSON, a dict each."""
    found = rows(list(items), settings["columns"], settings["forms"])
    return Asked([str(number) for number in range(1, len(items) + 1)], found)
