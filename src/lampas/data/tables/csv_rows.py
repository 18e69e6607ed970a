"""The rows of a CSV file, each with the line on which it begins."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, NamedTuple

from ...core.errors import DataError
from ..listing import few
from .held import Place
from .letters import encoding_of, opened

SEPARATORS = ",;\t|"
MOST_COLUMNS = 2_000


class Block(NamedTuple):
    """Some rows: the lines on which they begin, and their fields."""

    lines: list[int]
    rows: list[list[str]]


def column_names(path: object, header: Sequence[object]) -> list[str]:
    """The names of the columns; one without a name is called by its number.

    Raises:
        DataError: for a name that is there twice, and for more than ``MOST_COLUMNS``.
    """
    if len(header) > MOST_COLUMNS:
        raise DataError(
            f"{path} has {len(header):,} columns; a table may have {MOST_COLUMNS:,}. Keep those "
            "that may matter, or a few sums of the others, in a smaller file."
        )
    names = [str(name).strip() or f"column {n}" for n, name in enumerate(header, 1)]
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise DataError(
            f"{path} has more than one column named {few(map(repr, twice))}. Rename or remove all "
            "but one of them."
        )
    return names


def csv_blocks(path: Place, size: int | None = None) -> Iterator[tuple[list[str], Block]]:
    """The names of the columns with ``size`` rows at a time, or with all of them.

    The first line names the columns. Fields are separated by whatever of ``, ; tab |`` is most
    often in it; a field with separators or line breaks inside stands in quotes. Empty rows are left
    out.

    Raises:
        FileError: when the file can not be read.
        DataError: when it is empty or no text, and for a row that is broken, with its line.
    """
    encoding = encoding_of(path)
    with opened(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        found = _rows(path, text)
        _, header = next(found, (0, []))
        if not header:
            raise DataError(f"{path} is empty. Its first line should name the columns.")
        names = column_names(path, header)
        wide = _of_width(path, len(names), found)
        block = list(islice(wide, size))
        while block:
            lines, rows = zip(*block, strict=True)
            yield names, Block(list(lines), list(rows))
            block = list(islice(wide, size)) if size else []


def _rows(path: Place, text: IO[str]) -> Iterator[tuple[int, list[str]]]:
    line = 1
    try:
        first = next((line for line in text if line.strip()), "")
        text.seek(0)
        separator = max(SEPARATORS, key=first.count)
        table = csv.reader(text, delimiter=separator, strict=True, skipinitialspace=True)
        for fields in table:
            if any(fields):
                yield line, fields
            line = table.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path}, line {line:,}: {_reason(str(error))}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not in one encoding ({error}). Save it as UTF-8.") from error


def _reason(said: str) -> str:
    if "unexpected end" in said or "field larger" in said:
        return 'a quote (") is opened here and not closed. Close it, or double it inside a field.'
    return f'this row can not be read ({said}). Double a quote (") that is part of a field.'


def _of_width(
    path: Place, width: int, rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    for line, fields in rows:
        if len(fields) != width:
            advice = (
                "Put a field with a separator inside into quotes."
                if len(fields) > width
                else "Write empty fields for what is not known."
            )
            raise DataError(
                f"{path}, line {line:,}: this row has {len(fields):,} fields, the first line names "
                f"{width:,} columns. {advice}"
            )
        yield line, fields
