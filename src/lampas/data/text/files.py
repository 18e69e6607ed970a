"""Texts in a folder: each sub-folder is a class, each .txt file a text.

Texts and their labels in the columns of a CSV file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ...core.errors import DataError
from ...parsing.csv import read_text
from ..images.folder import LABEL_COLUMNS
from ..labels import count, few, in_order

_PARTS = {"train", "val", "valid", "validation", "dev", "test"}


def read_folder(root: Path, encoding: str | None = None) -> tuple[list[Row], list[tuple[str, str]]]:
    """The texts beneath ``root``, class by class in the order of their paths, and empty files.

    Hidden files and folders, and files of other kinds, are left out.

    Raises:
        FileError: when a file can not be read.
        DataError: when there are no sub-folders with texts, or the parts of a data set instead.
    """
    folders = in_order(
        entry.name for entry in root.iterdir() if entry.is_dir() and entry.name[0] != "."
    )
    if folders and {name.lower() for name in folders} <= _PARTS:
        raise DataError(
            f"{root} holds the parts of a data set ({few(folders)}), not classes. Read each part "
            f"by itself: text({str(root / folders[0])!r})."
        )
    files = [(name, path) for name in folders for path in _files(root / name)]
    if not files:
        beside = count(len(list(root.glob("*.txt"))), "text file")
        raise DataError(
            f"{root} has {count(len(folders), 'sub-folder')} and no .txt files in them ({beside} "
            "beside them). Put the texts of each class into a folder of its own, or give a CSV "
            "file with the columns text and label."
        )
    rows = [Row(str(path), read_text(path, encoding), name) for name, path in files]
    broken = [(row.place, "the text is empty") for row in rows if not row.text.strip()]
    return [row for row in rows if row.text.strip()], broken


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.suffix.lower() == ".txt")
    return sorted(path for path in found if path.is_file() and path.name[0] != ".")


TEXT_COLUMNS = (
    *("text", "texts", "review", "sentence", "message", "tweet", "comment", "content", "body"),
    *("document", "article", "description", "question", "snippet", "title"),
)
LABELS = (*LABEL_COLUMNS, "labels", "sentiment", "polarity", "topic", "rating")


class Row(NamedTuple):
    """A line of the table: where it is, what it says, and its class."""

    place: str
    text: str
    label: str


def read_table(
    path: Path, text: str | None = None, label: str | None = None, encoding: str | None = None
) -> tuple[list[Row], list[tuple[str, str]]]:
    """The rows of a CSV file, and those that can not be used with the reason, in its order.

    The first line names the columns. Fields are separated by commas, semicolons or tabs; a field
    with separators or line breaks inside stands in quotes. Empty lines are left out.

    Args:
        path: the file.
        text: name of the column with the texts; None for a usual one, as ``TEXT_COLUMNS`` has them.
        label: name of the column with the classes; None for a usual one, as in ``LABELS``.
        encoding: None for UTF-8, or Latin-1 where that fails.

    Raises:
        FileError: when the file can not be read.
        DataError: when it is empty, is no table, or has not these columns.
    """
    content = read_text(path, encoding)
    if not content.strip():
        raise DataError(
            f"{path} is empty. It should name its columns in the first line: text,label."
        )
    first = content.lstrip("\n").split("\n", 1)[0]
    table = csv.reader(io.StringIO(content, ""), delimiter=max(",;\t", key=first.count))
    rows: list[Row] = []
    broken: list[tuple[str, str]] = []
    # The limit belongs to the whole process; no field is longer than the file.
    usual = csv.field_size_limit(len(content) + 1)
    try:
        columns = [name.strip() for name in next(row for row in table if row)]
        places = _places(path, columns, text, label)
        for row in _wrong_or_right(table, len(columns), *places):
            rows.append(row) if isinstance(row, Row) else broken.append(row)
    except csv.Error as error:
        raise DataError(f"{path}, line {table.line_num}: {error}.") from error
    finally:
        csv.field_size_limit(usual)
    if not rows and not broken:
        raise DataError(f"{path} has a header and no lines below it.")
    return rows, broken


def _wrong_or_right(
    table: Iterator[list[str]], width: int, text: int, label: int
) -> Iterator[Row | tuple[str, str]]:
    for fields in table:
        place = f"line {table.line_num}"  # type: ignore[attr-defined]
        if not any(field.strip() for field in fields):
            continue
        if len(fields) != width:
            more = "; put a text with a comma inside into quotes" if len(fields) > width else ""
            yield place, f"it has {len(fields)} fields, the first line names {width}{more}"
        elif not fields[text].strip() or not fields[label].strip():
            yield place, f"the {'label' if fields[text].strip() else 'text'} is empty"
        else:
            yield Row(place, fields[text], fields[label].strip())


def _places(
    path: Path, columns: Sequence[str], text: str | None, label: str | None
) -> tuple[int, int]:
    """Which columns have the text and the label; of two columns the other one will do."""
    found = {
        "text": _place(path, columns, text, TEXT_COLUMNS),
        "label": _place(path, columns, label, LABELS),
    }
    if len(columns) == 2 and (found["text"] is None) != (found["label"] is None):
        (known,) = [place for place in found.values() if place is not None]
        found = {what: 1 - known if place is None else place for what, place in found.items()}
    for what, place in found.items():
        if place is None:
            raise DataError(
                f"{path} has no column that is known to hold the {what}: its first line names "
                f"{few(map(repr, columns), 10)}. Say which it is: {what}_column=..."
            )
    assert found["text"] is not None
    assert found["label"] is not None
    return found["text"], found["label"]


def _place(
    path: Path, columns: Sequence[str], wanted: str | None, known: Sequence[str]
) -> int | None:
    if wanted is not None:
        if wanted not in columns:
            raise DataError(
                f"{path} has no column {wanted!r}: its first line names "
                f"{few(map(repr, columns), 10)}."
            )
        return columns.index(wanted)
    plain = [name.lower().replace(" ", "_").replace("-", "_") for name in columns]
    return next((plain.index(name) for name in known if name in plain), None)
