"""Which column of a CSV file has the texts, and which the classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ...core.errors import DataError
from ...data.listing import few
from ...data.text_table import LABELS, TEXT_COLUMNS
from .text_rows import content_of, rows

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
