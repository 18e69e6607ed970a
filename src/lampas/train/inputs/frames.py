"""Tables become arrays: data frames of pandas, polars and Arrow, data sets of Hugging Face."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...core.errors import DataError, show_shape
from ..step import Tree

NUMBERS = "biuf"
"""Kinds of dtypes that are numbers."""
MOST_NAMES = 20
"""Names that a message lists."""


def is_table(value: Any) -> bool:
    """Whether ``value`` has columns with names, and rows by number; dicts are none."""
    named = hasattr(value, "column_names") or hasattr(value, "columns")
    return named and hasattr(value, "__getitem__") and not isinstance(value, Mapping)


def is_data_set(value: Any) -> bool:
    """Whether ``value`` is a data set of Hugging Face, with rows by number or one by one."""
    return hasattr(value, "select_columns") and hasattr(value, "with_format")


def from_tables(x: Tree, y: Tree = None) -> tuple[Tree, Tree]:
    """Inputs and targets without tables; whatever else is in them stays as it is.

    A data frame becomes an array with a column for each of its columns, a series an array of one
    axis. A data set of Hugging Face becomes its one column, or a dict of its columns, whose rows
    are read when they are needed; its targets are read at once.

    Args:
        x: inputs: a table, an array, or a tuple or dict of such.
        y: targets, or the name of the column, or of the entry, of ``x`` that has them.

    Raises:
        DataError: for a column that has text, dates, or no value in some row.
    """
    x, y = apart(x, y)
    return arrays(x, "x"), arrays(y, "y")


def apart(x: Tree, y: Tree) -> tuple[Tree, Tree]:
    """Inputs and targets, where ``y`` may be the name of what has the targets in ``x``.

    Raises DataError if it is not there, or if the rows of two frames are in different orders.
    """
    if isinstance(x, Mapping) and hasattr(x, "column_names"):
        raise DataError(f"x has the parts {', '.join(x)}; give one, [{next(iter(x))!r}] of it.")
    if hasattr(x, "iloc") and hasattr(y, "iloc"):
        _check_order(x.index, y.index)
    return _by_name(x, y) if isinstance(y, str) else (x, y)


def arrays(tree: Tree, what: str) -> Tree:
    """Arrays for the tables in ``tree``, which errors call ``what``."""
    if isinstance(tree, Mapping):
        return {key: arrays(value, f"{what}[{key!r}]") for key, value in tree.items()}
    if isinstance(tree, tuple):
        return tuple(arrays(value, f"{what}[{n}]") for n, value in enumerate(tree))
    if is_data_set(tree):
        return alone({name: LazyColumn(tree, name, what) for name in tree.column_names})
    if is_table(tree):
        return _matrix(tree, what)
    return numbers(tree, what, what) if hasattr(tree, "to_numpy") else tree


def alone(inputs: Mapping[str, Any]) -> Any:
    """The only one of some inputs as it is; several by their names."""
    return next(iter(inputs.values())) if len(inputs) == 1 else dict(inputs)


def batches_of(source: Any, batch_size: int) -> Any:
    """A function that gives the rows of a data set in batches, for one that has them one by one.

    Any other source is returned as it is.
    """
    if not is_data_set(source):
        return source

    rows = source.with_format("numpy")

    def batches(epoch: int) -> Any:
        # Its order is drawn anew by the epoch, if it is shuffled.
        rows.set_epoch(epoch)
        return map(alone, rows.iter(batch_size))

    return batches


class LazyColumn:
    """A column of a data set of Hugging Face as an array whose rows are read when asked for."""

    def __init__(self, table: Any, name: str, what: str) -> None:
        if table.format["type"] == "custom":
            raise DataError(
                f"{what} changes its rows by a transform. Change them once with map; or wrap it, "
                "torch.utils.data.DataLoader(x, batch_size=32), and fit on these batches."
            )
        self.name, self.what, self._length = name, what, len(table)
        self._rows = table.select_columns([name]).with_format("numpy")
        example = self[:2]
        self.shape, self.dtype = (self._length, *example.shape[1:]), example.dtype

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, rows: Any) -> np.ndarray:
        values = np.asarray(self._rows[rows][self.name])
        if values.dtype.kind in NUMBERS:
            return values
        kind = "rows of different shapes" if values.dtype == object else "no numbers"
        raise DataError(
            f"column {self.name!r} of {self.what} has {kind} (dtype {values.dtype}). Bring it to "
            f"numbers of one shape with map, or leave it out: remove_columns({self.name!r})."
        )


def numbers(column: Any, name: str, what: str) -> np.ndarray:
    """A column of a data frame as an array of numbers; errors call it ``name``, in ``what``."""
    values = np.asarray(column) if hasattr(column, "type") else np.asarray(column.to_numpy())
    empty = np.array(column.isna() if hasattr(column, "isna") else column.is_null(), bool)
    there = values[~empty]
    if values.dtype == object:
        there = _plain(there, name)
    if there.dtype.kind not in NUMBERS and there.size:
        raise DataError(f"{name} has {_advice(column, there, what)}")
    if there.dtype.kind == "f":
        empty[~empty] |= np.isnan(there)
    if empty.any():
        raise DataError(
            f"{name} has no value in {int(empty.sum())} of {len(empty)} rows, the first of them is "
            f"row {int(empty.argmax())}. Fill them in, as by {what} = {what}.fillna({what}"
            ".median()), or drop these rows of x and y alike."
        )
    return there


def _matrix(table: Any, what: str) -> np.ndarray:
    names = _names(table)
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice or not names:
        raise DataError(f"{what} has " + (f"several columns {twice}." if twice else "no columns."))
    return np.stack([numbers(table[n], f"column {n!r} of {what}", what) for n in names], axis=1)


def _names(table: Any) -> list[Any]:
    return list(table.column_names if hasattr(table, "column_names") else table.columns)


def _by_name(x: Tree, target: str) -> tuple[Tree, Tree]:
    """The other columns, and the one called ``target``."""
    if not is_table(x) and not isinstance(x, Mapping):
        shape = f" of shape {show_shape(x.shape)}" if hasattr(x, "shape") else ""
        raise DataError(
            f"y={target!r} names a column of x, but x is a {type(x).__name__}{shape}. Give the "
            "targets themselves."
        )
    names = list(x) if isinstance(x, Mapping) else _names(x)
    if target not in names:
        near = difflib.get_close_matches(target, map(str, names), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        known = ", ".join(map(str, names[:MOST_NAMES])) + ", ..." * (len(names) > MOST_NAMES)
        raise DataError(f"y={target!r} is not among the columns of x: {known}.{hint}")
    others = [name for name in names if name != target]
    if isinstance(x, Mapping):
        return alone({name: x[name] for name in others}), x[target]
    if is_data_set(x):
        return x.select_columns(others), LazyColumn(x, target, "y")[:]
    return (x.select(others) if hasattr(x, "column_names") else x[others]), x[target]


def _check_order(x: Any, y: Any) -> None:
    """Raise DataError if two indices have the same labels, but not at the same rows."""
    if len(x) == len(y) and not x.equals(y) and x.is_unique and x.isin(y).all():
        row = int(np.argmax(np.asarray(x != y)))
        raise DataError(
            f"x and y have the same rows in different orders: row {row} is {x[row]!r} in x and "
            f"{y[row]!r} in y. Order them alike, y = y.loc[x.index], or give y.to_numpy() if they "
            "belong together as they lie."
        )


def _plain(values: np.ndarray, name: str) -> np.ndarray:
    """Python objects as what they are."""
    try:
        return np.array(values.tolist())
    except ValueError as error:
        raise DataError(f"{name} has rows of different lengths; pad them.") from error


def _advice(column: Any, values: np.ndarray, what: str) -> str:
    dtype = getattr(column, "dtype", values.dtype)
    kind = "dates" if values.dtype.kind in "Mm" else "text"
    advice = {
        "dates": "Count the days: (column - column.min()).dt.days.",
        "text": "Number its values, column.astype('category').cat.codes"
        + (", or make a column of 0 and 1 of each: pandas.get_dummies(x)." if what == "x" else "."),
    }
    return f"{kind} (dtype {dtype}), as {str(values[0])!r}; a network needs numbers. {advice[kind]}"
