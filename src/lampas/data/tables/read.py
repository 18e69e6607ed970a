"""Read a table file as a frame of raw cells, at once or in chunks of rows."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ...core.errors import DataError, FileError
from ...parsing.csv import SUFFIXES as CSV_SUFFIXES
from ...parsing.csv import CsvRows, column_names, iter_csv
from ..labels import format_list, not_installed
from ..memory_file import FilePath, MemoryFile

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 10_000
TEXT_SUFFIXES = (*CSV_SUFFIXES, ".txt")
SUFFIXES = (*TEXT_SUFFIXES, ".parquet", ".xlsx", ".xls")


def read_frame(path: str | PathLike[str] | MemoryFile) -> pd.DataFrame:
    """All rows of a CSV, TSV, Parquet or Excel file, with cells as they are in the file.

    The cells of text files are str. The frame's index is the line of the file on which each row
    begins, and is named ``"line"``; for Parquet it is the index of the row, from 1, and named
    ``"row"``.

    Raises:
        FileError: when the file cannot be read.
        DataError: when it is empty, has no rows below its header, a broken row, a column twice or
            too many columns, or the library to read it with is not installed.
    """
    (frame,) = read_chunks(path, None)
    return frame


def read_chunks(
    path: str | PathLike[str] | MemoryFile, size: int | None = CHUNK_ROWS
) -> Iterator[pd.DataFrame]:
    """The same, ``size`` rows at a time; text files are never in memory as a whole.

    One frame has all the rows if ``size`` is None. Raises as `read_frame` does, for a broken row
    when it is reached.
    """
    path = path if isinstance(path, MemoryFile) else Path(path).expanduser()
    suffix, frame = _suffix(path), None
    if suffix in TEXT_SUFFIXES:
        frames = (_csv_frame(path, rows) for rows in iter_csv(path, size))
    else:
        table = _read_binary(path, suffix)
        step = size or len(table) or 1
        frames = (table.iloc[start : start + step] for start in range(0, len(table), step))
    for frame in frames:
        yield frame
    if frame is None:
        raise DataError(f"{path} has a header and no rows below it.")


def with_row_numbers(source: str | PathLike[str] | pd.DataFrame) -> pd.DataFrame:
    """A frame whose index numbers its rows; the rows of a user's frame are counted from 1."""
    if isinstance(source, str | PathLike):
        return read_frame(source)
    if source.index.name in ("line", "row") and "path" in source.attrs:
        return source
    return _number_rows(source.copy(deep=False), "the table", list(source.columns))


def row_location(frame: pd.DataFrame, row: int) -> str:
    """Where a row is, ``"data.csv, line 17"``."""
    return f"{frame.attrs['path']}, {frame.index.name} {frame.index[row]:,}"


def _suffix(path: FilePath) -> str:
    suffix = next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), "")
    if not suffix:
        raise FileError(f"{path} is not a table: its name should end in {', '.join(SUFFIXES)}.")
    return suffix


def _csv_frame(path: FilePath, table: CsvRows) -> pd.DataFrame:
    pandas = _pandas(path)
    columns = zip(table.names, zip(*table.rows, strict=True), strict=True)
    index = pandas.Index(np.array(table.lines), name="line")
    cells = {name: np.array(values, object) for name, values in columns}
    frame: pd.DataFrame = pandas.DataFrame(cells, index, dtype=object)
    frame.attrs["path"] = str(path)
    return frame


def _read_binary(path: FilePath, suffix: str) -> pd.DataFrame:
    pandas = _pandas(path)
    try:
        with path.open("rb") as file:
            # Pandas would rename a column of a sheet that occurs twice, so it sees no header.
            is_sheet = suffix != ".parquet"
            cells = _read_sheet(path, pandas, file) if is_sheet else pandas.read_parquet(file)
    except ImportError as error:
        library = {".parquet": "pyarrow", ".xlsx": "openpyxl", ".xls": "xlrd"}[suffix]
        raise not_installed(f"{path} is read with {library}", library) from error
    except Exception as error:  # its readers raise nearly anything for a broken file
        raise FileError(f"cannot read {path}: {error}") from error
    if not is_sheet:
        # Times, and what has a name, are a column of the file; other indices are row numbers.
        is_column = cells.index.dtype.kind == "M" or any(cells.index.names)
        cells = cells.reset_index(drop=not is_column)
        return _number_rows(cells, path, list(cells.columns))
    if not len(cells):
        raise DataError(f"{path} is empty. Its first line should name the columns.")
    header = ["" if name is None or name != name else name for name in cells.iloc[0]]
    return _number_rows(cells.iloc[1:].infer_objects(), path, header, "line", 2)


def _read_sheet(path: FilePath, pandas: Any, file: IO[bytes]) -> Any:
    """The cells of the first sheet that is not empty; warns if others have cells as well."""
    book = pandas.ExcelFile(file)
    # Words such as "None" and texts such as 007 stay as they are.
    read = partial(
        pandas.read_excel, book, header=None, dtype=object, keep_default_na=False, na_values=[""]
    )
    heads = {name: read(sheet_name=name, nrows=2) for name in book.sheet_names}
    filled = [name for name, cells in heads.items() if len(cells) > 1]
    if len(filled) > 1:
        warnings.warn(
            f"{path} has cells in {len(filled):,} sheets; {filled[0]!r} is read, and "
            f"{format_list(map(repr, filled[1:]))} not. To read another, save it in a file of its "
            "own.",
            stacklevel=5,
        )
    return read(sheet_name=filled[0] if filled else 0)


def _number_rows(
    frame: pd.DataFrame, path: object, header: list[object], unit: str = "row", first: int = 1
) -> pd.DataFrame:
    pandas = _pandas(path)
    frame.columns = pandas.Index(column_names(path, header), dtype=object)
    frame.index = pandas.RangeIndex(first, first + len(frame), name=unit)
    frame.attrs["path"] = str(path)
    return frame


def _pandas(path: object) -> Any:
    try:
        import pandas
    except ImportError as error:
        raise not_installed(f"{path} is read with pandas") from error
    return pandas
