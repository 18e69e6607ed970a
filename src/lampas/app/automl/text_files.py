"""Texts to judge: rows of CSV files, or .txt files with one text each.

Which column of a CSV file has the texts, and which the classes.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ...core.errors import DataError
from ...data.labels import count, few
from ...data.text.files import LABELS, TEXT_COLUMNS
from ...parsing.csv import content_of, rows
from .task import Asked, Settings, Source

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


LOOKED_AT = 200
"""Rows that are looked at."""


class Columns(NamedTuple):
    """The names of the two columns, and why they were chosen."""

    text: str
    label: str
    why: str


def columns(path: Path, text: str | None, label: str | None) -> Columns:
    """The columns that are asked for, or else those with usual names, or else the longest texts.

    Raises:
        FileError: when the file can not be read.
        DataError: when it is empty, or a column is not there or can not be guessed.
    """
    names, *table = rows(content_of(path, str(path)), path)
    _different(names, path)
    for wanted in (text, label):
        if wanted is not None and wanted not in names:
            raise DataError(f"{path} has no column {wanted!r}; it has {_named(names)}.")
    first = [row for row in table[:LOOKED_AT] if len(row) == len(names)]
    found = text or _usual(TEXT_COLUMNS, names, label) or _longest(names, first, label)
    rest = [name for name in names if name != found]
    target = label or _usual(LABELS, names, found) or (rest[0] if len(rest) == 1 else None)
    if target is None:
        raise DataError(
            f"which column of {path} says what a text is? Name it as the target; there are "
            f"{_named(rest)}."
        )
    if found == target:
        raise DataError(f"{path} has the texts and the classes in the same column, {found!r}.")
    asked = "as asked for" if text and label else "by their names and what is in them"
    return Columns(found, target, asked)


def _different(names: Sequence[str], path: Path) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DataError(f"{path} has two columns named {twice[0]!r}. Give one another name.")


def _named(names: Sequence[str]) -> str:
    return few(map(repr, names), 10)


def _usual(known: Sequence[str], names: Sequence[str], other: str | None) -> str | None:
    plain = {name.lower().replace(" ", "_"): name for name in names if name != other}
    return next((plain[name] for name in known if name in plain), None)


def _longest(names: Sequence[str], first: Sequence[Sequence[str]], label: str | None) -> str:
    """The column with the most letters."""
    letters = {
        name: sum(len(row[place]) for row in first)
        for place, name in enumerate(names)
        if name != label
    }
    return max(letters, key=lambda name: letters[name], default=names[0])
