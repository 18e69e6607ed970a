"""Raw cells become numbers, words and dates, the same way for learning and for predicting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ...parsing.dates import ISO, dates
from ...parsing.numbers import PLAIN, numbers
from ..labels import few
from .cells import Cells, cells, named
from .column_types import FALSE, TRUE, ColumnKind, form_of, hint
from .read import located, place

if TYPE_CHECKING:
    import pandas as pd

Forms = Mapping[str, str]
"""How numbers and dates are written, by column, where it is not the plain way."""
_ADVICE = {
    "number": "Mend it, leave it empty, or take the column for a category.",
    "boolean": "Write it as true or false, or leave it empty.",
    "date": "Write it as the other dates, or as 2026-01-31.",
}


def rows(
    source: pd.DataFrame | Sequence[Mapping[str, Any]],
    columns: Mapping[str, ColumnKind],
    forms: Forms | None = None,
) -> pd.DataFrame:
    """The columns to learn from, typed: float64, datetime64, or str with None for what is missing.

    Booleans become ``"true"`` and ``"false"``. Columns that are not in ``columns`` are ignored;
    `unknown_columns` names them.

    Args:
        source: raw cells, as `read_frame` reads them, or a list of dicts.
        columns: kinds by name; those to leave out may be there.
        forms: of numbers and dates, as `Survey.forms` or `Table.forms` has them; None to go by
            these cells alone, which may read ``1,234`` otherwise than the whole table would.

    Raises:
        DataError: when a column is missing, or a cell is not of its column's kind.
    """
    import pandas

    names = [name for name, kind in columns.items() if kind != "leave-out"]
    frame = located(source if isinstance(source, pandas.DataFrame) else _frame(source, names))
    kinds = learnt(frame, columns)
    said = {name: cells(frame[name]) for name in kinds}
    return typed(frame, said, kinds, forms_of(said, kinds) if forms is None else forms)


def learnt(frame: pd.DataFrame, columns: Mapping[str, ColumnKind]) -> dict[str, ColumnKind]:
    """The columns that are not left out. Raises DataError when the frame lacks one."""
    kinds: dict[str, ColumnKind] = {n: kind for n, kind in columns.items() if kind != "leave-out"}
    if absent := [name for name in kinds if name not in frame.columns]:
        raise DataError(
            f"{frame.attrs['path']} has no column {few(map(repr, absent))}, which the model asks "
            f"for{hint(absent[0], frame.columns)}"
        )
    return kinds


def forms_of(said: Mapping[str, Cells], kinds: Mapping[str, ColumnKind]) -> dict[str, str]:
    """How the numbers and dates of these cells are written, where it is not the plain way."""
    found = {name: form_of(kind, said[name].words) for name, kind in kinds.items()}
    return {name: form for name, form in found.items() if form != PLAIN}


def typed(
    frame: pd.DataFrame,
    said: Mapping[str, Cells],
    kinds: Mapping[str, ColumnKind],
    forms: Forms,
) -> pd.DataFrame:
    """The same of cells that have been read; raises DataError for one that is not of its kind."""
    import pandas

    values = {
        name: pandas.Series(
            _typed(frame, name, kind, said[name], forms.get(name, PLAIN)),
            frame.index,
            dtype=object if kind in ("category", "boolean", "text") else None,
        )
        for name, kind in kinds.items()
    }
    found: pd.DataFrame = pandas.DataFrame(values, frame.index)
    found.attrs["path"] = frame.attrs["path"]
    return found


def unknown_columns(
    source: pd.DataFrame | Sequence[Mapping[str, Any]], columns: Mapping[str, object]
) -> tuple[str, ...]:
    """Names of what is in the rows and not among ``columns``."""
    names = (
        source.columns
        if hasattr(source, "columns")
        else dict.fromkeys(n for r in source for n in r)
    )
    return tuple(str(name) for name in names if name not in columns)


def _frame(source: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pd.DataFrame:
    import pandas

    for number, row in enumerate(source, 1):
        if not isinstance(row, Mapping):
            raise DataError(f"row {number:,} is {row!r}; give a dict of columns.")
        for name in names:
            if name not in row:
                raise DataError(
                    f"row {number:,} has no {name!r}{_near(name, row)} Write None for what is not "
                    "known."
                )
    raw = {name: pandas.Series([row[name] for row in source], dtype=object) for name in names}
    return pandas.DataFrame(raw)


def _near(name: str, row: Mapping[str, Any]) -> str:
    found = hint(name, map(str, row))
    return found if found.startswith("; near") else "."


def _typed(
    frame: pd.DataFrame, name: str, kind: ColumnKind, found: Cells, form: str
) -> npt.NDArray[Any]:
    if kind in ("category", "text"):
        words = named(found.words) if kind == "category" else np.array(found.words, object)
        return found.spread(words, None)
    if kind == "number":
        values = numbers(found.words, form)
        _check(frame, name, kind, found, np.isnan(values))
        return found.spread(values, np.nan)
    if kind == "date":
        times = dates(found.words, form or ISO)
        _check(frame, name, kind, found, np.isnat(times))
        return found.spread(times, np.datetime64("NaT"))
    truth = np.array([_boolean(word) for word in found.words], object)
    _check(frame, name, kind, found, np.array([value is None for value in truth], bool))
    return found.spread(truth, None)


def _boolean(word: str) -> str | None:
    plain = word[0] if word in ("1.0", "0.0") else word.lower()
    return "true" if plain in TRUE else "false" if plain in FALSE else None


def _check(
    frame: pd.DataFrame, name: str, kind: str, found: Cells, wrong: npt.NDArray[np.bool_]
) -> None:
    if wrong.any():
        number = int(np.argmax(wrong))
        raise DataError(
            f"{place(frame, found.first(number))}: {name!r} is {found.words[number]!r}, which is "
            f"no {kind}. {_ADVICE[kind]}"
        )
