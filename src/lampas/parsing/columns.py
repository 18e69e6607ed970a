"""Columns of raw cells become numbers, dates, booleans and categories."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError
from .booleans import is_boolean, parse_booleans
from .dates import ISO, date_format, parse_dates
from .missing import is_missing
from .numbers import NUMBER_FORMATS, PLAIN, number_format, parse_numbers

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
CellKind = Literal["number", "category", "boolean", "date"]
BOOLEAN = "boolean"
"""The format of numeric columns that hold booleans."""


class FactorizedColumn(NamedTuple):
    """The texts of a column, blanks around them removed.

    Args:
        codes: the position of each cell's text in ``values``, ``(n,)``; -1 where it is missing.
        values: the distinct texts, in the order in which they first occur.
    """

    codes: npt.NDArray[np.intp]
    values: list[str]

    @property
    def missing(self) -> int:
        """The number of missing cells."""
        return int((self.codes < 0).sum())

    @property
    def counts(self) -> npt.NDArray[np.intp]:
        """The number of cells with each of ``values``."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    def expand(self, values: npt.NDArray[Any], missing: object) -> npt.NDArray[Any]:
        """``values``, one for each distinct text, in the cells; ``missing`` in missing cells."""
        return np.append(values, np.array([missing], values.dtype))[self.codes]


class ParsedColumn(NamedTuple):
    """The values of a column, and which of its cells have none.

    Args:
        values: float64 numbers, 1.0 and 0.0 for booleans, times in microseconds, or categories;
            NaN, NaT or None where a cell is missing or invalid, ``(n,)``.
        invalid: whether a cell is not missing and not of the column's kind, ``(n,)``.
    """

    values: npt.NDArray[Any]
    invalid: npt.NDArray[np.bool_]


def factorize(column: pd.Series) -> FactorizedColumn:
    """The texts of a column of any type.

    Raises:
        DataError: when it holds lists or other objects that are not cells.
    """
    import pandas

    try:
        codes, uniques = pandas.factorize(column)
    except TypeError as error:
        raise DataError(
            f"the column {column.name!r} holds objects that are not cells, such as "
            f"{column.iloc[0]!r}. Give it numbers, texts or dates, or leave it out."
        ) from error
    positions: dict[str, int] = {}
    texts = (str(value).strip() for value in uniques.tolist())
    new_codes = [-1 if is_missing(t) else positions.setdefault(t, len(positions)) for t in texts]
    # Pandas codes missing values as -1, which indexes the last place.
    return FactorizedColumn(np.array([*new_codes, -1], np.intp)[codes], list(positions))


def parse_column(
    column: pd.Series,
    kind: CellKind,
    format: str = PLAIN,
    factorized: FactorizedColumn | None = None,
) -> ParsedColumn:
    """The cells of a column as values of its kind.

    The format is that of texts; cells that are numbers or dates already are taken as they are.

    Args:
        column: raw cells of any type.
        kind: what they are read as.
        format: number format, as in ``NUMBER_FORMATS``, or date format, as in ``DATE_FORMATS``;
            "" for plain numbers and ISO dates.
        factorized: the factorized column, if it is known already.
    """
    if kind == "number" and column.dtype.kind in "iufb":
        values = column.to_numpy(np.float64, na_value=np.nan)
        return ParsedColumn(values, np.zeros(len(values), bool))
    if kind == "date" and column.dtype.kind == "M":
        zone = getattr(column.dtype, "tz", None)
        times = (column if zone is None else column.dt.tz_convert(None)).to_numpy("datetime64[us]")
        return ParsedColumn(times, np.zeros(len(times), bool))
    if format != PLAIN:
        texts = np.fromiter((isinstance(cell, str) for cell in column), bool, len(column))
        if not texts.all():
            rest = parse_column(column[~texts], kind)
            if not texts.any():
                return rest
            return _combine(texts, parse_column(column[texts], kind, format), rest)
    cells = factorize(column) if factorized is None else factorized
    if kind == "category":
        values = cells.expand(category_names(cells.values), None)
        return ParsedColumn(values, np.zeros(len(values), bool))
    if kind == "date":
        times = parse_dates(cells.values, format or ISO)
        values, invalid = cells.expand(times, np.datetime64("NaT")), np.isnat(times)
    else:
        is_number = kind == "number"
        numbers = parse_numbers(cells.values, format) if is_number else parse_booleans(cells.values)
        values, invalid = cells.expand(numbers, np.nan), np.isnan(numbers)
    return ParsedColumn(values, cells.expand(invalid, False))


def infer_format(kind: str, values: Sequence[str]) -> str:
    """How the distinct texts of a column write its numbers or dates; "" for the plain way."""
    if kind == "number":
        return number_format(values) or PLAIN
    format = date_format(values) if kind == "date" else None
    return PLAIN if format is None or format == ISO else format


def example_cell(kind: str, format: str) -> str:
    """How a cell of a column should be written, for messages."""
    if kind == "date":
        return datetime.datetime(2026, 1, 31, 14, 30).strftime(format or "%Y-%m-%d")
    return "true or false" if kind == "boolean" else format or "1234.5"


def category_names(values: Sequence[str]) -> npt.NDArray[np.object_]:
    """Texts as names of categories or classes: ``3.0`` becomes ``3``."""
    return np.array([_without_zero_decimals(value) for value in values], object)


def parse_numeric(
    texts: Sequence[str], format: str | None = None
) -> tuple[Floats, npt.NDArray[np.bool_], str]:
    """Texts as numbers, or as 1 and 0 where they are booleans; NaN where missing.

    Args:
        texts: one for each row.
        format: one of ``NUMBER_FORMATS``, "" for plain numbers, or ``BOOLEAN``; None to infer it.

    Returns:
        The values ``(n,)``, which of the texts are invalid ``(n,)``, and the format.
    """
    words = [text.strip() for text in texts]
    present = np.array([not is_missing(word) for word in words], bool)
    distinct = list(dict.fromkeys(w for w, filled in zip(words, present, strict=True) if filled))
    if format is None:
        format = _numeric_format(distinct)
    parsed = parse_booleans(distinct) if format == BOOLEAN else parse_numbers(distinct, format)
    numbers = dict(zip(distinct, parsed.tolist(), strict=True))
    values = np.array([numbers.get(word, np.nan) for word in words], np.float64)
    return values, present & np.isnan(values), format


def _numeric_format(words: Sequence[str]) -> str:
    """The format that fits all words, or else the one that fits most of them."""
    format = number_format(words)
    if format is None and is_boolean(words):
        return BOOLEAN
    if format is None:
        unread = {f: np.isnan(parse_numbers(words, f)).sum() for f in (PLAIN, *NUMBER_FORMATS)}
        format = min(unread, key=lambda f: int(unread[f]))
    return format


def _combine(
    texts: npt.NDArray[np.bool_], formatted: ParsedColumn, rest: ParsedColumn
) -> ParsedColumn:
    """One column of the cells that are texts, and of the rest."""
    values = np.empty(len(texts), formatted.values.dtype)
    invalid = np.empty(len(texts), bool)
    for rows, part in ((texts, formatted), (~texts, rest)):
        values[rows], invalid[rows] = part
    return ParsedColumn(values, invalid)


def _without_zero_decimals(word: str) -> str:
    digits, _, rest = word.partition(".")
    return digits if digits.lstrip("-").isdigit() and rest and not rest.strip("0") else word
