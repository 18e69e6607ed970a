"""The types of a table's columns: inferred from their cells and names, or chosen by the user."""

from __future__ import annotations

import difflib
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError, unknown_name
from ...parsing.booleans import is_boolean, parse_booleans
from ...parsing.columns import FactorizedColumn, infer_date, infer_number
from ...parsing.dates import ISO, date_format, date_warning, swapped_format
from ...parsing.numbers import (
    NUMBER_FORMATS,
    PLAIN,
    number_warning,
    other_number_format,
    parse_numbers,
    unit_of,
)
from ...parsing.words import split_words
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
_INDEX_NAME = re.compile(r"unnamed: ?\d+|column 1|level_\d+|index|row[._ ]?names?")
"""Names of the index of a frame in a file; the reader names a first column without a name."""
MAX_SPARSITY = 2
"""The largest row number, in rows: up to half of the rows may have been cut."""
NUMBERS_ROWS = "it numbers the rows"
"""The reason why row numbers are left out."""
CHOSEN, CHOSEN_FORMAT = "chosen by you", "in the format that you chose"
"""The reasons of a kind that the user chose, and of one that follows from a chosen format."""
MAX_CODES = 30
"""Maximum number of distinct values of integers that may be codes."""
MIN_FILL_VALUE = 99
"""The smallest number that may mark missing values, as 99 or -999 do."""
MAX_DATES = 50
"""Distinct values that are tried as dates one by one."""
MIN_DISTINCT = 20
"""Minimum distinct values of a column that may identify rows, or is reported as mixed."""
MIN_NUMBER_SHARE = 0.5
"""Minimum share of numbers or dates for a warning about the other words of a column."""
TEXT_WORDS, MIN_WORDS, TEXT_CHARACTERS = 4, 2, 60
"""Minimum mean number of words of free text, and of long values, with so many characters."""
MAX_TEXTS = 1000
"""Number of values that are divided into words to find out whether they are texts."""
ROWS_PER_TEXT = 10
"""Mean number of rows of each text from which on texts are categories."""
MIN_WORD_TEXTS, MIN_TEXT_SHARE = 3, 0.5
"""Texts that have a word in common, and minimum share of the texts that have such a word."""


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


def infer_column(name: str, cells: FactorizedColumn, decimal: str | None = None) -> Column:
    """The profile of a column by its cells, and by its name where they leave the kind open.

    Whole numbers are numbers, but categories if they begin with 0 as ``007`` does, or if the name
    says that they are codes and there are at most ``MAX_CODES`` of them.

    Args:
        name: name of the column.
        cells: its cells.
        decimal: decimal sign of the table; see `lampas.parsing.numbers.decimal_sign`.
    """
    kind, reason, details = _infer_kind(name, cells, decimal)
    note = {"note": f"{len(cells.values):,} values"} if len(cells.values) > 1000 else {}
    if kind in ("number", "boolean", "date"):
        words = cells.values
        cells = cells.without_missing_words()
        if words := sorted(set(words).difference(cells.values)):
            note["note"] = f"missing where it is {format_list(words, 3)}"
    missing = cells.missing / len(cells.codes)
    return Column(name, kind, reason, missing, len(cells.values), **note | details)


def user_column(
    name: str, cells: FactorizedColumn, kind: str, decimal: str | None = None
) -> Column:
    """The profile of a column whose kind or format the user chose.

    Args:
        name: name of the column.
        cells: its cells.
        kind: one of ``COLUMN_KINDS``, or the format of numbers or dates: ``"1.234,5"``,
            ``"%d.%m.%Y"``.
        decimal: decimal sign of the table.

    Raises:
        UnknownNameError: for another kind.
        DataError: when a column of other words should be booleans.
    """
    missing, distinct = cells.missing / len(cells.codes), len(cells.values)
    if is_format(kind):
        chosen: ColumnKind = "date" if is_date_format(kind) else "number"
        return Column(name, chosen, CHOSEN_FORMAT, missing, distinct, format=kind)
    if kind not in COLUMN_KINDS:
        raise unknown_name("kind of column", kind, COLUMN_KINDS)
    details: dict[str, str] = {}
    if kind == "boolean":
        _check_booleans(name, cells.without_missing_words().values)
    elif kind == "number" and (format := infer_number(cells, decimal)) is not None:
        details = _number_details(name, cells, format, decimal)
    elif kind == "date" and (format := infer_date(cells)) is not None:
        details = _date_details(name, cells, format)
    return Column(name, kind, CHOSEN, missing, distinct, **details)  # type: ignore[arg-type]


def _check_booleans(name: str, words: list[str]) -> None:
    if np.isnan(parse_booleans(words)).any():
        raise DataError(
            f"{name!r} is not a column of booleans: it has values such as "
            f"{format_list(map(_shorten, words), 3)}. Choose {column_option(name, 'category')}."
        )


def is_format(kind: str) -> bool:
    """Whether a kind that the user chose is the format of numbers or dates."""
    return is_date_format(kind) or any(format in kind for format in NUMBER_FORMATS)


def is_date_format(format: str) -> bool:
    """Whether a format is one of dates, such as ``"%d.%m.%Y"``, rather than of numbers."""
    return any(part in format for part in ("%d", "%Y", "%y"))


def column_option(name: str, kind: str) -> str:
    """The option of ``lampas train`` that chooses the kind of a column, as a shell takes it."""
    return f"--as {shlex.quote(f'{name}={kind}')}"


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


def _infer_kind(name: str, cells: FactorizedColumn, decimal: str | None) -> InferredKind:
    values = cells.values
    if not values:
        return "leave-out", "it is empty", {}
    if len(values) == 1 and not cells.missing:
        return "leave-out", f"it is {_shorten(values[0])} in every row", {}
    present = cells.without_missing_words()
    if is_boolean(words := present.values):
        return "boolean", f"its values are {words[0]} and {words[1]}", {}
    if (format := infer_number(cells, decimal)) is not None:
        return _infer_number(name, present, format, decimal)
    if format := infer_date(cells):
        return "date", "all values are dates", _date_details(name, cells, format)
    return _infer_category(name, cells)


def _date_details(name: str, cells: FactorizedColumn, format: str) -> dict[str, str]:
    """The format of dates, with a warning where another one fits as well."""
    if format == ISO:
        return {}
    texts = cells.without_missing_words().texts
    warning = date_warning(name, texts, format)
    if other := swapped_format(texts, format):
        warning += f" Or choose {column_option(name, other)}."
    return {"format": format, "warning": warning}


def _number_details(
    name: str, cells: FactorizedColumn, format: str, decimal: str | None
) -> dict[str, str]:
    """The format of numbers, with a warning where another one fits as well."""
    texts = cells.without_missing_words().texts
    warning = number_format_warning(name, texts, format, decimal)
    note = {"note": f"written as in {texts[0]}"} if format else {}
    return {"format": format, "warning": warning} | note


def number_format_warning(name: str, texts: Sequence[str], format: str, decimal: str | None) -> str:
    """`number_warning` with the option that chooses the other format, or ""."""
    warning = number_warning(name, texts, format, decimal)
    other = other_number_format(texts, format) if warning else ""
    return f"{warning} Or choose {column_option(name, other)}." if warning else ""


def _infer_number(
    name: str, cells: FactorizedColumn, format: str, decimal: str | None
) -> InferredKind:
    values, name_words = cells.values, split_name(name)
    if any(len(value) > 1 and value[0] == "0" and value.isdigit() for value in values):
        return _infer_category(name, cells, "codes that begin with 0")
    typed = [value in cells.typed for value in values]
    numbers = np.where(typed, parse_numbers(values), parse_numbers(values, format))
    finite = np.isfinite(numbers)
    numbers = numbers[finite]
    integer = bool((numbers == np.round(numbers)).all())
    unique = len(values) >= MIN_DISTINCT and len(values) == len(cells.codes)
    if integer and is_row_number(name, numbers, len(cells.codes)):
        return "leave-out", NUMBERS_ROWS, {}
    if integer and unique and not name_words & _TIME_NAMES:
        if name_words & _ID_NAMES:
            return "leave-out", "it identifies rows: every row has another value", {}
        if np.ptp(numbers) == len(numbers) - 1 and (np.diff(numbers) == 1).all():
            return "leave-out", NUMBERS_ROWS, {}
    codes = integer and name_words & _CODE_NAMES and len(values) <= MAX_CODES
    if codes and not _identifies_rows(cells):
        return "category", "by its name the numbers are codes", {}
    if integer and name_words & {"id", "uuid"} and len(values) >= MIN_DISTINCT:
        return "leave-out", f"by its name its {len(values):,} distinct numbers are identifiers", {}
    details = _number_details(name, cells, format, decimal)
    details["warning"] = details["warning"] or _fill_value_warning(
        name, numbers, cells.counts[finite]
    )
    return "number", "all values are integers" if integer else "all values are numbers", details


def _fill_value_warning(
    name: str, numbers: npt.NDArray[np.float64], counts: npt.NDArray[np.intp]
) -> str:
    """A warning if a number such as -999 repeats far from all others, or ""."""
    for row in np.flatnonzero((counts > 1) & (np.abs(numbers) >= MIN_FILL_VALUE)):
        rest = np.delete(numbers, row)
        digits = f"{abs(numbers[row]):.0f}"
        is_mark = set(digits) == {"9"} or abs(numbers[row]) in (1e20, 1e30, 32767, 32768)
        if is_mark and len(rest) and np.abs(rest).max() * 5 < abs(numbers[row]):
            low, high = rest.min(), rest.max()
            return (
                f"{name!r} is {numbers[row]:.10g} in {counts[row] / counts.sum():.1%} of its "
                f"cells, and between {low:.6g} and {high:.6g} in all others. If that marks missing "
                "values, empty those cells."
            )
    return ""


def _infer_category(name: str, cells: FactorizedColumn, reason: str = "") -> InferredKind:
    values, rows = cells.values, len(cells.codes) - cells.missing
    words = [split_words(value.lower()) for value in values[:MAX_TEXTS]]
    mean_words = sum(map(len, words)) / len(words)
    is_text = len(values) >= MIN_DISTINCT and _is_free_text(values[:MAX_TEXTS], mean_words)
    if is_text and rows < ROWS_PER_TEXT * len(values) and _have_common_words(words):
        return "text", "it is free text", _mixed_column(name, cells, "a text")
    if not _identifies_rows(cells):
        details = _mixed_column(name, cells, "a category")
        return "category", reason or f"{len(values):,} distinct words", details
    details, option = _mixed_column(name, cells, "left out"), column_option(name, "text")
    if is_text:
        reason = "it is free text, and few of its words occur in several rows"
        warning = f"{name!r} is left out: {reason}. Use it anyway with {option}."
        return "leave-out", reason, {"warning": warning} | details
    reason = f"it identifies rows: {len(values):,} distinct values in {rows:,} rows"
    hint = f"; {option} uses its words" if mean_words >= MIN_WORDS else ""
    return "leave-out", reason + hint, details


def _mixed_column(name: str, cells: FactorizedColumn, effect: str) -> dict[str, str]:
    """A warning if most of a column looks like numbers or dates, but it cannot be read as such."""
    cells = cells.without_missing_words()
    has_digits = any(sign.isdigit() for value in cells.values[:MAX_DATES] for sign in value)
    if len(cells.values) < MIN_DISTINCT or not has_digits:
        return {}
    units = [unit_of(value) for value in cells.values]
    not_numbers = np.array([unit is None for unit in units])
    share = cells.counts[not_numbers].sum() / cells.counts.sum()
    distinct_units = dict.fromkeys(unit for unit in units if unit is not None)
    note = "numbers and words"
    if not share and len(distinct_units) == 1:
        problem, words = "has numbers whose points and commas contradict each other", cells.values
        advice = "Write them all in one way"
    elif not share:
        problem, words = "looks like numbers with several units", list(distinct_units)
        advice = "Write them all in one unit"
    elif share <= 1 - MIN_NUMBER_SHARE:
        problem = f"has numbers, but {share:.1%} of its values are other words"
        words = [value for value, word in zip(cells.values, not_numbers, strict=True) if word]
        advice = "Empty those cells or write them as numbers"
    else:
        words = [value for value in cells.values[:MAX_DATES] if date_format([value])]
        if len(words) < MIN_NUMBER_SHARE * len(cells.values[:MAX_DATES]):
            return {}
        problem, note = "looks like dates in several forms or with other words", "dates and words"
        advice = "Write all dates as 2026-01-31, and leave the other cells empty"
    warning = (
        f"{name!r} {problem} ({format_list(map(_shorten, words), 3)}), so it is {effect}. "
        f"{advice}; {column_option(name, 'category')} keeps the words as they are."
    )
    return {"warning": warning, "note": note}


def _identifies_rows(cells: FactorizedColumn) -> bool:
    """Whether hardly any two rows have the same value."""
    distinct = len(cells.values)
    return distinct >= MIN_DISTINCT and 2 * distinct > len(cells.codes) - cells.missing


def _is_free_text(values: Sequence[str], mean_words: float) -> bool:
    mean_characters = sum(map(len, values)) / len(values)
    is_long = mean_characters >= TEXT_CHARACTERS and mean_words >= MIN_WORDS
    return is_long or mean_words >= TEXT_WORDS


def _have_common_words(texts: Sequence[Sequence[str]]) -> bool:
    """Whether most texts have a word that occurs in several of them."""
    counts = Counter(word for words in texts for word in set(words))
    share = np.mean([any(counts[word] >= MIN_WORD_TEXTS for word in words) for words in texts])
    return bool(share >= MIN_TEXT_SHARE)


def is_row_number(name: str, numbers: npt.NDArray[np.float64], num_rows: int) -> bool:
    """Whether a column of integers numbers the rows, perhaps before they were shuffled or cut.

    Args:
        name: name of the column; that of an index, as pandas and R write it, decides.
        numbers: its distinct values.
        num_rows: number of rows.
    """
    size = len(numbers)
    first, last = (numbers.min(), numbers.max()) if size else (0.0, 0.0)
    dense = first in (0, 1) and last <= MAX_SPARSITY * size
    if _INDEX_NAME.fullmatch(name.strip().lower()):
        return 2 * size > num_rows or (dense and size >= MIN_DISTINCT)
    # Values that are not row numbers would repeat: each of them in about half of the rows.
    unique = size >= MIN_DISTINCT and size == num_rows
    return bool(unique and dense and not split_name(name) & _TIME_NAMES)


def split_name(name: str) -> set[str]:
    """The words of a name: ``customerId`` and ``customer_id`` have the word ``id``."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def _shorten(value: str) -> str:
    return repr(value if len(value) <= 30 else value[:29] + "…")
