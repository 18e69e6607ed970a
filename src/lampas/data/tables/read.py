"""A table's file as a frame of raw cells, whole or some rows at a time."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import DataError, FileError
from ...parsing.csv import Block, column_names, csv_blocks
from ..memory_file import Held, Place

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 10_000
TEXT = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
SUFFIXES = (*TEXT, ".parquet", ".xlsx", ".xls")


def read_frame(path: str | PathLike[str] | Held) -> pd.DataFrame:
    """All rows of a CSV, TSV, Parquet or Excel file; nothing is made of the cells yet.

    The cells of text files are str. The frame's index is the line of the file on which each row
    begins, and is named ``"line"``; of Parquet it is the number of the row, from 1, and named
    ``"row"``.

    Raises:
        FileError: when the file can not be read.
        DataError: when it is empty, has no rows below its header, a broken row, a column twice or
            too many columns, or a library to read it with is missing.
    """
    path = path if isinstance(path, Held) else Path(path).expanduser()
    suffix = _suffix(path)
    if suffix not in TEXT:
        found = _binary(path, suffix)
    else:
        found = next((_frame(path, *block) for block in csv_blocks(path)), None)
    if found is None or not len(found):
        raise DataError(f"{path} has a header and no rows below it.")
    return found


def chunks(path: str | PathLike[str] | Held, size: int = CHUNK) -> Iterator[pd.DataFrame]:
    """The same, ``size`` rows at a time; text files are never in memory as a whole.

    Raises as `read_frame` does, for a broken row when it is reached.
    """
    path = path if isinstance(path, Held) else Path(path).expanduser()
    if _suffix(path) not in TEXT:
        whole = read_frame(path)
        yield from (whole.iloc[at : at + size] for at in range(0, len(whole), size))
        return
    empty = True
    for block in csv_blocks(path, size):
        empty = False
        yield _frame(path, *block)
    if empty:
        raise DataError(f"{path} has a header and no rows below it.")


def located(source: str | PathLike[str] | pd.DataFrame) -> pd.DataFrame:
    """A frame whose index says where its rows are; one of the caller's is counted from row 1."""
    if isinstance(source, str | PathLike):
        return read_frame(source)
    if source.index.name in ("line", "row") and "path" in source.attrs:
        return source
    found = source.copy(deep=False)
    return _numbered(found, "the table", list(source.columns))


def place(frame: pd.DataFrame, row: int) -> str:
    """Where a row is, ``"data.csv, line 17"``."""
    return f"{frame.attrs['path']}, {frame.index.name} {frame.index[row]:,}"


def _suffix(path: Place) -> str:
    suffix = next((known for known in SUFFIXES if path.name.lower().endswith(known)), "")
    if not suffix:
        raise FileError(f"{path} is no table: its name should end in {', '.join(SUFFIXES)}.")
    return suffix


def _frame(path: Place, names: list[str], block: Block) -> pd.DataFrame:
    pandas = _pandas(path)
    columns = zip(names, zip(*block.rows, strict=True), strict=True)
    index = pandas.Index(np.array(block.lines), name="line")
    cells = {name: np.array(values, object) for name, values in columns}
    found: pd.DataFrame = pandas.DataFrame(cells, index, dtype=object)
    found.attrs["path"] = str(path)
    return found


def _binary(path: Place, suffix: str) -> pd.DataFrame:
    pandas = _pandas(path)
    try:
        if suffix == ".parquet":
            with path.open("rb") as file:
                found = pandas.read_parquet(file).reset_index(drop=True)
            return _numbered(found, path, list(found.columns))
        return _sheet(path, pandas.read_excel)
    except ImportError as error:
        needed = "pyarrow" if suffix == ".parquet" else "openpyxl" if suffix == ".xlsx" else "xlrd"
        raise DataError(
            f"{path} is read with {needed}, which is not installed: pip install {needed}"
        ) from error
    except DataError:
        raise
    except Exception as error:  # its readers raise nearly anything for a broken file
        raise FileError(f"can not read {path}: {error}") from error


def _sheet(path: Place, read: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """The first sheet. Pandas would rename a column that is there twice, so it sees no header."""
    with path.open("rb") as file:
        cells = read(file, header=None)
    if not len(cells):
        raise DataError(f"{path} is empty. Its first line should name the columns.")
    header = ["" if name is None or name != name else name for name in cells.iloc[0]]
    return _numbered(cells.iloc[1:].infer_objects(), path, header, "line", 2)


def _numbered(
    frame: pd.DataFrame, path: object, header: list[object], what: str = "row", first: int = 1
) -> pd.DataFrame:
    pandas = _pandas(path)
    frame.columns = pandas.Index(column_names(path, header), dtype=object)
    frame.index = pandas.RangeIndex(first, first + len(frame), name=what)
    frame.attrs["path"] = str(path)
    return frame


def _pandas(path: object) -> Any:
    try:
        return importlib.import_module("pandas")
    except ImportError as error:
        raise DataError(
            f"{path} is read with pandas, which is not installed: pip install 'lampas[app]'"
        ) from error
