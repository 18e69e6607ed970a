"""Check the size of an uploaded Parquet file by its footer, before its columns are read."""

from __future__ import annotations

import io

from ...core.errors import DataError
from ...data.labels import not_installed
from .limits import Limits


def unpacked_parquet_size(name: str, content: bytes, limits: Limits) -> int:
    """Return the bytes of the columns of a Parquet file when unpacked.

    Args:
        name: name of the file, for messages.
        content: content of the file.
        limits: limits of the server.

    Raises:
        DataError: if the footer is damaged, or there are too many columns, rows or cells.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise not_installed(f"{name} is read with pyarrow", "pyarrow") from error
    try:
        footer = parquet.read_metadata(io.BytesIO(content))
        _check_count(name, footer.num_columns, limits.columns, "columns")
        _check_count(name, footer.num_rows, limits.lines, "rows")
        groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
        rows = [group.num_rows for group in groups]
        parts = [group.column(n) for group in groups for n in range(footer.num_columns)]
        cells = [part.num_values for part in parts]  # Several for a list.
        sizes = [part.total_uncompressed_size for part in parts]
    except (ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{name} is not a complete Parquet file: {reason:.200}.") from error
    if min(0, *rows, *cells, *sizes) < 0 or sum(rows) != footer.num_rows:
        raise DataError(f"{name} is not a complete Parquet file: its footer contradicts itself.")
    _check_count(name, max(sum(cells), footer.num_rows * footer.num_columns), limits.cells, "cells")
    return sum(sizes)


def _check_count(name: str, number: int, limit: int, nouns: str) -> None:
    if number > limit:
        raise DataError(
            f"{name} has {number:,} {nouns}; at most {limit:,} are accepted. Send its rows in "
            "parts, with the columns that the model was trained on."
        )
