"""A file of rows becomes a table to learn from, or to be measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from ...core.errors import ArgumentError
from ...parsing.numbers import PLAIN
from .cells import cells
from .column_types import ColumnKind
from .convert import Forms, forms_of, learnt, rows, typed
from .dataset import Table
from .grouping import apart
from .profile import columns_of
from .read import located
from .target import TableTask, answers, target_of

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
    forms: Forms | None = None,
) -> Table:
    """A person's own table with a column to learn.

    ``source`` is a CSV, TSV, Parquet or Excel file whose first line names the columns, or a frame.
    Rows of classes that are there once or twice are left out. Use `Table.split` to hold some out.

    Args:
        source: a file or a pandas frame.
        target: name of the column to learn.
        task: ``"classify"`` or ``"regress"``; None to go by the target.
        columns: those to learn from, with their kinds; None to go by their cells, as `survey` does.
        group: column whose equal values stay in one part of a split.
        time: column of dates or numbers to split by.
        forms: how numbers and dates are written, where it is not the plain way; None to see.

    Raises:
        FileError: when the file can not be read.
        DataError: when it is empty or broken, a column is not there, a cell is not of its column's
            kind, or the target has gaps or one value only.
        ArgumentError: when the arguments do not go together.
    """
    frame = located(source)
    answer = target_of(frame, target, task)
    groups, times = apart(frame, group, time)
    said = {name: cells(frame[name]) for name in frame.columns}
    if columns is None:
        found = columns_of(frame, said, target, {}, group, time)
        columns = {name: one.kind for name, one in found.items()}
    columns = learnt(frame, columns)
    if target in columns:
        raise ArgumentError(f"{target!r} is the target; leave it out of the columns to learn from.")
    forms = forms_of(said, columns) if forms is None else forms
    if answer.form != PLAIN:
        forms = {target: answer.form, **forms}
    return Table(
        typed(frame, said, columns, forms).iloc[answer.kept],
        answer.y,
        answer.classes,
        columns,
        target,
        frame.index.to_numpy(np.intp)[answer.kept],
        None if groups is None else groups[answer.kept],
        None if times is None else times[answer.kept],
        forms,
    )


def labelled(
    source: str | PathLike[str] | pd.DataFrame,
    target: str,
    task: TableTask,
    columns: Mapping[str, ColumnKind],
    classes: Sequence[str],
    forms: Forms | None = None,
) -> Table:
    """Other rows with answers to the same question, to measure a trained model on.

    Args:
        source: a file or a pandas frame.
        target: name of the column with the answers, which must be there.
        task: that was learnt.
        columns: that the model learnt from, with their kinds.
        classes: names by label.
        forms: as `Table.forms` of what was learnt from; None to go by these cells alone.

    Raises:
        FileError: when the file can not be read.
        DataError: when a column or an answer is missing, a class was not learnt, or a cell is not
            of its column's kind; the row is named.
    """
    frame = located(source)
    y = answers(frame, target, task, classes, None if forms is None else forms.get(target, PLAIN))
    return Table(
        rows(frame, columns, forms),
        y,
        tuple(classes),
        learnt(frame, columns),
        target,
        frame.index.to_numpy(np.intp),
        forms=forms or {},
    )
