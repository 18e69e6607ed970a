"""Convert data frames of pandas, polars and Arrow, and Hugging Face datasets, to arrays."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...core.arrays import infer_objects
from ...core.errors import DataError, format_shape
from ..step import Tree

NUMERIC_KINDS = "biuf"
"""Kinds of dtypes that are numbers."""
MAX_NAMES = 20
"""Names that a message lists."""
InputColumns = dict[str, list[str]]


def is_table(value: Any) -> bool:
    """Whether ``value`` has named columns, and rows by index; dicts do not count."""
    named = hasattr(value, "column_names") or hasattr(value, "columns")
    return named and hasattr(value, "__getitem__") and not isinstance(value, Mapping)


def is_dataset(value: Any) -> bool:
    """Whether ``value`` is a Hugging Face dataset, with random or sequential access."""
    return hasattr(value, "select_columns") and hasattr(value, "with_format")


def split_target(x: Tree, y: Tree) -> tuple[Tree, Tree]:
    """Inputs and targets, where ``y`` may be the name of the targets in ``x``.

    Raises:
        DataError: if there is no such name, or the rows of two frames are in different orders.
    """
    if isinstance(x, Mapping) and hasattr(x, "column_names"):
        raise DataError(f"x has the parts {', '.join(x)}; give one, [{next(iter(x))!r}] of it.")
    if hasattr(x, "iloc") and hasattr(y, "iloc"):
        _check_order(x.index, y.index)
    return _split_by_name(x, y) if isinstance(y, str) else (x, y)


def to_arrays(tree: Tree, name: str, columns: InputColumns | None = None) -> Tree:
    """Arrays in place of the tables in ``tree``; everything else stays as it is.

    A data frame becomes an array with a column for each of its columns, a series an array of one
    axis. A Hugging Face dataset becomes its only column, or a dict of its columns, whose rows
    are read when they are needed.

    Args:
        tree: a table, an array, or a tuple or dict of such.
        name: its name in error messages.
        columns: the columns of each table and their order, by the table's name in error messages;
            tables that are not there are added.

    Raises:
        DataError: for a column with text, dates, or missing values.
    """
    if isinstance(tree, Mapping):
        return {key: to_arrays(value, f"{name}[{key!r}]", columns) for key, value in tree.items()}
    if isinstance(tree, tuple):
        return tuple(to_arrays(value, f"{name}[{n}]", columns) for n, value in enumerate(tree))
    if is_dataset(tree):
        return unwrap_single(
            {column: LazyColumn(tree, column, name) for column in tree.column_names}
        )
    if is_table(tree):
        return _matrix(tree, name, {} if columns is None else columns)
    return to_numbers(tree, name, name) if hasattr(tree, "to_numpy") else tree


def unwrap_single(inputs: Mapping[str, Any]) -> Any:
    """A single input itself; several inputs as a dict."""
    return next(iter(inputs.values())) if len(inputs) == 1 else dict(inputs)


def batches_of(source: Any, batch_size: int) -> Any:
    """For a dataset with sequential access, a function that yields it in batches.

    Any other source is returned as it is.
    """
    if not is_dataset(source):
        return source

    rows = source.with_format("numpy")

    def batches(epoch: int) -> Any:
        # A shuffled data set draws a new order for each epoch.
        rows.set_epoch(epoch)
        return map(unwrap_single, rows.iter(batch_size))

    return batches


class LazyColumn:
    """A column of a Hugging Face dataset as an array that reads its rows when indexed."""

    def __init__(self, dataset: Any, column: str, name: str) -> None:
        if dataset.format["type"] == "custom":
            raise DataError(
                f"{name} changes its rows by a transform. Change them once with map; or wrap it, "
                "torch.utils.data.DataLoader(x, batch_size=32), and fit on these batches."
            )
        self.column, self.name, self._length = column, name, len(dataset)
        self._rows = dataset.select_columns([column]).with_format("numpy")
        example = self[:2]
        self.shape, self.dtype = (self._length, *example.shape[1:]), example.dtype

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, rows: Any) -> np.ndarray:
        values = np.asarray(self._rows[rows][self.column])
        if values.dtype.kind in NUMERIC_KINDS:
            return values
        kind = "rows of different shapes" if values.dtype == object else "no numbers"
        raise DataError(
            f"column {self.column!r} of {self.name} has {kind} (dtype {values.dtype}). Convert it "
            f"to numbers of one shape with map, or leave it out: remove_columns({self.column!r})."
        )


def to_numbers(column: Any, name: str, table_name: str) -> np.ndarray:
    """A column of a data frame as an array of numbers.

    Args:
        column: a series of pandas or polars, or a column of Arrow.
        name: name of the column in error messages.
        table_name: name of the table in error messages.

    Raises:
        DataError: if the column has other values than numbers, or missing values.
    """
    values = np.asarray(column) if hasattr(column, "type") else np.asarray(column.to_numpy())
    missing = np.array(column.isna() if hasattr(column, "isna") else column.is_null(), bool)
    present = values[~missing]
    if values.dtype == object:
        present = _from_objects(present, name)
    if present.dtype.kind not in NUMERIC_KINDS and present.size:
        raise DataError(f"{name} has {_advice(column, present, table_name)}")
    if present.dtype.kind == "f":
        missing[~missing] |= np.isnan(present)
    if missing.any():
        raise DataError(
            f"{name} has no value in {int(missing.sum())} of {len(missing)} rows, the first of "
            f"them is row {int(missing.argmax())}. Fill them in, as by {table_name} = "
            f"{table_name}.fillna({table_name}.median()), or drop these rows of both x and y."
        )
    return present


def _matrix(table: Any, name: str, columns: InputColumns) -> np.ndarray:
    names = column_names(table)
    repeated = sorted({str(column) for column in names if names.count(column) > 1})
    if repeated:
        raise DataError(f"{name} has several columns {repeated}.")
    if not names:
        raise DataError(f"{name} has no columns.")
    is_named = all(isinstance(column, str) for column in names)
    if is_named and name in columns:
        _check_columns(name, columns[name], names)
        names = columns[name]
    arrays = [to_numbers(table[column], f"column {column!r} of {name}", name) for column in names]
    if is_named:
        columns.setdefault(name, names)
    return np.stack(arrays, axis=1)


def _check_columns(name: str, expected: list[str], names: list[str]) -> None:
    missing = [column for column in expected if column not in names]
    unknown = [column for column in names if column not in expected]
    if missing or unknown:
        parts = [f"{_listed(missing)} missing"] * bool(missing)
        parts += [f"{_listed(unknown)} unknown"] * bool(unknown)
        raise DataError(
            f"{name} must have the columns that the model was first used on: "
            f"{' and '.join(parts)}. Rename, add or drop columns, or give {name}.to_numpy() if "
            "they correspond by position."
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:MAX_NAMES])) + ", ..." * (len(names) > MAX_NAMES)
    return f"{shown} {'is' if len(names) == 1 else 'are'}"


def column_names(table: Any) -> list[Any]:
    """The names of a table's columns."""
    return list(table.column_names if hasattr(table, "column_names") else table.columns)


def _split_by_name(x: Tree, target: str) -> tuple[Tree, Tree]:
    """The other columns, and the one called ``target``."""
    if not is_table(x) and not isinstance(x, Mapping):
        shape = f" of shape {format_shape(x.shape)}" if hasattr(x, "shape") else ""
        raise DataError(
            f"y={target!r} names a column of x, but x is a {type(x).__name__}{shape}. Give the "
            "targets themselves."
        )
    names = list(x) if isinstance(x, Mapping) else column_names(x)
    if target not in names:
        near = difflib.get_close_matches(target, map(str, names), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        listed = ", ".join(map(str, names[:MAX_NAMES])) + ", ..." * (len(names) > MAX_NAMES)
        raise DataError(f"y={target!r} is not among the columns of x: {listed}.{hint}")
    inputs = [name for name in names if name != target]
    if isinstance(x, Mapping):
        return unwrap_single({name: x[name] for name in inputs}), x[target]
    if is_dataset(x):
        return x.select_columns(inputs), LazyColumn(x, target, "y")[:]
    return (x.select(inputs) if hasattr(x, "column_names") else x[inputs]), x[target]


def _check_order(x: Any, y: Any) -> None:
    """Raise DataError if two indices have the same labels, but not at the same rows."""
    if len(x) == len(y) and not x.equals(y) and x.is_unique and x.isin(y).all():
        row = int(np.argmax(np.asarray(x != y)))
        raise DataError(
            f"x and y have the same rows in different orders: row {row} is {x[row]!r} in x and "
            f"{y[row]!r} in y. Reorder one, y = y.loc[x.index], or give y.to_numpy() if the "
            "rows correspond by position."
        )


def _from_objects(values: np.ndarray, name: str) -> np.ndarray:
    """An array of Python objects with the dtype of their values."""
    try:
        return infer_objects(values)
    except ValueError as error:
        raise DataError(f"{name} has rows of different lengths; pad them.") from error


def _advice(column: Any, values: np.ndarray, table_name: str) -> str:
    dtype = getattr(column, "dtype", values.dtype)
    if values.dtype.kind in "Mm":
        kind, advice = "dates", "Count the days: (column - column.min()).dt.days."
    elif values.dtype.kind == "c":
        kind, advice = "complex numbers", "Make two columns of real and imaginary parts."
    else:
        kind, advice = "text", "Encode its values, column.astype('category').cat.codes"
        one_hot = ", or make a column of 0 and 1 of each: pandas.get_dummies(x)."
        advice += one_hot if table_name == "x" else "."
    return f"{kind} (dtype {dtype}), as {str(values[0])!r}; a network needs numbers. {advice}"
