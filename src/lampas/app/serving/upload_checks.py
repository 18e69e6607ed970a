"""Check the type and the unpacked size of uploaded files before anything else reads them."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from contextlib import suppress
from typing import Any
from xml.parsers import expat

from ...core.errors import DataError
from ..automl.task import DataKind
from .limits import Limits

_UNBOUNDED = frozenset({".parquet", ".feather", ".xls"})
_SEPARATORS = (b",", b";", b"\t", b"|")
_CHUNK = 2**20
_CELL = re.compile(r"([A-Z]{0,3})([0-9]{0,9})", re.IGNORECASE)


def accepted_suffixes(kind: DataKind[Any]) -> tuple[str, ...]:
    """Return the suffixes of a kind's files, except formats whose unpacked size is unknown."""
    return tuple(suffix for suffix in kind.uploads if suffix not in _UNBOUNDED)


def check_upload(name: str, content: bytes, kind: DataKind[Any], limits: Limits) -> None:
    """Check an uploaded file's type and size.

    Args:
        name: name of the file, for messages.
        content: its bytes.
        kind: kind of data that the model takes.
        limits: limits of the server.

    Raises:
        DataError: if the file has another type or is too large.
    """
    suffixes = accepted_suffixes(kind)
    if not name.lower().endswith(suffixes):
        raise DataError(f"{name} is not of an accepted type: {', '.join(suffixes)}.")
    check_unpacked_size(name, content, limits)
    if name.lower().endswith((".csv", ".tsv")):
        _check_columns(name, content, limits)


def _check_columns(name: str, content: bytes, limits: Limits) -> None:
    first = re.split(rb"[\r\n]", content.lstrip(), maxsplit=1)[0]
    columns = 1 + max(map(first.count, _SEPARATORS))
    if columns > limits.columns:
        raise DataError(
            f"{name} has {columns:,} columns; at most {limits.columns:,} are accepted. Send those "
            "that the model was trained on."
        )


def check_unpacked_size(name: str, content: bytes, limits: Limits) -> None:
    """Check the unpacked size of a gzip or zip file; others pass.

    Raises:
        DataError: if it is too large or damaged.
    """
    if content.startswith(b"\x1f\x8b"):
        _check_gzip(name, content, limits)
    if zipfile.is_zipfile(io.BytesIO(content)):
        _check_zip(name, content, limits)


def _check_gzip(name: str, content: bytes, limits: Limits) -> None:
    remaining = limits.unpacked
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            while remaining >= 0 and (chunk := file.read(_CHUNK)):
                remaining -= len(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} is not a complete gzip file: {error}.") from error
    if remaining < 0:
        raise _too_large(name, limits)


def _check_zip(name: str, content: bytes, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            # Reading stops at the declared size of a member.
            if sum(member.file_size for member in members) > limits.unpacked:
                raise _too_large(name, limits)
            for member in members:
                check_sheet_size(name, archive.read(member), limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{name} is not a complete zip file: {error}.") from error


def _too_large(name: str, limits: Limits) -> DataError:
    return DataError(
        f"{name} has more than {limits.unpacked:,} bytes when unpacked, which is not accepted. "
        "Send it in parts, or use lampas predict."
    )


def check_sheet_size(name: str, xml: bytes, limits: Limits) -> None:
    """Check the number of cells of an Excel sheet, empty ones included.

    A single cell far from the others creates billions of empty ones. Other files pass.

    Raises:
        DataError: if there are too many cells.
    """
    row = column = 0
    rows = columns = 1

    def on_element(tag: str, attributes: dict[str, str]) -> None:
        """Count a row or a cell; those without a reference follow the previous one."""
        nonlocal row, column, rows, columns
        kind = tag.rpartition(":")[2]
        if kind not in ("row", "c"):
            return
        reference = _CELL.fullmatch(attributes.get("r", ""))
        letters, digits = reference.groups() if reference else ("", "")
        if kind == "row":
            row, column = int(digits or row + 1), 0
        else:
            column = _column_number(letters) if letters else column + 1
            row = int(digits or row)
        rows, columns = max(rows, row), max(columns, column)
        if rows * columns > limits.cells:
            raise DataError(
                f"{name} has a sheet of at least {rows:,} rows and {columns:,} "
                f"columns; at most {limits.cells:,} cells are accepted. Send its rows in parts."
            )

    parser = expat.ParserCreate()
    parser.StartElementHandler = on_element
    with suppress(expat.ExpatError):
        parser.Parse(xml, True)


def _column_number(letters: str) -> int:
    """Convert column letters: A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
