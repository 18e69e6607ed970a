"""The rows of a CSV file as texts, whatever they mean."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ...core.errors import DataError
from ...data.encoding import decoded, read_text


def rows(content: str, name: object) -> list[list[str]]:
    """The fields of each line that is not empty, the names of the columns first.

    Fields are separated by commas, semicolons or tabs.

    Raises DataError when there are none, and for what is no table, with its line.
    """
    first = content.lstrip("\n").split("\n", 1)[0]
    table = csv.reader(io.StringIO(content, newline=""), delimiter=max(",;\t", key=first.count))
    # The limit belongs to the whole process; no field is longer than the file.
    usual = csv.field_size_limit(len(content) + 1)
    try:
        found = [row for row in table if any(map(str.strip, row))]
    except csv.Error as error:
        raise DataError(f"{name}, line {table.line_num}: {error}.") from error
    finally:
        csv.field_size_limit(usual)
    if not found:
        raise DataError(f"{name} is empty. Its first line should name the columns.")
    return [[field.strip() for field in found[0]], *found[1:]]


def content_of(content: Path | bytes, name: str) -> str:
    """What is in a text file, or in the bytes of one.

    Raises FileError when it can not be read.
    """
    if isinstance(content, Path):
        return read_text(content)
    return decoded(content, name=name).replace("\r\n", "\n").replace("\r", "\n")
