"""Profile a table before training: the type of each column, the task, and data-quality warnings."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...core.errors import ArgumentError, DataError
from ...parsing.columns import FactorizedColumn, factorize, infer_decimal
from ...parsing.numbers import PLAIN
from ..labels import format_list, format_share, pluralize
from . import column_types
from .column_types import Column, ColumnKind, feature_kinds
from .convert import convert_columns, factorize_columns, nested_cell
from .leakage import find_leaks
from .read import with_row_numbers
from .row_structure import INDEPENDENT, RowStructure, infer_structure
from .target import TableTask, Target, infer_target, split_keys

if TYPE_CHECKING:
    import pandas as pd

RARE, RARE_SHARE = 3, 0.01
"""A category in fewer rows, or in a smaller share of them, is rare."""
SMALL_CLASS, DOMINANT_CLASS = 0.05, 0.8
"""Shares of the rows below, or above, which a class is reported as small or dominant."""
MOSTLY_MISSING = 0.5


@dataclass(frozen=True)
class TableProfile:
    """The profile of a table.

    Args:
        task: ``"classify"`` or ``"regress"``.
        reason: why it is this task.
        columns: all but the target, by name, in their order; also those to leave out.
        warnings: what the user should check.
        classes: names by label; empty for regression.
        formats: number and date formats by column, where they are not plain.
        structure: the column to split the rows by, as requested or inferred.
    """

    task: TableTask
    reason: str
    columns: dict[str, Column]
    warnings: tuple[str, ...]
    classes: tuple[str, ...]
    formats: dict[str, str]
    structure: RowStructure = INDEPENDENT

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The kinds of the features, by name: the ``columns`` of `table`."""
        return feature_kinds(self.columns)


def profile_table(
    frame: pd.DataFrame,
    target: str,
    task: TableTask | None = None,
    kinds: Mapping[str, str] | None = None,
    group: str | None = None,
    time: str | None = None,
) -> TableProfile:
    """Infer the type of every column and the task, and check the quality of the data.

    If neither ``group`` nor ``time`` is given, it is inferred whether rows depend on each other.

    Args:
        frame: raw cells, as `read_frame` reads them.
        target: name of the column to predict.
        task: None to infer it from the target.
        kinds: kinds of columns whose kind should not be inferred.
        group: column whose groups are never divided by a split; not a feature.
        time: column of dates or numbers to split by; not a feature.

    Raises:
        DataError: when a column does not exist, there are no features, or cells are not of the
            kind given in ``kinds``.
        ArgumentError: when the arguments do not go together.
    """
    frame = with_row_numbers(frame)
    cells, kinds = factorize_columns(frame), dict(kinds or {})
    target_format = kinds.pop(target) if column_types.is_format(kinds.get(target, "")) else None
    encoded = infer_target(frame, target, task, infer_decimal(cells.values()), target_format)
    columns = infer_columns(frame, cells, target, kinds, group, time)
    if group is None and time is None:
        structure = infer_structure(frame, cells, columns, target, encoded)
        group, time = structure.group, structure.time
        columns = _without_split_columns(columns, group, time)
    else:
        structure = RowStructure(group, time, "as requested")
    formats = {column.name: column.format for column in columns.values() if column.format != PLAIN}
    split_keys(frame, group, time, formats)  # Raises an error for a column that cannot be one.
    if encoded.format != PLAIN:
        formats[target] = encoded.format
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        x = convert_columns(frame, cells, feature_kinds(columns), formats).iloc[encoded.rows]
    notes = {name: _note_rare_values(column, x) for name, column in columns.items()}
    messages = (
        *structure.warnings,
        *(str(warning.message) for warning in caught),
        *data_warnings(columns, encoded, x, target, structure),
    )
    return TableProfile(
        encoded.task, encoded.reason, notes, messages, encoded.classes, formats, structure
    )


def infer_columns(
    frame: pd.DataFrame,
    cells: Mapping[str, FactorizedColumn],
    target: str,
    kinds: Mapping[str, str],
    group: str | None,
    time: str | None,
) -> dict[str, Column]:
    """The profile of every column but the target.

    Raises:
        DataError: when one does not exist, or none is a feature.
        ArgumentError: when a kind is unknown, or the target is named as another column.
    """
    for name in (target, *kinds, *(key for key in (group, time) if key is not None)):
        column_types.get_column(frame, name)
    if target in (group, time, *kinds):
        raise ArgumentError(
            f"{target!r} is the target: it is neither a feature nor a column to split by. The task "
            "says whether it is a class or a number."
        )
    y, columns, decimal = cells[target], dict[str, Column](), infer_decimal(cells.values())
    for name, x in cells.items():
        if name == target:
            continue
        if name in kinds:
            columns[name] = column_types.user_column(name, x, kinds[name], decimal)
            if columns[name].kind != "leave-out":
                factorize(frame[name])  # Raises an error for lists and other objects.
            continue
        columns[name] = column_types.infer_column(name, x, decimal)
        if (cell := nested_cell(frame[name])) is not None:
            columns[name] = _nested_column(columns[name], cell)
        if x.values == y.values and (x.codes == y.codes).all():
            columns[name] = _left_out(columns[name], "it is a copy of the target")
    columns = _without_split_columns(columns, group, time)
    if all(column.kind == "leave-out" for column in columns.values()):
        reason = format_list((f"{c.name!r}: {c.reason}" for c in columns.values()), 4)
        raise DataError(
            f"{frame.attrs['path']} has no column to predict {target!r} from "
            f"({reason or 'there is no other'}). Add one, or choose the kind of a column: "
            "--as NAME=number."
        )
    return columns


def _without_split_columns(
    columns: Mapping[str, Column], group: str | None, time: str | None
) -> dict[str, Column]:
    """The columns; those to split by are left out, unless the user chose their kind."""
    reasons = {group: "it groups the rows of the split", time: "the rows are split by it"}
    chosen = [name for name, column in columns.items() if column.reason == column_types.CHOSEN]
    return {
        name: _left_out(column, reasons[name]) if name in reasons and name not in chosen else column
        for name, column in columns.items()
    }


def _nested_column(column: Column, cell: object) -> Column:
    """The profile of a column of lists or other objects."""
    reason = "its cells are lists or other objects"
    warning = (
        f"{column.name!r} is left out: {reason}, such as {cell!r:.60}. Write a column of numbers "
        "or words for each of their parts."
    )
    return replace(column, kind="leave-out", reason=reason, warning=warning)


def _left_out(column: Column, reason: str) -> Column:
    return replace(column, kind="leave-out", reason=reason, warning="")


def _note_rare_values(column: Column, x: pd.DataFrame) -> Column:
    """The column with a note that counts its rare values."""
    if column.kind != "category":
        return column
    counts = x[column.name].value_counts()
    rare = int(((counts < RARE) | (counts < RARE_SHARE * len(x))).sum())
    notes = [column.note] if column.note else []
    return replace(column, note="; ".join([*notes, f"{rare:,} rare"])) if rare else column


def data_warnings(
    columns: Mapping[str, Column],
    encoded: Target,
    x: pd.DataFrame,
    target: str,
    structure: RowStructure = INDEPENDENT,
) -> Iterator[str]:
    """Data-quality warnings, one sentence each: of columns first, then of classes and rows.

    Columns that group the rows are reported as such, not as leaks.
    """
    yield from encoded.warnings
    yield from (column.warning for column in columns.values() if column.warning)
    for name, score in find_leaks(x, feature_kinds(columns), encoded).items():
        if name in structure.groups:
            continue
        yield (
            f"{name!r} alone predicts {target!r} almost perfectly (score {score:.3f} of 1 on "
            "held-out rows). If it is not available when you predict, leave it out: "
            f"--as {shlex.quote(f'{name}=leave-out')}."
        )
    mostly_empty = [c for c in columns.values() if MOSTLY_MISSING <= c.missing < 1]
    if mostly_empty:
        yield f"mostly empty: {format_list(f'{c.name!r} ({c.missing:.0%})' for c in mostly_empty)}."
    yield from _class_warnings(encoded)
    yield from _duplicate_warnings(x, encoded, structure)


def _class_warnings(encoded: Target) -> Iterator[str]:
    if not encoded.classes:
        return
    counts = np.bincount(encoded.y, minlength=len(encoded.classes))
    shares = counts / counts.sum()
    largest, smallest = int(shares.argmax()), int(shares.argmin())
    if shares[largest] >= DOMINANT_CLASS:
        yield (
            f"{format_share(counts[largest], len(encoded.y))} of the rows are "
            f"{encoded.classes[largest]!r}: always predicting it would be right as often. "
            "Compare the scores of each class, not only the accuracy."
        )
    elif shares[smallest] < SMALL_CLASS:
        yield (
            f"the class {encoded.classes[smallest]!r} has "
            f"{pluralize(int(counts[smallest]), 'row')} of {counts.sum():,}: its scores will be "
            "uncertain."
        )


def _duplicate_warnings(x: pd.DataFrame, encoded: Target, structure: RowStructure) -> Iterator[str]:
    import pandas

    hashes = pandas.util.hash_pandas_object(x, index=False).to_numpy()
    targets = encoded.y.astype(np.float64).view(np.uint64)
    num_examples = len(np.unique(np.column_stack((hashes, targets)), axis=0))
    if copies := len(x) - num_examples:
        effect = "; duplicates stay in one split"
        if key := structure.time or structure.group:
            effect = f", except perhaps for {key!r}"
        repeats = "repeats" if copies == 1 else "repeat"
        yield f"{pluralize(copies, 'row')} {repeats} another{effect}."
    if encoded.classes and (conflicts := num_examples - len(np.unique(hashes))):
        yield (
            f"{pluralize(conflicts, 'row')} {'equals' if conflicts == 1 else 'equal'} another of a "
            "different class: no method can get all of them right."
        )
