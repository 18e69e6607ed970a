"""A few rows of numbers and a network so small that every number of a step can be read."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, FileError
from ...inspection.explain import MOST_ROWS
from ...layers import Dense
from ...optimizers import SGD
from ...train.sequential import Sequential
from . import xor

MOST_COLUMNS = 8
LARGE = 3.0
"""A column that reaches further from 0 is scaled: large numbers saturate activations."""


@dataclass(frozen=True, eq=False)
class Few:
    """Rows to learn from: inputs ``(rows, columns)``, targets ``(rows, 1)``, and their names.

    ``scaled`` names the columns that have been given mean 0 and standard deviation 1.
    """

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.float32]
    columns: tuple[str, ...]
    target: str
    scaled: tuple[str, ...] = ()

    @property
    def is_yes_or_no(self) -> bool:
        """Whether all targets are 0 or 1."""
        return bool(np.isin(self.y, (0, 1)).all())


def exclusive_or() -> Few:
    """The four rows of exclusive or."""
    return Few(xor.X, xor.Y, ("a", "b"), "a xor b")


def read_few(path: Path, target: str | None = None) -> Few:
    """A few rows of a CSV file whose first line names the columns.

    Fields are numbers, separated by commas, semicolons or tabs; lines without any are left out.
    Columns that reach beyond :data:`LARGE` are given mean 0 and standard deviation 1.

    Args:
        path: of the file.
        target: the column to learn; the last one if none is named.

    Raises:
        FileError: when it can not be read, or is no CSV file in UTF-8.
        DataError: for a field that is no number, naming line and column, and for a table that is
            too large or too small.
        ArgumentError: when there is no column ``target``.
    """
    names, rows = _table(path)
    target = names[-1] if target is None else target
    if target not in names:
        raise ArgumentError(f"{path} has no column {target!r}, only {', '.join(names)}.")
    at = names.index(target)
    table = np.array(rows)
    large = np.abs(table).max(axis=0) > LARGE
    spread = np.where(table.std(axis=0) > 0, table.std(axis=0), 1.0)
    table = np.where(large, (table - table.mean(axis=0)) / spread, table).astype(np.float32)
    inputs = tuple(name for name in names if name != target)
    scaled = tuple(np.array(names)[large].tolist())
    return Few(np.delete(table, at, axis=1), table[:, at : at + 1], inputs, target, scaled)


def network(few: Few, hidden: int = 3, activation: str = "tanh", rate: float = 0.5) -> Sequential:
    """One hidden layer, compiled: for yes or no a probability, else a number.

    Raises:
        ArgumentError: for a rate that is not positive.
        UnknownNameError: for an activation that is none.
    """
    yes = few.is_yes_or_no
    layers = [Dense(hidden, activation), Dense(1, "sigmoid" if yes else None)]
    model = Sequential(layers)
    model.compile(SGD(rate), loss="binary_crossentropy" if yes else "mse")
    return model


def learnt(few: Few, model: Sequential, epochs: int, seed: int) -> list[str]:
    """Train the network, and a line for each row: what was true and what it says now."""
    model.fit(few.x, few.y, len(few.x), epochs, 0, seed=seed)
    lines = ["  " + "".join(f"{name[:9]:>10}" for name in (*few.columns, few.target, "says"))]
    for row in np.hstack([few.x, few.y, model.predict(few.x)]):
        lines.append("  " + "".join(f"{value:10.4g}" for value in row))
    return lines


def _table(path: Path) -> tuple[list[str], list[list[float]]]:
    """Names of the columns, and the numbers."""
    try:
        # utf-8-sig: spreadsheets begin a file with a mark.
        with path.expanduser().open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            lines.seek(0)
            table = csv.reader(lines, delimiter=max(",;\t", key=first.count), strict=True)
            names = [name.strip() for name in next(table, [])]
            _check_columns(path, names)
            rows = [
                _numbers(path, table.line_num, names, row)
                for row in table
                if any(field.strip() for field in row)
            ]
    except OSError as error:
        raise FileError(f"can not read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not a text file in UTF-8 ({error}).") from error
    except csv.Error as error:
        raise FileError(f"{path} is no CSV file: {error}.") from error
    if not 1 <= len(rows) <= MOST_ROWS:
        raise DataError(
            f"{path} has {len(rows):,} rows below its header; a step is explained for 1 to "
            f"{MOST_ROWS}. Keep a few."
        )
    return names, rows


def _check_columns(path: Path, names: list[str]) -> None:
    if not 2 <= len(names) <= MOST_COLUMNS:
        raise DataError(
            f"{path} has {len(names):,} columns; a step is explained for 2 to {MOST_COLUMNS}, the "
            "inputs and a target. Keep a few."
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{path} names two columns {twice[0]!r}; name each column once.")
    if all(_is_number(name) for name in names):
        raise DataError(
            f"{path} begins with numbers, {', '.join(names)}; its first line must name the columns."
        )


def _numbers(path: Path, line: int, names: list[str], row: list[str]) -> list[float]:
    if len(row) != len(names):
        raise DataError(f"{path}, line {line}: {len(row)} fields, its header has {len(names)}.")
    for name, field in zip(names, row, strict=True):
        if not _is_number(field):
            raise DataError(f"{path}, line {line}, column {name!r}: {field!r} is no number.")
    return [float(field) for field in row]


def _is_number(field: str) -> bool:
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False
