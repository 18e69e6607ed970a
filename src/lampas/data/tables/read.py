"""Read a table file as a frame of raw cells, at once or in chunks of rows."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ...core.errors import ArgumentError, DataError, FileError
from ...parsing.csv import SUFFIXES as CSV_SUFFIXES
from ...parsing.csv import CsvRows, column_names, iter_csv
from ..labels import format_list, not_installed
from ..memory_file import FilePath, MemoryFile

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 10_000
TEXT_SUFFIXES = (*CSV_SUFFIXES, ".txt")
SHEET_SUFFIXES = (".xlsx", ".xls")
SUFFIXES = (*TEXT_SUFFIXES, ".parquet", *SHEET_SUFFIXES)


def read_frame(
    path: str | PathLike[str] | MemoryFile, sheet: str | int | None = None
) -> pd.DataFrame:
    """All rows of a CSV, TSV, Parquet or Excel file, with cells as they are in the file.

    The cells of text files are str. The frame's index is the line of the file on which each row
    begins, and is named ``"line"``; for Parquet it is the index of the row, from 1, and named
    ``"row"``. The name of a sheet that was chosen among several is ``frame.attrs["sheet"]``.

    Args:
        path: the file.
        sheet: name or number, from 1, of a sheet of an Excel file; None for the first with rows,
            with a warning if there are more of them.

    Raises:
        FileError: when the file cannot be read.
        DataError: when it is empty, has no rows below its header, no such sheet, a broken row, a
            column twice or too many columns, or the library to read it with is not installed.
    """
    (frame,) = read_chunks(path, None, sheet)
    return frame


def read_chunks(
    path: str | PathLike[str] | MemoryFile,
    size: int | None = CHUNK_ROWS,
    sheet: str | int | None = None,
    default_sheet: str | int | None = None,
) -> Iterator[pd.DataFrame]:
    """The same, ``size`` rows at a time; text files are never in memory as a whole.

    One frame has all the rows if ``size`` is None. Raises as `read_frame` does, for a broken row
    when it is reached.

    Args:
        path: the file.
        size: number of rows of a frame.
        sheet: as for `read_frame`.
        default_sheet: name or number of the sheet of an Excel file to read if ``sheet`` is None;
            if there is no such sheet, a single other one with rows is read, with a warning.
    """
    path = path if isinstance(path, MemoryFile) else Path(path).expanduser()
    suffix, frame = _suffix(path), None
    if sheet is not None and suffix not in SHEET_SUFFIXES:
        raise DataError(f"{path} has no sheets: only Excel files have a sheet {sheet!r}.")
    if suffix in TEXT_SUFFIXES:
        frames = (_csv_frame(path, rows) for rows in iter_csv(path, size))
    else:
        table = _read_binary(path, suffix, sheet, default_sheet)
        step = size or len(table) or 1
        frames = (table.iloc[start : start + step] for start in range(0, len(table), step))
    for frame in frames:
        yield frame
    if frame is None:
        raise DataError(f"{path} has a header and no rows below it.")


def with_row_numbers(
    source: str | PathLike[str] | pd.DataFrame, sheet: str | int | None = None
) -> pd.DataFrame:
    """A frame whose index numbers its rows; the rows of a user's frame are counted from 1."""
    if isinstance(source, str | PathLike):
        return read_frame(source, sheet)
    if sheet is not None:
        raise ArgumentError(f"sheet={sheet!r} is for an Excel file, not for a frame.")
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


def _read_binary(
    path: FilePath, suffix: str, sheet: str | int | None, default_sheet: str | int | None
) -> pd.DataFrame:
    pandas = _pandas(path)
    try:
        with path.open("rb") as file:
            is_sheet, name = suffix in SHEET_SUFFIXES, None
            if is_sheet:
                # Pandas would rename a column of a sheet that occurs twice, so it sees no header.
                cells, name = _read_sheet(path, pandas, file, sheet, default_sheet)
            else:
                cells = pandas.read_parquet(file)
    except DataError:
        raise
    except ImportError as error:
        library = {".parquet": "pyarrow", ".xlsx": "openpyxl", ".xls": "xlrd"}[suffix]
        raise not_installed(f"{path} is read with {library}", library) from error
    except Exception as error:  # its readers raise nearly anything for a broken file
        raise FileError(f"cannot read {path}: {' '.join(str(error).split())}") from error
    if not is_sheet:
        # Times, and what has a name, are a column of the file; other indices are row numbers.
        is_column = cells.index.dtype.kind == "M" or any(cells.index.names)
        cells = cells.reset_index(drop=not is_column)
        return _number_rows(cells, path, list(cells.columns))
    if not len(cells):
        raise DataError(f"{path} is empty. Its first line should name the columns.")
    header = ["" if name is None or name != name else name for name in cells.iloc[0]]
    frame = _number_rows(cells.iloc[1:].infer_objects(), path, header, "line", 2)
    frame.attrs["sheet"] = name
    return frame


def _read_sheet(
    path: FilePath,
    pandas: Any,
    file: IO[bytes],
    sheet: str | int | None,
    default_sheet: str | int | None,
) -> tuple[pd.DataFrame, str | None]:
    """The cells of a sheet, and its name if there was a choice."""
    book = pandas.ExcelFile(file)
    # Words such as "None" and texts such as 007 stay as they are.
    read = partial(
        pandas.read_excel, book, header=None, dtype=object, keep_default_na=False, na_values=[""]
    )
    names = list(map(str, book.sheet_names))
    if sheet is not None:
        name = _find_sheet(path, names, sheet)
        return read(sheet_name=name), name
    filled = [name for name in names if len(read(sheet_name=name, nrows=2)) > 1]
    name = filled[0] if filled else names[0]
    if default_sheet is not None:
        try:
            name = _find_sheet(path, names, default_sheet)
        except DataError as error:
            if len(filled) != 1:
                raise
            warnings.warn(f"{error} The only one with rows, {name!r}, is read.", stacklevel=5)
    elif len(filled) > 1:
        warnings.warn(
            f"{path} has cells in {len(filled):,} sheets; {name!r} is read, and "
            f"{format_list(map(repr, filled[1:]))} not. To read another, choose it: --sheet "
            f"{shlex.quote(filled[1])}, in Python sheet={filled[1]!r}.",
            stacklevel=5,
        )
    return read(sheet_name=name), name if len(filled) > 1 else None


def _find_sheet(path: FilePath, names: Sequence[str], sheet: str | int) -> str:
    """The sheet of that name, or else of that number. Raises DataError if there is none."""
    if sheet in names:
        return str(sheet)
    if str(sheet).isdecimal() and 1 <= int(sheet) <= len(names):
        return names[int(sheet) - 1]
    raise DataError(
        f"{path} has no sheet {sheet!r}: its sheets are {format_list(map(repr, names), 10)}."
    )


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
