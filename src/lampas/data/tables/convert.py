"""Convert raw cells to numbers, categories and dates, the same way in training and prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ...parsing.columns import (
    FactorizedColumn,
    example_cell,
    factorize,
    infer_decimal,
    infer_format,
    parse_column,
    read_as_missing,
)
from ...parsing.numbers import PLAIN
from ..labels import format_list
from .column_types import ColumnKind, suggest_columns
from .read import row_location, with_row_numbers

if TYPE_CHECKING:
    import pandas as pd

Cells = Mapping[str, FactorizedColumn]
Kinds = Mapping[str, ColumnKind]
Formats = Mapping[str, str]
"""Number and date formats by column, where they are not plain."""


def convert_rows(
    source: pd.DataFrame | Sequence[Mapping[str, Any]],
    columns: Mapping[str, ColumnKind],
    formats: Formats | None = None,
) -> pd.DataFrame:
    """The features of rows as float64, datetime64, or str with None for a missing value.

    Booleans become ``"true"`` and ``"false"``. Columns that are not in ``columns`` are ignored;
    `unknown_columns` names them.

    Args:
        source: raw cells, as `read_frame` reads them, or a list of dicts.
        columns: kinds by name; those to leave out may be included.
        formats: number and date formats, as in `TableProfile.formats` or `Table.formats`; None to
            infer them from these cells alone, which may read ``1,234`` in another way than the
            whole table would.

    Raises:
        DataError: when a column is missing, or a cell is not of its column's kind.
    """
    import pandas

    names = [name for name, kind in columns.items() if kind != "leave-out"]
    if not isinstance(source, pandas.DataFrame):
        source = _rows_to_frame(source, names)
    frame = with_row_numbers(source)
    kinds = feature_columns(frame, columns)
    cells = {name: factorize(frame[name]) for name in kinds}
    formats = infer_formats(cells, kinds) if formats is None else formats
    return convert_columns(frame, cells, kinds, formats)


def factorize_columns(frame: pd.DataFrame) -> dict[str, FactorizedColumn]:
    """The cells of all columns; those of columns of lists or other objects count as missing."""
    cells = {}
    for name in frame.columns:
        if nested_cell(frame[name]) is None:
            cells[name] = factorize(frame[name])
        else:
            cells[name] = FactorizedColumn(np.full(len(frame), -1), [])
    return cells


def nested_cell(column: pd.Series) -> object | None:
    """The first list, dict, set or array among the cells of a column; None if there is none."""
    if column.dtype.kind != "O":
        return None
    return next((cell for cell in column if isinstance(cell, list | dict | set | np.ndarray)), None)


def feature_columns(frame: pd.DataFrame, columns: Kinds) -> dict[str, ColumnKind]:
    """The columns that are not left out. Raises DataError when the frame lacks one."""
    kinds: dict[str, ColumnKind] = {n: kind for n, kind in columns.items() if kind != "leave-out"}
    if absent := [name for name in kinds if name not in frame.columns]:
        raise DataError(
            f"{frame.attrs['path']} has no column {format_list(map(repr, absent))}, which the "
            f"model needs{suggest_columns(absent[0], frame.columns)}"
        )
    return kinds


def infer_formats(cells: Cells, kinds: Kinds) -> dict[str, str]:
    """How the numbers and dates of these cells are written, if not in the plain way."""
    decimal = infer_decimal(cells.values())
    formats = {name: infer_format(kind, cells[name], decimal) for name, kind in kinds.items()}
    return {name: format for name, format in formats.items() if format != PLAIN}


def convert_columns(
    frame: pd.DataFrame, cells: Cells, kinds: Kinds, formats: Formats
) -> pd.DataFrame:
    """`convert_rows` for factorized columns; raises DataError for a cell of another kind."""
    import pandas

    series = {}
    for name, kind in kinds.items():
        values = _convert(frame, name, kind, cells[name], formats.get(name, PLAIN))
        dtype = object if kind in ("category", "boolean", "text") else None
        series[name] = pandas.Series(values, frame.index, dtype=dtype)
    converted: pd.DataFrame = pandas.DataFrame(series, frame.index)
    converted.attrs["path"] = frame.attrs["path"]
    return converted


def unknown_columns(
    source: pd.DataFrame | Sequence[Mapping[str, Any]], columns: Mapping[str, object]
) -> tuple[str, ...]:
    """The names of the rows' columns that are not in ``columns``."""
    names = source.columns if hasattr(source, "columns") else chain.from_iterable(source)
    return tuple(str(name) for name in dict.fromkeys(names) if name not in columns)


def _rows_to_frame(source: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pd.DataFrame:
    import pandas

    for number, row in enumerate(source, 1):
        if not isinstance(row, Mapping):
            raise DataError(f"row {number:,} is {row!r}; pass a dict of columns.")
        for name in names:
            if name not in row:
                hint = suggest_columns(name, map(str, row))
                raise DataError(
                    f"row {number:,} has no {name!r}{hint if hint.startswith('; similar') else '.'}"
                    " Write None for a missing value."
                )
    raw = {name: pandas.Series([row[name] for row in source], dtype=object) for name in names}
    return pandas.DataFrame(raw)


def _convert(
    frame: pd.DataFrame, name: str, kind: ColumnKind, cells: FactorizedColumn, format: str
) -> npt.NDArray[Any]:
    if not cells.values:
        cells = factorize(frame[name])  # Raises an error for lists and other objects.
    assert kind != "leave-out"
    values, invalid = parse_column(frame[name], kind, format, cells)
    unusable = np.isinf(values) if kind == "number" else invalid & (kind == "boolean")
    read_as_missing(name, frame[name].array, unusable, lambda row: row_location(frame, row))
    if kind == "boolean":
        words = np.array(["false", "true", None], object)
        return words[np.nan_to_num(values, nan=2).astype(int)]
    if invalid.any():
        row = int(np.argmax(invalid))
        raise DataError(
            f"{row_location(frame, row)}: {name!r} is {str(frame[name].iloc[row]).strip()!r:.60}, "
            f"which is not a {kind}. Write it as {example_cell(kind, format)}, leave it empty, or "
            "read the column as a category."
        )
    return np.where(unusable, np.nan, values) if unusable.any() else values
