"""Texts to judge: rows of CSV files, or .txt files with one text each."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from ...core.errors import DataError
from ...data.listing import count, few
from ..kind import Asked, Settings, Source
from .text_rows import content_of, rows

TABLES = (".csv", ".tsv")
SUFFIXES = (*TABLES, ".txt")
TOGETHER = 1024
"""Texts that are judged at a time."""
Named = tuple[str, str]


def read_texts(sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
    """The texts of all sources, each with its file, and of a table its row from 1 on.

    Empty files in a folder are left out with a warning.

    Raises DataError for another file or row with no text, FileError for one that can not be read.
    """
    found = (text for source in sources for text in _texts(source, settings))
    while some := list(islice(found, TOGETHER)):
        yield Asked([name for name, _ in some], [text for _, text in some])


def _texts(source: Source, settings: Settings) -> Iterator[Named]:
    name, content = source
    if isinstance(content, Path) and content.is_dir():
        yield from _folder(content)
    elif name.lower().endswith(TABLES):
        yield from _table(name, content_of(content, name), settings["text_column"])
    else:
        yield name, _filled(name, content_of(content, name))


def _folder(folder: Path) -> Iterator[Named]:
    files = sorted(path for path in folder.rglob("*.txt") if path.name[0] != ".")
    if not files:
        raise DataError(f"{folder} has no .txt files.")
    empty = []
    for path in files:
        content = content_of(path, str(path))
        if content.strip():
            yield str(path), content
        else:
            empty.append(str(path))
    if len(empty) == len(files):
        raise DataError(f"{folder} has no text: all its .txt files are empty.")
    if empty:
        warnings.warn(
            f"{count(len(empty), 'text')} can not be read and left out: {few(empty, 3)} (empty).",
            stacklevel=2,
        )


def _table(name: str, content: str, column: str | None) -> Iterator[Named]:
    names, *table = rows(content, name)
    place = names.index(column) if column in names else 0
    if column not in names and (column is not None or len(names) > 1):
        wanted = f"no column {column!r}" if column else "several columns"
        raise DataError(
            f"{name} has {wanted}; it has {few(map(repr, names), 10)}. The texts should stand in "
            f"{repr(column) if column else 'the only one, or in .txt files'}."
        )
    if not table:
        raise DataError(f"{name} has no rows below its first line.")
    for row, fields in enumerate(table, 1):
        if len(fields) != len(names):
            raise DataError(
                f"{name}, row {row} has {len(fields)} fields, the first line names {len(names)}."
            )
        yield f"{name}, row {row}", _filled(f"{name}, row {row}", fields[place])


def _filled(name: str, text: str) -> str:
    if not text.strip():
        raise DataError(f"{name} has no text: it is empty.")
    return text
