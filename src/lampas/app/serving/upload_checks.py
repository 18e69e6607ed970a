"""Uploaded files, looked at before anything reads them.

Files that unfold to more than they are: measured before anything reads them.

How far a sheet of an Excel file reaches: one cell far away makes billions of empty ones.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from xml.parsers import expat

from ...core.errors import DataError
from ..automl.task import Kind
from .limits import Limits

_UNBOUNDED = frozenset({".parquet", ".feather", ".xls"})
_SEPARATORS = (b",", b";", b"\t", b"|")


def taken(kind: Kind) -> tuple[str, ...]:
    """Suffixes of a kind's files, but those whose size is only known once they are unfolded."""
    return tuple(suffix for suffix in kind.uploads if suffix not in _UNBOUNDED)


def check_upload(name: str, content: bytes, kind: Kind, limits: Limits) -> None:
    """Make sure that a file is of the kind, and no larger inside than can be taken.

    Raises DataError, which names it.
    """
    suffixes = taken(kind)
    if not name.lower().endswith(suffixes):
        raise DataError(f"{name} is none of the files that are taken here: {', '.join(suffixes)}.")
    check_packed(name, content, limits)
    if name.lower().endswith((".csv", ".tsv")):
        _check_columns(name, content, limits)


def _check_columns(name: str, content: bytes, limits: Limits) -> None:
    first = re.split(rb"[\r\n]", content.lstrip(), maxsplit=1)[0]
    columns = 1 + max(map(first.count, _SEPARATORS))
    if columns > limits.columns:
        raise DataError(
            f"{name} has {columns:,} columns; {limits.columns:,} are taken at most. Send those "
            "that the model was trained on."
        )


_PIECE = 2**20


def check_packed(name: str, content: bytes, limits: Limits) -> None:
    """Make sure that an uploaded file unfolds to no more than can be taken.

    Raises DataError, which names it.
    """
    if content.startswith(b"\x1f\x8b"):
        _check_gzip(name, content, limits)
    if zipfile.is_zipfile(io.BytesIO(content)):
        _check_zip(name, content, limits)


def _check_gzip(name: str, content: bytes, limits: Limits) -> None:
    left = limits.unpacked
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            while left >= 0 and (piece := file.read(_PIECE)):
                left -= len(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} is not a whole gzip file: {error}.") from error
    if left < 0:
        raise _too_large(name, limits)


def _check_zip(name: str, content: bytes, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            # What a member holds beyond its declared size is never read.
            if sum(member.file_size for member in members) > limits.unpacked:
                raise _too_large(name, limits)
            for member in members:
                check_sheet(name, archive.read(member), limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{name} is not a whole zip file: {error}.") from error


def _too_large(name: str, limits: Limits) -> DataError:
    return DataError(
        f"{name}: unpacked it has more than {limits.unpacked:,} bytes, which is not taken. Send it "
        "in parts, or use lampas predict."
    )


_PLACE = re.compile(r"([A-Z]{0,3})([0-9]{0,9})", re.IGNORECASE)


def check_sheet(name: str, xml: bytes, limits: Limits) -> None:
    """Make sure that a sheet has not too many cells, empty ones among them.

    What is no sheet, or no XML, has none. Raises DataError, which names the file.
    """
    reach = _Reach(name, limits.cells)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reach.element
    with suppress(expat.ExpatError):
        parser.Parse(xml, True)


@dataclass
class _Reach:
    """The last row and column so far."""

    name: str
    most: int
    row: int = 0
    column: int = 0
    rows: int = 1
    columns: int = 1

    def element(self, tag: str, attributes: dict[str, str]) -> None:
        """An element of the file; those without a place follow the one before."""
        kind = tag.rpartition(":")[2]
        if kind not in ("row", "c"):
            return
        place = _PLACE.fullmatch(attributes.get("r", ""))
        letters, digits = place.groups() if place else ("", "")
        if kind == "row":
            self.row, self.column = int(digits or self.row + 1), 0
        else:
            self.column = _number(letters) if letters else self.column + 1
            self.row = int(digits or self.row)
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        if self.rows * self.columns > self.most:
            raise DataError(
                f"{self.name} has a sheet of {self.rows:,} rows and {self.columns:,} columns or "
                f"more; {self.most:,} cells are taken at most. Send its rows in parts."
            )


def _number(letters: str) -> int:
    """Of a column: A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
