"""Raw rows of a table as numbers: the first layer of a model that takes them raw.

Cells of a table as numbers: one rule each for numbers, dates, yes or no, and names of things.

Numbers on one scale and a vector for each category: what a network makes of a table's row.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, get_args

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, NotBuiltError, Shape, ShapeError, unknown_name
from ...core.variable import Array
from ..base import Layer, LayerOptions
from ..embedding import Embedding
from .base import Reader

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from ...core.module import Module
    from ...core.variable import Variable


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


Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]
YES, NO = ("true", "yes", "y", "t", "1", "1.0"), ("false", "no", "n", "f", "0", "0.0")
_TRUTHS = dict.fromkeys(YES, 1.0) | dict.fromkeys(NO, 0.0)
_DAY = np.timedelta64(1, "D") / np.timedelta64(1, "us")


def numbers(column: Series) -> Floats:
    """Numbers ``(n,)``, NaN where there is none. Raises DataError for a cell that is no number."""
    import pandas

    found = np.array(pandas.to_numeric(column, errors="coerce"), np.float64)
    _refuse(column, np.isnan(found), "number")
    found[~np.isfinite(found)] = np.nan
    return found


def truths(column: Series) -> Floats:
    """1 for yes, 0 for no, NaN for none, ``(n,)``. Raises DataError for a cell that is neither."""
    words = column.map(lambda cell: str(cell).strip().lower(), na_action="ignore")
    found = np.array(words.map(_TRUTHS), np.float64)
    _refuse(column, np.isnan(found), "yes or no")
    return found


def moments(column: Series) -> Floats:
    """Days since 1970, ``(n,)``, NaN for none. Raises DataError for a cell that is no date."""
    import pandas

    if column.dtype.kind == "M":
        found = column
    else:
        found = pandas.to_datetime(column, errors="coerce", format="mixed", utc=True)
    if getattr(found.dtype, "tz", None) is not None:
        found = found.dt.tz_convert(None)
    _refuse(column, found.isna().to_numpy(), "date")
    stamps = found.to_numpy("datetime64[us]")
    days: Floats = stamps.astype(np.int64) / _DAY
    days[np.isnat(stamps)] = np.nan
    return days


def names(column: Series) -> Texts:
    """Texts ``(n,)``, None for none; a whole number is written without a point."""
    empty = column.isna().to_numpy()
    return np.array(
        [None if none else _name(c) for c, none in zip(column, empty, strict=True)], "O"
    )


def _name(cell: Any) -> str:
    whole = isinstance(cell, float | np.floating) and float(cell).is_integer()
    return str(int(cell)) if whole else str(cell).strip()


def _refuse(column: Series, unread: npt.NDArray[np.bool_], what: str) -> None:
    """Raise DataError for the first cell that is there and could not be read."""
    wrong = np.flatnonzero(unread & column.notna().to_numpy())
    if not wrong.size:
        return
    row = column.index[wrong[0]]
    place = f"{column.index.name or 'row'} {row}"
    more = f", and so are {wrong.size - 1:,} more" if wrong.size > 1 else ""
    raise DataError(
        f"{place}: {column.iloc[wrong[0]]!r} in the column {column.name!r} is no {what}{more}. "
        "Mend such cells, or leave them empty."
    )


FAR = 3.0
"""What the largest numbers come near to."""
UTMOST = 1e6
WIDEST = 8
"""Longest vector of a category."""


class TableEncoding(Layer):
    """Brings the numbers of a row to one scale, and looks up a learnt vector for each category.

    A number is divided by its scale, and what is far out is drawn in smoothly,
    ``x / sqrt(1 + (x / 3)^2)``, so that no single cell overrules a row (Holzmüller, Grinsztajn and
    Steinwart, 2024). A category of ``size`` values has a vector of half as many numbers, 8 at most.

    Args:
        scales: of the numbers, which come first in a row: ``reader.steps`` of a `TableReader`.
        sizes: how many values each category has: ``reader.sizes``.

    Shape: ``(batch, numbers + categories) -> (batch, features)``.
    Raises ShapeError when the rows are of another width.
    """

    axes = ("batch", "columns")

    def __init__(
        self, scales: Sequence[float], sizes: Sequence[int] = (), **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        if not all(scale > 0 for scale in scales) or not all(size > 0 for size in sizes):
            raise ArgumentError(
                f"scales and sizes must be above 0, got {list(scales)} and {list(sizes)}."
            )
        if not scales and not sizes:
            raise ArgumentError("there is nothing to encode: give scales, sizes or both.")
        self.scales = tuple(scales)
        self.sizes = tuple(sizes)
        self.embeddings = [Embedding(size, min(WIDEST, -(-size // 2))) for size in sizes]

    def build(self, shape: Shape) -> None:
        width = len(self.scales) + len(self.sizes)
        if shape[-1] != width:
            raise ShapeError(
                f"encodes rows of {len(self.scales)} numbers and {len(self.sizes)} categories, got "
                f"{shape[-1]} columns."
            )
        self.features = shape[-1]

    def forward(self, x: Array) -> Array:
        count = len(self.scales)
        # Its square must stay finite.
        scaled = jnp.clip(x[:, :count] / jnp.array(self.scales, x.dtype), -UTMOST, UTMOST)
        parts = [scaled / jnp.sqrt(1 + (scaled / FAR) ** 2)]
        for number, embedding in enumerate(self.embeddings, count):
            parts.append(embedding(x[:, number]))
        return jnp.concatenate(parts, axis=-1)
