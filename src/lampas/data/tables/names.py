"""Columns by name: one that is not there is told beside those that are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...core.errors import DataError
from ..listing import few

if TYPE_CHECKING:
    import pandas as pd


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """The column of that name. Raises DataError, with near names, if there is none."""
    if name not in frame.columns:
        raise DataError(f"{frame.attrs['path']} has no column {name!r}{hint(name, frame.columns)}")
    found: pd.Series = frame[name]
    return found


def hint(name: str, known: Iterable[str]) -> str:
    """The end of a message: the nearest names, or all."""
    names = list(known)
    plain = {other.lower(): other for other in reversed(names)}
    if near := difflib.get_close_matches(name.lower(), plain, n=3):
        return f"; near are {few(repr(plain[one]) for one in near)}."
    return f": its first line names {few(map(repr, names), 10)}."
