"""A tiny table and a tiny network, for ``lampas explain``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ... import SGD, ArgumentError, DataError, Dense, Sequential
from ...inspection.explain import MAX_ROWS
from ...layers.preprocessing.normalization import FLOAT64_PRECISION, scale_or_one
from ...parsing.columns import parse_numeric
from ...parsing.csv import read_csv
from ...parsing.numbers import parse_numbers
from . import xor

MAX_COLUMNS = 8
SCALING_LIMIT = 3.0
"""Columns with larger absolute values are standardized, since large inputs saturate activations."""


@dataclass(frozen=True, eq=False)
class SmallTable:
    """A few training examples.

    Args:
        x: inputs, ``(rows, columns)``.
        y: targets, ``(rows, 1)``.
        columns: names of the inputs.
        target: name of the target.
        scaled: names of the columns that were scaled to mean 0 and standard deviation 1.
    """

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.float32]
    columns: tuple[str, ...]
    target: str
    scaled: tuple[str, ...] = ()

    @property
    def is_binary(self) -> bool:
        """Whether all targets are 0 or 1."""
        return bool(np.isin(self.y, (0, 1)).all())


def xor_table() -> SmallTable:
    """The four rows of exclusive or."""
    return SmallTable(xor.X, xor.Y, ("a", "b"), "a xor b")


def read_small_table(path: Path, target: str | None = None) -> SmallTable:
    """Read a CSV file of a few rows of numbers; its first line names the columns.

    Columns with absolute values above :data:`SCALING_LIMIT` are scaled to mean 0 and standard
    deviation 1.

    Args:
        path: path of the file.
        target: column to predict; by default the last one.

    Raises:
        FileError: when the file cannot be read, or is not a CSV file.
        DataError: when a field is not a number, or the table is too large or too small.
        ArgumentError: when there is no column ``target``.
    """
    names, values = _read_numbers(path)
    target = names[-1] if target is None else target
    if target not in names:
        raise ArgumentError(f"{path} has no column {target!r}; its columns are {', '.join(names)}.")
    index = names.index(target)
    is_large = np.abs(values).max(axis=0) > SCALING_LIMIT
    mean = values.mean(axis=0)
    deviation = scale_or_one(values.std(axis=0), mean, FLOAT64_PRECISION)
    scaled_values = np.where(is_large, (values - mean) / deviation, values)
    x = scaled_values.astype(np.float32)
    inputs = tuple(name for name in names if name != target)
    scaled = tuple(np.array(names)[is_large].tolist())
    return SmallTable(np.delete(x, index, axis=1), x[:, [index]], inputs, target, scaled)


def network(
    table: SmallTable, hidden: int = 3, activation: str = "tanh", rate: float = 0.5
) -> Sequential:
    """A compiled network with one hidden layer; binary targets are predicted as probabilities.

    Raises:
        ArgumentError: when ``rate`` is not positive.
        UnknownNameError: when the activation is unknown.
    """
    output, loss = ("sigmoid", "binary_crossentropy") if table.is_binary else (None, "mse")
    model = Sequential([Dense(hidden, activation), Dense(1, output)])
    model.compile(SGD(rate), loss=loss)
    return model


def train_and_predict(table: SmallTable, model: Sequential, epochs: int, seed: int) -> list[str]:
    """Train the network and format a line for each row with target and prediction."""
    history = model.fit(table.x, table.y, len(table.x), epochs, 0, seed=seed)
    if history.interrupted:
        raise KeyboardInterrupt
    lines = ["  " + "".join(f"{name[:9]:>10}" for name in (*table.columns, table.target, "output"))]
    for row in np.hstack([table.x, table.y, model.predict(table.x)]):
        lines.append("  " + "".join(f"{value:10.4g}" for value in row))
    return lines


def _read_numbers(path: Path) -> tuple[list[str], npt.NDArray[np.float64]]:
    """The names of the columns, and the numbers ``(rows, columns)``."""
    table = read_csv(path.expanduser())
    if not 2 <= len(table.names) <= MAX_COLUMNS:
        raise DataError(
            f"{path} has {len(table.names):,} columns; a step is explained for 2 to {MAX_COLUMNS}, "
            "the inputs and a target. Keep a table."
        )
    if not np.isnan(parse_numbers(table.names)).any():
        raise DataError(
            f"{path} begins with numbers, {', '.join(table.names)}; its first line must name the "
            "columns."
        )
    if not 1 <= len(table.rows) <= MAX_ROWS:
        raise DataError(
            f"{path} has {len(table.rows):,} rows below its header; a step is explained for 1 to "
            f"{MAX_ROWS}. Keep a table."
        )
    columns = []
    for name, texts in zip(table.names, zip(*table.rows, strict=True), strict=True):
        values, invalid, _ = parse_numeric(texts)
        if (unread := invalid | np.isnan(values)).any():
            row = int(np.argmax(unread))
            raise DataError(
                f"{path}, line {table.lines[row]}, column {name!r}: {texts[row]!r} is not a number."
            )
        columns.append(values)
    return table.names, np.stack(columns, axis=1)
