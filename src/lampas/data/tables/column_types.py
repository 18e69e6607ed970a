"""The types of a table's columns: inferred from their cells and names, or chosen by the user."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from ...core.errors import DataError
from ...parsing.booleans import is_boolean
from ...parsing.columns import FactorizedColumn, infer_format
from ...parsing.dates import ISO, date_format, date_warning
from ...parsing.numbers import PLAIN, number_format, number_warning, parse_numbers
from ..labels import format_list

if TYPE_CHECKING:
    import pandas as pd

ColumnKind = Literal["number", "category", "boolean", "date", "text", "leave-out"]
COLUMN_KINDS: Final = ("number", "category", "boolean", "date", "text", "leave-out")
InferredKind = tuple[ColumnKind, str, dict[str, str]]
"""Kind, reason, and format, note or warning."""
_CODE_NAMES = frozenset(("code", "type", "class", "kind", "category", "group", "zip", "zone", "id"))
_ID_NAMES = frozenset(("id", "uuid", "guid", "key", "index", "number", "no", "nr", "row", "serial"))
_TIME_NAMES = frozenset(("year", "month", "day", "week", "hour", "time", "date"))
MAX_CODES = 30
"""Maximum number of distinct values of integers that may be codes."""
MIN_DISTINCT = 20
"""Minimum distinct values of a column that may identify rows, or is reported as mixed."""
MIN_NUMBER_SHARE = 0.8
"""Minimum share of numbers for a warning about the other words of a column."""
TEXT_WORDS, TEXT_CHARACTERS = 4, 60
"""Minimum mean number of words or characters of free text."""


@dataclass(frozen=True)
class Column:
    """The profile of a column.

    Args:
        name: name in the first line of the file.
        kind: how its cells are read; ``"leave-out"`` if it is not a feature.
        reason: why it is of this kind.
        missing: share of missing cells.
        distinct: number of distinct values.
        note: further remarks; usually empty.
        format: its number or date format, if it is not plain.
        warning: what the user should check; usually empty.
    """

    name: str
    kind: ColumnKind
    reason: str
    missing: float
    distinct: int
    note: str = ""
    format: str = PLAIN
    warning: str = ""


def infer_column(name: str, cells: FactorizedColumn) -> Column:
    """The profile of a column by its cells, and by its name where they leave the kind open.

    Whole numbers are numbers, but categories if they begin with 0 as ``007`` does, or if the name
    says that they are codes and there are at most ``MAX_CODES`` of them.
    """
    kind, reason, details = _infer_kind(name, cells)
    note = {"note": f"{len(cells.values):,} values"} if len(cells.values) > 1000 else {}
    missing = cells.missing / len(cells.codes)
    return Column(name, kind, reason, missing, len(cells.values), **note | details)


def user_column(name: str, cells: FactorizedColumn, kind: ColumnKind) -> Column:
    """The profile of a column whose kind the user chose; its format is inferred."""
    missing, format = cells.missing / len(cells.codes), infer_format(kind, cells.values)
    return Column(name, kind, "chosen by you", missing, len(cells.values), format=format)


def feature_kinds(columns: Mapping[str, Column]) -> dict[str, ColumnKind]:
    """The kinds of the columns that are features, by name."""
    return {column.name: column.kind for column in columns.values() if column.kind != "leave-out"}


def get_column(frame: pd.DataFrame, name: str) -> pd.Series:
    """The column of that name. Raises DataError, with similar names, if there is none."""
    if name not in frame.columns:
        hint = suggest_columns(name, frame.columns)
        raise DataError(f"{frame.attrs['path']} has no column {name!r}{hint}")
    column: pd.Series = frame[name]
    return column


def suggest_columns(name: str, names: Iterable[str]) -> str:
    """The end of a message: the most similar of the names, or else all."""
    names = list(names)
    lower = {other.lower(): other for other in reversed(names)}
    if similar := difflib.get_close_matches(name.lower(), lower, n=3):
        return f"; similar names: {format_list(repr(lower[match]) for match in similar)}."
    return f": its first line names {format_list(map(repr, names), 10)}."


def _infer_kind(name: str, cells: FactorizedColumn) -> InferredKind:
    values = cells.values
    if not values:
        return "leave-out", "it is empty", {}
    if len(values) == 1 and not cells.missing:
        return "leave-out", f"it is {_shorten(values[0])} in every row", {}
    if is_boolean(values):
        return "boolean", f"its values are {values[0]} and {values[1]}", {}
    if (format := number_format(values)) is not None:
        return _infer_number(name, cells, format)
    if format := date_format(values):
        details = {"format": format, "warning": date_warning(name, values, format)}
        return "date", "all values are dates", {} if format == ISO else details
    return _infer_category(name, cells)


def _infer_number(name: str, cells: FactorizedColumn, format: str) -> InferredKind:
    values, name_words = cells.values, _split_name(name)
    if any(len(value) > 1 and value[0] == "0" and value.isdigit() for value in values):
        return _infer_category(name, cells, "codes that begin with 0")
    numbers = parse_numbers(values, format)
    integer = bool((numbers == np.round(numbers)).all())
    unique = len(values) >= MIN_DISTINCT and len(values) == len(cells.codes)
    if integer and unique and not name_words & _TIME_NAMES:
        if name_words & _ID_NAMES:
            return "leave-out", "it identifies rows: every row has another value", {}
        if np.ptp(numbers) == len(numbers) - 1 and (np.diff(numbers) == 1).all():
            return "leave-out", "it numbers the rows", {}
    codes = integer and name_words & _CODE_NAMES and len(values) <= MAX_CODES
    if codes and not _identifies_rows(cells):
        return "category", "by its name the numbers are codes", {}
    if integer and name_words & {"id", "uuid"} and len(values) >= MIN_DISTINCT:
        return "leave-out", f"by its name its {len(values):,} distinct numbers are identifiers", {}
    details = {"format": format, "note": f"written as in {values[0]}"} if format else {}
    details |= {"warning": number_warning(name, values, format)}
    return "number", "all values are integers" if integer else "all values are numbers", details


def _infer_category(name: str, cells: FactorizedColumn, reason: str = "") -> InferredKind:
    values, rows = cells.values, len(cells.codes) - cells.missing
    details = _mixed_column(name, cells)
    if not _identifies_rows(cells):
        return "category", reason or f"{len(values):,} distinct words", details
    if _is_free_text(values):
        return "leave-out", "it is free text", details
    reason = f"it identifies rows: {len(values):,} distinct values in {rows:,} rows"
    return "leave-out", reason, details


def _mixed_column(name: str, cells: FactorizedColumn) -> dict[str, str]:
    """A warning if most of a column, but not all of it, is numbers."""
    not_numbers = np.isnan(parse_numbers(cells.values))
    share = cells.counts[not_numbers].sum() / cells.counts.sum()
    if not 0 < share <= 1 - MIN_NUMBER_SHARE or len(cells.values) < MIN_DISTINCT:
        return {}
    words = [value for value, word in zip(cells.values, not_numbers, strict=True) if word]
    warning = (
        f"{name!r} has numbers, but {share:.1%} of its values are other words "
        f"({format_list(map(_shorten, words), 3)}), so it is not a column of numbers. Empty those "
        "cells or write them as numbers."
    )
    return {"warning": warning, "note": "numbers and words"}


def _identifies_rows(cells: FactorizedColumn) -> bool:
    """Whether hardly any two rows have the same value."""
    distinct = len(cells.values)
    return distinct >= MIN_DISTINCT and 2 * distinct > len(cells.codes) - cells.missing


def _is_free_text(values: list[str]) -> bool:
    sample = values[:1000]
    mean_words = sum(len(value.split()) for value in sample) / len(sample)
    return mean_words >= TEXT_WORDS or sum(map(len, sample)) / len(sample) >= TEXT_CHARACTERS


def _split_name(name: str) -> set[str]:
    """The words of a name: ``customerId`` and ``customer_id`` have the word ``id``."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def _shorten(value: str) -> str:
    return repr(value if len(value) <= 30 else value[:29] + "…")
