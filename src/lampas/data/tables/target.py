"""The target column: infer the task and encode it; and the columns that rows are split by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError
from ...parsing.columns import (
    CellKind,
    FactorizedColumn,
    category_names,
    factorize,
    infer_date,
    infer_number,
    parse_column,
)
from ...parsing.numbers import PLAIN
from ..labels import format_list, natural_sort, pluralize, spelling_warning
from .column_types import get_column, is_date_format, number_format_warning
from .read import row_location

if TYPE_CHECKING:
    import pandas as pd

TableTask = Literal["classify", "regress"]
MAX_CLASSES, ROWS_PER_CLASS = 20, 10
"""Integers are classes up to this number of distinct ones with this mean number of rows each."""
MIN_ROWS, MIN_CLASS_ROWS = 10, 3
"""Minimum rows of a table and of a class, so that each of the three splits has some."""


class Target(NamedTuple):
    """The encoded target.

    Args:
        task: ``"classify"`` or ``"regress"``.
        reason: why it is this task.
        y: labels, int32, or values, float64; one for each of ``rows``.
        classes: names by label; empty for regression.
        rows: indices of the rows to train on.
        format: number format.
        warnings: what the user should check.
    """

    task: TableTask
    reason: str
    y: npt.NDArray[Any]
    classes: tuple[str, ...]
    rows: npt.NDArray[np.intp]
    format: str = PLAIN
    warnings: tuple[str, ...] = ()


def infer_target(
    frame: pd.DataFrame,
    name: str,
    task: TableTask | None = None,
    decimal: str | None = None,
    format: str | None = None,
) -> Target:
    """The task and the encoded target.

    A target with two distinct values, or with other values than numbers, is a class.

    Args:
        frame: raw cells.
        name: name of the target.
        task: None to infer it.
        decimal: decimal sign of the table; see `lampas.parsing.numbers.decimal_sign`.
        format: number format; None to infer it.

    Raises:
        DataError: when there are too few rows, or the column does not exist, has missing values,
            one value only, a class for nearly every row, or no numbers for ``task="regress"``.
    """
    get_column(frame, name)
    if len(frame) < MIN_ROWS:
        raise DataError(
            f"{frame.attrs['path']} has {pluralize(len(frame), 'row')}; with fewer than {MIN_ROWS} "
            "none can be held out."
        )
    cells = _complete_target(frame, name)
    if format is None:
        format = infer_number(cells, decimal)
    else:
        decimal = decimal or ","  # The user has chosen: there is no doubt.
    task, reason = (task, "chosen by you") if task else _infer_task(frame, name, cells, format)
    if task == "regress":
        values = _parse_values(frame, name, cells, format)
        if len(cells.values) == 1:
            raise _constant_error(frame, name, cells)
        format = format or PLAIN
        warning = number_format_warning(name, cells.texts, format, decimal)
        warnings = (warning,) if warning else ()
        return Target(task, reason, values, (), np.arange(len(frame)), format, warnings)
    return _encode_classes(frame, name, cells, reason)


def encode_target(
    frame: pd.DataFrame,
    name: str,
    task: TableTask,
    classes: Sequence[str],
    format: str | None = None,
) -> npt.NDArray[Any]:
    """The target of other rows, encoded in the same way, ``(n,)``.

    Raises:
        DataError: when the column does not exist, has missing values, or a class that is not one
            of ``classes``.
    """
    cells = _complete_target(frame, name)
    if task == "regress":
        format = infer_number(cells) if format is None else format
        return _parse_values(frame, name, cells, format)
    labels: Mapping[str, int] = {name: label for label, name in enumerate(classes)}
    words = category_names(cells.values).tolist()
    for code, word in enumerate(words):
        if word not in labels:
            first = int(np.argmax(cells.codes == code))
            raise DataError(
                f"{row_location(frame, first)}: {name!r} is {word!r}, which is not one of the "
                f"classes of the model ({format_list(map(repr, classes), 8)}). Leave such rows out."
            )
    return np.array([labels[word] for word in words], np.int32)[cells.codes]


def _complete_target(frame: pd.DataFrame, name: str) -> FactorizedColumn:
    cells = factorize(get_column(frame, name))
    if cells.missing:
        first = row_location(frame, int(np.argmax(cells.codes < 0)))
        raise DataError(
            f"the target {name!r} is empty in {cells.missing:,} of {pluralize(len(frame), 'row')}, "
            f"first in {first}. Fill it in, or remove those rows."
        )
    return cells


def _infer_task(
    frame: pd.DataFrame, name: str, cells: FactorizedColumn, format: str | None
) -> tuple[TableTask, str]:
    distinct, rows = len(cells.values), len(frame)
    if distinct == 1:
        raise _constant_error(frame, name, cells)
    if format is None:
        if infer_date(cells):
            raise DataError(
                f"the target {name!r} of {frame.attrs['path']} is a date ({cells.values[0]}). "
                "Choose a column of numbers or classes."
            )
        return "classify", f"{name!r} has words: {format_list(cells.values, 3)}"
    values, _ = parse_column(frame[name], "number", format, cells)
    values = values[np.isfinite(values)]
    distinct = len(cells.without_missing_words().values)
    reason = f"{name!r} has {distinct:,} distinct numbers in {rows:,} rows"
    if distinct <= 2:
        return "classify", f"{reason}; --task regress reads them as numbers"
    integer = bool((values == np.round(values)).all())
    if integer and distinct <= MAX_CLASSES and distinct * ROWS_PER_CLASS <= rows:
        return "classify", f"{reason}, all integers; --task regress reads them as numbers"
    return "regress", reason


def _parse_values(
    frame: pd.DataFrame, name: str, cells: FactorizedColumn, format: str | None
) -> npt.NDArray[np.float64]:
    values, invalid = parse_column(frame[name], "number", format or PLAIN, cells)
    if (invalid := invalid | ~np.isfinite(values)).any():
        row = int(np.argmax(invalid))
        more = f" (so are {invalid.sum() - 1:,} more)" if invalid.sum() > 1 else ""
        raise DataError(
            f"{row_location(frame, row)}: the target {name!r} is "
            f"{str(frame[name].iloc[row]).strip()!r}, which is not a number that float32 can hold"
            f"{more}. Correct it or remove such rows, or choose --task classify."
        )
    return values


def _encode_classes(frame: pd.DataFrame, name: str, cells: FactorizedColumn, reason: str) -> Target:
    words = category_names(cells.values)
    names, codes_of_values = np.unique(words.astype(str), return_inverse=True)
    codes = codes_of_values[cells.codes]
    if len(names) == 1:
        raise _constant_error(frame, name, cells)
    if len(names) > len(frame) / 2:
        raise DataError(
            f"the target {name!r} has {len(names):,} classes in {pluralize(len(frame), 'row')}: "
            "too few rows per class to learn from. Choose another target, or --task regress if it "
            "is a number."
        )
    is_rare = np.bincount(codes) < MIN_CLASS_ROWS
    rare, classes = names[is_rare].tolist(), natural_sort(names[~is_rare].tolist())
    if len(classes) < 2:
        raise DataError(
            f"the target {name!r} has {len(classes)} class with {MIN_CLASS_ROWS} rows or more; "
            f"{format_list(rare)} have fewer. At least two classes need that many."
        )
    label_of = {name: label for label, name in enumerate(classes)}
    labels = np.array([label_of.get(name, -1) for name in names.tolist()], np.int32)[codes]
    rows = np.flatnonzero(labels >= 0)
    warning = (
        f"{pluralize(len(rare), 'class', 'classes')} with fewer than {MIN_CLASS_ROWS} rows "
        f"({format_list(map(repr, rare))}) {'is' if len(rare) == 1 else 'are'} left out: "
        f"{pluralize(len(frame) - len(rows), 'row')}."
    )
    warnings = tuple(filter(None, (warning if rare else "", spelling_warning(classes))))
    return Target("classify", reason, labels[rows], classes, rows, PLAIN, warnings)


def _constant_error(frame: pd.DataFrame, name: str, cells: FactorizedColumn) -> DataError:
    return DataError(
        f"the target {name!r} of {frame.attrs['path']} is {cells.values[0]!r} in every row: a "
        "constant cannot be predicted from anything. Choose another target."
    )


def split_keys(
    frame: pd.DataFrame,
    group: str | None,
    time: str | None,
    formats: Mapping[str, str] | None = None,
    decimal: str | None = None,
) -> tuple[npt.NDArray[np.intp] | None, npt.NDArray[Any] | None]:
    """The group and the time of each row, ``(n,)``; None if the rows are not split by it.

    Args:
        frame: raw cells.
        group: name of the column of groups.
        time: name of the column of times.
        formats: number and date formats by column; the format of times is inferred if it is none
            of these.
        decimal: decimal sign of the table.

    Raises:
        ArgumentError: when both are named.
        DataError: when a column does not exist, has missing values, or does not hold times.
    """
    if group is not None and time is not None:
        raise ArgumentError(f"split by the group {group!r} or by the time {time!r}, not by both.")
    groups = times = None
    if group is not None:
        groups = factorize(get_column(frame, group)).codes
        _check_complete(frame, group, "group", groups < 0)
    if time is not None:
        times = _parse_times(frame, time, (formats or {}).get(time, PLAIN), decimal)
    return groups, times


def _check_complete(
    frame: pd.DataFrame, name: str, role: str, missing: npt.NDArray[np.bool_]
) -> None:
    """Raise DataError if cells of a column are missing."""
    if missing.any():
        raise DataError(
            f"{row_location(frame, int(np.argmax(missing)))}: the {role} {name!r} is empty "
            f"({pluralize(int(missing.sum()), 'row')} in all). Fill it in, or remove those rows."
        )


def _parse_times(
    frame: pd.DataFrame, name: str, format: str, decimal: str | None
) -> npt.NDArray[Any]:
    cells = factorize(get_column(frame, name)).without_missing_words()
    _check_complete(frame, name, "time", cells.codes < 0)
    number, date = infer_number(cells, decimal), infer_date(cells)
    if format != PLAIN:
        number, date = (None, format) if is_date_format(format) else (format, None)
    candidates: tuple[tuple[CellKind, str | None], ...] = (("number", number), ("date", date))
    for kind, candidate in candidates:
        if candidate is not None:
            values, invalid = parse_column(frame[name], kind, candidate, cells)
            if not invalid.any():
                return values
    raise DataError(
        f"the time {name!r} of {frame.attrs['path']} holds neither dates nor numbers, such as "
        f"{cells.values[0]!r}. Write dates as 2026-01-31."
    )
