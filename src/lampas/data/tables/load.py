"""Load a file of rows as a table, to train on or to evaluate on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from ...core.errors import ArgumentError
from ...parsing.columns import infer_decimal
from ...parsing.numbers import PLAIN
from .column_types import ColumnKind
from .convert import (
    Formats,
    convert_columns,
    convert_rows,
    factorize_columns,
    feature_columns,
    infer_formats,
)
from .dataset import Table
from .profile import infer_columns
from .read import read_chunks, with_row_numbers
from .row_structure import RowStructure, infer_structure
from .target import TableTask, encode_target, infer_target, split_keys

if TYPE_CHECKING:
    import pandas as pd


def table(
    source: str | PathLike[str] | pd.DataFrame,
    target: str,
    *,
    task: TableTask | None = None,
    columns: Mapping[str, ColumnKind] | None = None,
    group: str | None = None,
    time: str | None = None,
    formats: Formats | None = None,
    sheet: str | int | None = None,
) -> Table:
    """A table of your own with a column to predict.

    ``source`` is a CSV, TSV, Parquet or Excel file whose first line names the columns, or a frame.
    Rows of classes with fewer than three rows are left out. `Table.split` holds some rows out.

    Args:
        source: a file or a pandas frame.
        target: name of the column to predict.
        task: ``"classify"`` or ``"regress"``; None to infer it from the target.
        columns: the features, with their kinds; None to infer them from their cells.
        group: column whose groups are never divided by a split.
        time: column of dates or numbers to split by.
        formats: number and date formats by column, where they are not plain:
            ``{"price": "1.234,5", "day": "%d.%m.%Y"}``; None to infer it.
        sheet: name or number, from 1, of a sheet of an Excel file; None for the first with rows,
            with a warning if there are more of them.

    Without ``columns``, warnings report columns and targets that can be read in two ways, columns
    of mixed cells, and rows of rare classes; without ``group`` and ``time`` as well, rows that
    follow each other in time or belong to groups, which a random split ignores.

    Raises:
        FileError: when the file cannot be read.
        DataError: when it is empty or broken, a column does not exist, a cell is not of its
            column's kind, or the target has missing values or one value only.
        ArgumentError: when the arguments do not go together.

    Example:
        >>> import lampas as lp
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"price": ["1,5", "2,25"] * 6, "sold": ["yes", "no"] * 6})
        >>> rows = lp.data.table(frame, target="sold")
        >>> rows.columns, rows.formats, rows.classes
        ({'price': 'number'}, {'price': '1.234,5'}, ('no', 'yes'))
    """
    frame = with_row_numbers(source, sheet)
    cells = factorize_columns(frame)
    target_format = None if formats is None else formats.get(target)
    decimal = infer_decimal(cells.values())
    encoded = infer_target(frame, target, task, decimal, target_format)
    keys = split_keys(frame, group, time, formats, decimal)
    if columns is None:
        profiles = infer_columns(frame, cells, target, {}, group, time)
        for message in (*encoded.warnings, *(column.warning for column in profiles.values())):
            if message:
                advice = " In Python, pass formats= or columns=." if "--as" in message else ""
                warnings.warn(f"{message}{advice}", stacklevel=2)
        if group is None and time is None:
            structure = infer_structure(frame, cells, profiles, target, encoded, "{}={!r}".format)
            _warn_of_structure(structure)
            if not isinstance(source, str | PathLike) and _has_ordered_times(source.index):
                warnings.warn(
                    "the rows are in the order of the times in the index, so that a random split "
                    "makes errors look too small: make it a column by reset_index(), and pass "
                    "time=.",
                    stacklevel=2,
                )
        columns = {name: profile.kind for name, profile in profiles.items()}
    columns = feature_columns(frame, columns)
    if target in columns:
        raise ArgumentError(f"{target!r} is the target; leave it out of the features.")
    formats = infer_formats(cells, columns) if formats is None else formats
    if encoded.format != PLAIN:
        formats = {target: encoded.format, **formats}
    y, classes, rows = encoded.y, encoded.classes, encoded.rows
    x = convert_columns(frame, cells, columns, formats).iloc[rows]
    lines = frame.index.to_numpy(np.intp)[rows]
    groups, times = (None if key is None else key[rows] for key in keys)
    return Table(x, y, classes, columns, target, lines, groups, times, formats)


def _warn_of_structure(structure: RowStructure) -> None:
    """Warn if rows depend on each other: they will be split at random."""
    for message in structure.warnings:
        warnings.warn(message, stacklevel=3)
    for argument, name in (("group", structure.group), ("time", structure.time)):
        if name is not None:
            warnings.warn(
                f"{structure.reason}, so that a random split makes errors look too small: pass "
                f"{argument}={name!r}.",
                stacklevel=3,
            )


def _has_ordered_times(index: pd.Index) -> bool:
    return index.dtype.kind == "M" and (
        index.is_monotonic_increasing or index.is_monotonic_decreasing
    )


def load_labelled(
    source: str | PathLike[str] | pd.DataFrame,
    target: str,
    task: TableTask,
    columns: Mapping[str, ColumnKind],
    classes: Sequence[str],
    formats: Formats | None = None,
    sheet: str | None = None,
) -> Table:
    """Other rows with the same target, to evaluate a trained model on.

    Args:
        source: a file or a pandas frame.
        target: name of the target's column, which must exist.
        task: task that the model was trained for.
        columns: the features of the model, with their kinds.
        classes: names by label.
        formats: as `Table.formats` of the training data; None to infer them from these cells.
        sheet: as ``default_sheet`` of `read_chunks`.

    Raises:
        FileError: when the file cannot be read.
        DataError: when a column or a target is missing, a class is new, or a cell is not of its
            column's kind; the row is named.
    """
    if isinstance(source, str | PathLike):
        (source,) = read_chunks(source, None, default_sheet=sheet)
    frame = with_row_numbers(source)
    format = None if formats is None else formats.get(target, PLAIN)
    y = encode_target(frame, target, task, classes, format)
    x = convert_rows(frame, columns, formats)
    kinds, lines = feature_columns(frame, columns), frame.index.to_numpy(np.intp)
    return Table(x, y, tuple(classes), kinds, target, lines, formats=formats or {})
