"""How far a sheet of an Excel file reaches: one cell far away makes billions of empty ones."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from xml.parsers import expat

from ...core.errors import DataError
from .limits import Limits

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
