"""Check the type and the unpacked size of uploaded files before anything else reads them."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from xml.parsers import expat

from ...core.errors import DataError
from ...data.images.decode import SUFFIXES, UnreadableImageError, read_header
from ...data.memory_file import as_file
from ...parsing.csv import SUFFIXES as CSV_SUFFIXES
from ..automl.task import DataKind, InputFile
from .limits import Limits
from .parquet_check import unpacked_parquet_size

_UNBOUNDED = frozenset({".feather", ".xls"})
_SEPARATORS = (b",", b";", b"\t", b"|")
_CHUNK = 2**20
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MAX_MEMBERS = 1000
_ELEMENTS_PER_CELL = 4
_IN_PARTS = "Send its rows in parts."
_CELL = re.compile(r"([A-Z]{0,3})([0-9]{0,9})", re.IGNORECASE)


def accepted_suffixes(kind: DataKind[Any]) -> tuple[str, ...]:
    """Return the suffixes of a kind's files, except formats whose unpacked size is unknown."""
    return tuple(suffix for suffix in kind.uploads if suffix not in _UNBOUNDED)


def check_upload(file: InputFile, kind: DataKind[Any], limits: Limits, unpacked: int) -> int:
    """Check an uploaded file's type and size, and return its size when unpacked.

    Args:
        file: name, for messages, and content of the file.
        kind: kind of data that the model takes.
        limits: limits of the server.
        unpacked: bytes that its content may have when unpacked.

    Raises:
        DataError: if the file has another type, is damaged or too large.
    """
    name, content = file
    assert isinstance(content, bytes)
    lower, suffixes = name.lower(), accepted_suffixes(kind)
    if not lower.endswith(suffixes):
        raise DataError(f"{name} is not of an accepted type: {', '.join(suffixes)}.")
    is_csv = lower.endswith(CSV_SUFFIXES)
    chunks: Iterable[bytes] = [content]
    if lower.endswith(".gz"):
        chunks = _unzipped(name, content)
    elif lower.endswith(".xlsx"):
        chunks = _members(name, content, limits, unpacked)
    is_parquet = lower.endswith(".parquet")
    size, lines, columns = unpacked_parquet_size(name, content, limits) if is_parquet else 0, 1, 0
    for chunk in chunks:
        size += len(chunk)
        if size > unpacked:
            raise DataError(
                f"{name} has more than {unpacked:,} bytes when unpacked, which is not accepted. "
                "Send it in parts, or use lampas predict."
            )
        if is_csv:
            columns = columns or _count_columns(chunk)
            lines += max(chunk.count(b"\n"), chunk.count(b"\r"))
            _check_table(name, lines, columns, limits)
    if lower.endswith(tuple(SUFFIXES)):
        _check_pixels(name, content, limits)
    return size


def _count_columns(chunk: bytes) -> int:
    first = re.split(rb"[\r\n]", chunk.lstrip(), maxsplit=1)[0]
    return 1 + max(map(first.count, _SEPARATORS))


def _check_table(name: str, lines: int, columns: int, limits: Limits) -> None:
    for number, limit, nouns in (
        (columns, limits.columns, "columns"),
        (lines, limits.lines, "lines"),
        # Lines without any cells count as well, since each is read.
        (lines * columns, limits.cells, "cells"),
    ):
        if number > limit:
            raise DataError(
                f"{name} has {number:,} {nouns} or more; at most {limit:,} are accepted. Send its "
                "rows in parts, with the columns that the model was trained on."
            )


def _check_pixels(name: str, content: bytes, limits: Limits) -> None:
    with suppress(UnreadableImageError):  # Reading it gives the reason.
        file: Any = as_file(content, name)
        height, width, _ = read_header(file)
        if height * width > limits.pixels:
            raise DataError(
                f"{name} has {width:,} x {height:,} pixels; at most {limits.pixels:,} pixels are "
                "accepted. Send a smaller image."
            )


def _unzipped(name: str, content: bytes) -> Iterator[bytes]:
    """The content of a gzip file in chunks."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} is not a complete gzip file: {error}.") from error


def _members(name: str, content: bytes, limits: Limits, unpacked: int) -> Iterator[bytes]:
    """The members of a zip file, of which the sheets of a workbook are checked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS:
                raise DataError(f"{name} has more than {_MAX_MEMBERS:,} parts; save it again.")
            # Reading stops at the declared size of a member, except in other compressions.
            if any(member.compress_type not in _COMPRESSIONS for member in members):
                raise DataError(f"{name} is compressed in a way that Excel does not use.")
            if sum(member.file_size for member in members) > unpacked:
                yield bytes(unpacked + 1)
            for member in members:
                xml = archive.read(member)
                check_sheet_size(name, xml, limits)
                yield xml
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{name} is not a complete zip file: {error}.") from error


def check_sheet_size(name: str, xml: bytes, limits: Limits) -> None:
    """Check the number of cells of an Excel sheet, empty ones included, and of XML elements.

    A single cell far from the others creates billions of empty ones.

    Raises:
        DataError: if there are too many cells.
    """
    row = column = elements = 0
    rows = columns = 1

    def on_element(tag: str, attributes: dict[str, str]) -> None:
        """Count a row or a cell; those without a reference follow the previous one."""
        nonlocal row, column, elements, rows, columns
        elements += 1
        if elements > _ELEMENTS_PER_CELL * limits.cells:
            raise DataError(f"{name} has more than {elements - 1:,} elements. {_IN_PARTS}")
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
                f"columns; at most {limits.cells:,} cells are accepted. {_IN_PARTS}"
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
