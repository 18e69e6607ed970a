"""Columns of raw cells become numbers, dates, booleans and categories."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError
from .booleans import is_boolean, parse_booleans
from .dates import ISO, date_format, parse_dates
from .missing import MISSING_VALUE_WORDS, MISSING_WORDS, is_missing, is_missing_value
from .numbers import (
    NUMBER_FORMATS,
    PLAIN,
    bound_numbers,
    decimal_sign,
    number_format,
    parse_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
CellKind = Literal["number", "category", "boolean", "date", "text"]
BOOLEAN = "boolean"
"""The format of numeric columns that hold booleans."""


class FactorizedColumn(NamedTuple):
    """The texts of a column, blanks around them removed.

    Args:
        codes: the position of each cell's text in ``values``, ``(n,)``; -1 where it is missing.
        values: the distinct texts, in the order in which they first occur.
        typed: those of ``values`` that are only cells of another type than str: their texts are
            not in the format of the column.
    """

    codes: npt.NDArray[np.intp]
    values: list[str]
    typed: frozenset[str] = frozenset()

    @property
    def texts(self) -> list[str]:
        """Those of ``values`` that are cells of type str."""
        return [value for value in self.values if value not in self.typed]

    @property
    def missing(self) -> int:
        """The number of missing cells."""
        return int((self.codes < 0).sum())

    @property
    def counts(self) -> npt.NDArray[np.intp]:
        """The number of cells with each of ``values``."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    def without_missing_words(self) -> FactorizedColumn:
        """The column as one of numbers, dates or booleans, where words such as "none" are gaps."""
        if (MISSING_WORDS | MISSING_VALUE_WORDS).isdisjoint(map(str.lower, self.values)):
            return self
        values = [value for value in self.values if not is_missing_value(value)]
        positions = {value: position for position, value in enumerate(values)}
        codes = np.array([*(positions.get(value, -1) for value in self.values), -1], np.intp)
        return FactorizedColumn(codes[self.codes], values, self.typed)

    def expand(self, values: npt.NDArray[Any], missing: object) -> npt.NDArray[Any]:
        """``values``, one for each distinct text, in the cells; ``missing`` in missing cells."""
        return np.append(values, np.array([missing], values.dtype))[self.codes]


class ParsedColumn(NamedTuple):
    """The values of a column, and which of its cells have none.

    Args:
        values: float64 numbers, 1.0 and 0.0 for booleans, times in microseconds, categories or
            texts; NaN, NaT or None where a cell is missing or invalid, ``(n,)``. Numbers that
            float32 cannot hold are infinite.
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
    cells = [(str(value).strip(), isinstance(value, str)) for value in uniques.tolist()]
    new_codes = [-1 if is_missing(t) else positions.setdefault(t, len(positions)) for t, _ in cells]
    typed = frozenset(positions) - {text for text, is_text in cells if is_text}
    # Pandas codes missing values as -1, which indexes the last place.
    return FactorizedColumn(np.array([*new_codes, -1], np.intp)[codes], list(positions), typed)


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
        format: number format, such as ``"1.234,5 kg"``, or date format, as in ``DATE_FORMATS``;
            "" for plain numbers and ISO dates.
        factorized: the factorized column, if it is known already.
    """
    if kind == "number" and column.dtype.kind in "iufb":
        values = bound_numbers(column.to_numpy(np.float64, na_value=np.nan))
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
    if kind in ("category", "text"):
        is_text = kind == "text"
        words = np.array(cells.values, object) if is_text else category_names(cells.values)
        return ParsedColumn(cells.expand(words, None), np.zeros(len(cells.codes), bool))
    cells = cells.without_missing_words()
    if kind == "date":
        times = parse_dates(cells.values, format or ISO)
        values, invalid = cells.expand(times, np.datetime64("NaT")), np.isnat(times)
    else:
        numbers = (
            parse_booleans(cells.values) if kind == "boolean" else _parse_numbers(cells, format)
        )
        values, invalid = cells.expand(numbers, np.nan), np.isnan(numbers)
    return ParsedColumn(values, cells.expand(invalid, False))


def infer_number(cells: FactorizedColumn, decimal: str | None = None) -> str | None:
    """The format in which all cells but missing ones are numbers; None if there is none.

    Args:
        cells: the column.
        decimal: decimal sign of the file; see `lampas.parsing.numbers.decimal_sign`.
    """
    cells = cells.without_missing_words()
    typed = [value for value in cells.values if value in cells.typed]
    if not cells.values or (typed and np.isnan(parse_numbers(typed)).any()):
        return None
    return number_format(cells.texts, decimal) if cells.texts else PLAIN


def infer_date(cells: FactorizedColumn) -> str | None:
    """The format in which all cells but missing ones are dates; None if there is none."""
    cells = cells.without_missing_words()
    typed = [value for value in cells.values if value in cells.typed]
    if typed and date_format(typed) != ISO:
        return None
    return date_format(cells.texts) if cells.texts or not typed else ISO


def infer_format(kind: str, cells: FactorizedColumn, decimal: str | None = None) -> str:
    """How the texts of a column write its numbers or dates; "" for the plain way."""
    if kind == "number":
        return infer_number(cells, decimal) or PLAIN
    format = infer_date(cells) if kind == "date" else None
    return PLAIN if format is None or format == ISO else format


def infer_decimal(columns: Iterable[FactorizedColumn]) -> str | None:
    """The decimal sign of a table, as some of its columns prove it; None if unknown."""
    return decimal_sign(cells.without_missing_words().texts for cells in columns)


def example_cell(kind: str, format: str) -> str:
    """How a cell of a column should be written, for messages."""
    if kind == "date":
        return datetime.datetime(2026, 1, 31, 14, 30).strftime(format or "%Y-%m-%d")
    return "true or false" if kind == "boolean" else format or "1234.5"


def read_as_missing(
    name: object, cells: Sequence[Any], rows: npt.NDArray[np.bool_], where: Callable[[int], str]
) -> None:
    """Warn that cells of a column of numbers or booleans have no value that can be used.

    Args:
        name: name of the column.
        cells: all its cells.
        rows: which of them are infinite, or neither true nor false.
        where: describes the place of a row.
    """
    if not rows.any():
        return
    first = int(np.argmax(rows))
    more = f", and {rows.sum() - 1:,} more of {len(rows):,} cells" if rows.sum() > 1 else ""
    warnings.warn(
        f"{where(first)}: {name!r} is {str(cells[first]).strip():.60}, which is not a value that "
        f"the column can have; it is read as missing{more}.",
        stacklevel=4,
    )


def category_names(values: Sequence[str]) -> npt.NDArray[np.object_]:
    """Texts as names of categories or classes: ``3.0`` becomes ``3``."""
    return np.array([_without_zero_decimals(value) for value in values], object)


def parse_numeric(
    texts: Sequence[str], format: str | None = None, decimal: str | None = None
) -> tuple[Floats, npt.NDArray[np.bool_], str]:
    """Texts as numbers, or as 1 and 0 where they are booleans; NaN where missing.

    Args:
        texts: one for each row.
        format: a number format, "" for plain numbers, or ``BOOLEAN``; None to infer it.
        decimal: decimal sign of the file, if it is known.

    Returns:
        The values ``(n,)``, infinite where float32 cannot hold them; which of the texts are
        invalid ``(n,)``; and the format.
    """
    words = [text.strip() for text in texts]
    present = np.array([not is_missing_value(word) for word in words], bool)
    distinct = list(dict.fromkeys(w for w, filled in zip(words, present, strict=True) if filled))
    if format is None:
        format = _numeric_format(distinct, decimal)
    parsed = parse_booleans(distinct) if format == BOOLEAN else parse_numbers(distinct, format)
    numbers = dict(zip(distinct, parsed.tolist(), strict=True))
    values = np.array([numbers.get(word, np.nan) for word in words], np.float64)
    return values, present & np.isnan(values), format


def _numeric_format(words: Sequence[str], decimal: str | None) -> str:
    """The format that fits all words, or else the one that fits most of them."""
    format = number_format(words, decimal)
    if format is None and is_boolean(words):
        return BOOLEAN
    if format is None:
        unread = {f: np.isnan(parse_numbers(words, f)).sum() for f in (PLAIN, *NUMBER_FORMATS)}
        format = min(unread, key=lambda f: int(unread[f]))
    return format


def _parse_numbers(cells: FactorizedColumn, format: str) -> Floats:
    """The numbers of the distinct cells; true and false are 1 and 0 where they are not texts."""
    values = parse_numbers(cells.values, format)
    for word, number in (("True", 1.0), ("False", 0.0)):
        if word in cells.typed:
            values[cells.values.index(word)] = number
    return values


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
