"""Pictures named in a CSV file, each with its label."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..core.errors import DataError, FileError
from .listing import Listing, few, numbered

FILE_COLUMNS = (
    *("file", "filename", "file_name", "path", "filepath", "file_path"),
    *("image", "image_path", "picture", "img"),
)
LABEL_COLUMNS = ("label", "class", "class_name", "category", "target", "y", "species")


def list_table(path: Path, classes: Sequence[str] | None = None) -> Listing:
    """The pictures and labels in a CSV file, in its order.

    Its first line names the columns; ``file`` and ``label`` or a usual word for them, in any case.
    Fields are separated by commas, semicolons or tabs. Files are relative to the CSV file's folder.

    Raises:
        FileError: when it can not be read, or is not UTF-8.
        DataError: when a column or a field is missing, or there are fewer than two classes.
    """
    rows = list(_rows(path))
    here = [(name, label) for _, name, label in rows if (path.parent / name).is_file()]
    missing = tuple(
        (path.parent / name, f"there is no such file (line {line} of {path.name})")
        for line, name, _ in rows
        if not (path.parent / name).is_file()
    )
    if not rows:
        raise DataError(f"{path} names no pictures: it has a header and no lines below it.")
    if not here:
        raise DataError(
            f"none of the {len(rows):,} files in {path} is there: "
            f"{few((name for _, name, _ in rows), 3)}. Paths are relative to {path.parent}."
        )
    numbers, known = numbered([label for _, label in here], classes, path)
    return Listing(path.parent, tuple(name for name, _ in here), numbers, known, {}, missing)


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    """Number of the line, file and label, for each line that is not empty."""
    try:
        # utf-8-sig: spreadsheets begin a file with a mark.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            lines.seek(0)
            table = csv.reader(lines, delimiter=max(",;\t", key=first.count), strict=True)
            columns = [name.strip().lower() for name in next(table, [])]
            file = _column(path, columns, "file", FILE_COLUMNS)
            label = _column(path, columns, "label", LABEL_COLUMNS)
            for row in table:
                if any(field.strip() for field in row):
                    yield table.line_num, *_fields(path, table.line_num, row, file, label)
    except OSError as error:
        raise FileError(f"can not read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not a text file in UTF-8 ({error}).") from error
    except csv.Error as error:
        raise FileError(f"{path} is no CSV file: {error}.") from error


def _column(path: Path, columns: Sequence[str], what: str, known: Sequence[str]) -> int:
    plain = [name.replace(" ", "_").replace("-", "_") for name in columns]
    for name in known:
        if name in plain:
            return plain.index(name)
    raise DataError(
        f"{path} has no column for the {what}: its first line names "
        f"{few(map(repr, columns), 10) or 'nothing'}. Name one of them {what!r}; known are "
        f"{', '.join(known)}."
    )


def _fields(path: Path, line: int, row: Sequence[str], file: int, label: int) -> tuple[str, str]:
    name, kind = (row[i].strip() if i < len(row) else "" for i in (file, label))
    if not name or not kind:
        raise DataError(f"{path}, line {line}: the {'label' if name else 'file'} is empty.")
    return name, kind
