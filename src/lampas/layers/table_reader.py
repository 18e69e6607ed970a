"""Raw rows of a table as numbers: the first layer of a model that takes them raw."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ..core.errors import ArgumentError, DataError, NotBuiltError, unknown_name
from .reader import Reader
from .table_cells import Floats, moments, names, numbers, truths

if TYPE_CHECKING:
    from pandas import DataFrame

    from ..core.module import Module
    from ..core.variable import Variable

ColumnKind = Literal["number", "category", "boolean", "date"]
MISSING, UNKNOWN = 0, 1
"""Numbers of what is not there, and of categories that are rare in training or not there at all."""
FARTHEST = 1e30
"""Distance that no float32 is left with."""
RARE = 3
"""Rows from which on a category has a number of its own."""
YEAR, WEEK = 365.2425, 7.0
DATE_PARTS = 5
"""Numbers of a date: its day, and sine and cosine of its place in the year and in the week."""
MONDAY = 4.0
"""Days since 1970, a Thursday, of the first Monday."""


class TableReader(Reader):
    """Rows of a table to numbers: numbers first, then the number of each category.

    ``adapt`` looks at the training rows. A number becomes its distance from the median of its
    column, and a missing one 0; where training had missing ones a further number tells of them. A
    date becomes days, and where it lies in the year and the week. A category that is rarer than
    three rows, or new, has the number 1, and a missing one 0. Put `TableEncoding` next.

    Args:
        columns: the columns to read, in order, each with its kind: ``"number"``, ``"category"``,
            ``"boolean"`` or ``"date"``.
        medians, scales: of the columns of numbers, in place of ``adapt``: where the middle lies,
            and how wide the middle half is.
        gaps: names of those that had missing values.
        categories: the known values of each column of categories.
        name: the layer's name in paths and summaries.

    Shape: ``n`` rows, a data frame or a list of dicts, to ``(n, numbers + categories)``, float32.
    Raises NotBuiltError before ``adapt``; DataError for a missing column, and for a cell that is
    not of its column's kind.
    """

    def __init__(
        self,
        columns: Mapping[str, ColumnKind],
        medians: Sequence[float] = (),
        scales: Sequence[float] = (),
        gaps: Sequence[str] = (),
        categories: Mapping[str, Sequence[str]] | None = None,
        name: str | None = None,
    ) -> None:
        if not columns:
            raise ArgumentError("columns is empty: name the columns to read, each with its kind.")
        for kind in columns.values():
            if kind not in get_args(ColumnKind):
                raise unknown_name("kind of column", kind, get_args(ColumnKind))
        self.columns = dict(columns)
        self.medians, self.scales = tuple(medians), tuple(scales)
        self.gaps = tuple(gaps)
        self.categories = {key: tuple(values) for key, values in (categories or {}).items()}
        self.name = name

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many numbers each column of categories has, the two that are none's included."""
        return tuple(len(values) + 2 for values in self.categories.values())

    def adapt(self, rows: Any) -> None:
        """Learn medians, scales and categories from the training rows.

        Raises DataError as the layer does, and when there are no rows.
        """
        frame = _frame(rows, self.columns)
        if not len(frame):
            raise DataError("adapt needs rows of the table, got none.")
        self.categories = {
            name: _frequent(names(frame[name]))
            for name, kind in self.columns.items()
            if kind == "category"
        }
        measured = self._measured(frame)
        self.gaps = tuple(
            name for name in self.columns if name in measured and np.isnan(measured[name]).any()
        )
        self.medians = tuple(_median(values) for values in measured.values())
        self.scales = tuple(_width(values) for values in measured.values())
        self._arguments = ((), self._learnt())

    def members(self) -> Iterator[tuple[str, Module | Variable]]:
        """None: what it has learnt is no variable, and of wide tables long to search."""
        return iter(())

    def reads(self, x: Any) -> bool:
        """Whether ``x`` is a data frame, or rows as dicts."""
        frame = hasattr(x, "columns") and hasattr(x, "iloc")
        return frame or (isinstance(x, list) and any(isinstance(row, Mapping) for row in x))

    def read(self, x: Any) -> npt.NDArray[np.float32]:
        """The numbers of rows, ``(n, numbers + categories)``."""
        if not self.medians and not self.categories:
            raise NotBuiltError(
                "TableReader does not know the table yet: call adapt(rows) with the training rows "
                "first."
            )
        frame = _frame(x, self.columns)
        measured = self._measured(frame)
        distances = [v - m for v, m in zip(measured.values(), self.medians, strict=True)]
        told = [np.isnan(measured[name]).astype(float) for name in self.gaps]
        numbered = [_numbered(names(frame[name]), k) for name, k in self.categories.items()]
        columns = [np.nan_to_num(column) for column in (*distances, *told, *numbered)]
        return np.stack(columns, axis=1).clip(-FARTHEST, FARTHEST).astype(np.float32)

    @property
    def steps(self) -> tuple[float, ...]:
        """The scale of each number, those that tell of gaps included."""
        return (*self.scales, *(1.0 for _ in self.gaps))

    @property
    def sources(self) -> tuple[str, ...]:
        """The column that each number of a row comes from."""
        parts = {"category": 0, "date": DATE_PARTS}
        measured = [name for name, kind in self.columns.items() for _ in range(parts.get(kind, 1))]
        return (*measured, *self.gaps, *self.categories)

    def _measured(self, frame: DataFrame) -> dict[str, Floats]:
        """What is a number in itself, by name, NaN where it is missing."""
        found: dict[str, Floats] = {}
        for name, kind in self.columns.items():
            if kind == "number":
                found[name] = numbers(frame[name])
            elif kind == "boolean":
                found[name] = truths(frame[name])
            elif kind == "date":
                days = moments(frame[name])
                found[name] = days
                for what, turn in (("year", days / YEAR), ("week", (days - MONDAY) / WEEK)):
                    found[f"{name}: sine of the {what}"] = np.sin(2 * np.pi * turn)
                    found[f"{name}: cosine of the {what}"] = np.cos(2 * np.pi * turn)
        return found

    def _learnt(self) -> dict[str, Any]:
        """Arguments that make a layer which has learnt the same."""
        return {
            "columns": self.columns,
            "medians": list(self.medians),
            "scales": list(self.scales),
            "gaps": list(self.gaps),
            "categories": {key: list(values) for key, values in self.categories.items()},
            "name": self.name,
        }

    def __repr__(self) -> str:
        state = "adapted" if self.medians or self.categories else "not adapted"
        return f"TableReader({len(self.columns)} columns, {state})"


def _frame(rows: Any, columns: Mapping[str, str]) -> DataFrame:
    """The columns of rows, a data frame. Raises DataError for one that is not there."""
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise DataError(
            "tables are read with pandas, which is not installed: pip install 'lampas[app]'"
        ) from error
    frame = rows if hasattr(rows, "iloc") else DataFrame(list(rows))
    for name in columns:
        if name not in frame.columns:
            near = difflib.get_close_matches(name, map(str, frame.columns), n=1)
            hint = f" Is it {near[0]!r}?" if near else ""
            raise DataError(
                f"the rows have no column {name!r}, which the model has learnt from.{hint} The "
                f"model takes {', '.join(map(repr, columns))}; cells may be empty."
            )
    found: DataFrame = frame[list(columns)]
    return found


def _frequent(column: npt.NDArray[np.object_]) -> tuple[str, ...]:
    """The values that are there often enough, in order."""
    values, counts = np.unique([text for text in column if text is not None], return_counts=True)
    return tuple(map(str, values[counts >= RARE]))


def _numbered(column: npt.NDArray[np.object_], known: Sequence[str]) -> Floats:
    place = {text: number for number, text in enumerate(known, 2)} | {None: MISSING}
    return np.array([place.get(text, UNKNOWN) for text in column], np.float64)


def _median(values: Floats) -> float:
    return float(np.nanmedian(values)) if not np.isnan(values).all() else 0.0


def _width(values: Floats) -> float:
    """How wide the middle half is; where that is nothing the standard deviation, or 1."""
    there = values[~np.isnan(values)]
    if not there.size:
        return 1.0
    low, high = np.quantile(there, [0.25, 0.75])
    return float(high - low) or float(there.std()) or 1.0
