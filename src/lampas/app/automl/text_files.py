"""Texts to predict, from CSV or .txt files, and detection of the columns of a CSV file."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ...core.errors import DataError
from ...data.labels import find_synonym, format_list, pluralize
from ...data.memory_file import FilePath, as_file
from ...data.text.files import TEXT_COLUMNS, TEXT_LABEL_COLUMNS, text_files
from ...parsing.csv import SUFFIXES as TABLE_SUFFIXES
from ...parsing.csv import read_csv, read_text
from .task import InputFile, PredictionBatch

SUFFIXES = (*TABLE_SUFFIXES, ".txt")
BATCH_SIZE = 1024
"""Number of texts that are predicted at a time."""
SAMPLE_ROWS = 200
"""Number of rows by which columns are detected."""
NamedText = tuple[str, str]


def read_texts(files: Iterable[InputFile], column: str | None) -> Iterator[PredictionBatch]:
    """The texts of files, named by file and, in a table, by row from 1 on.

    An empty text gets a prediction, that of no words, and a warning.

    Args:
        files: CSV files, .txt files or folders of these.
        column: column of a CSV file with the texts; None if it has only one.

    Raises:
        DataError: for a folder without texts, or a file without such a column or rows.
        FileError: for a file that cannot be read.
    """
    texts = (text for file in files for text in _texts(file, column))
    while batch := list(islice(texts, BATCH_SIZE)):
        if empty := [name for name, text in batch if not text.strip()]:
            warnings.warn(
                f"{pluralize(len(empty), 'text')} without words: {format_list(empty, 3)}. "
                "All such texts get the same prediction.",
                stacklevel=2,
            )
        yield PredictionBatch([name for name, _ in batch], [text for _, text in batch])


def _texts(file: InputFile, column: str | None) -> Iterator[NamedText]:
    name, content = file
    if isinstance(content, Path) and content.is_dir():
        yield from _from_folder(content)
    elif name.lower().endswith(TABLE_SUFFIXES):
        yield from _from_table(name, as_file(content, name), column)
    else:
        yield name, read_text(as_file(content, name))


def _from_folder(folder: Path) -> Iterator[NamedText]:
    files = text_files(folder)
    if not files:
        raise DataError(f"{folder} has no .txt files.")
    yield from ((str(path), read_text(path)) for path in files)


def _from_table(name: str, file: FilePath, column: str | None) -> Iterator[NamedText]:
    table = read_csv(file)
    names = table.names
    index = names.index(column) if column in names else 0
    if column not in names and (column is not None or len(names) > 1):
        problem = f"no column {column!r}" if column else "several columns"
        raise DataError(
            f"{file} has {problem}; it has {list_names(names)}. The texts should "
            f"be in {repr(column) if column else 'the only one, or in .txt files'}."
        )
    if not table.rows:
        raise DataError(f"{file} has no rows below its first line.")
    for row, fields in enumerate(table.rows, 1):
        yield f"{name}, row {row}", fields[index]


@dataclass(frozen=True)
class TextColumns:
    """Names of the columns with the texts and the labels, and the reason for this choice."""

    text: str
    label: str
    reason: str


def detect_columns(path: Path, text: str | None, label: str | None) -> TextColumns:
    """The requested columns, or else those with common names, or else the longest texts.

    Args:
        path: path of a CSV file.
        text: column with the texts, if requested.
        label: column with the classes, if requested.

    Raises:
        FileError: when the file cannot be read.
        DataError: when it is empty, or a column is missing or cannot be detected.
    """
    table = read_csv(path, any_width=True)
    names = table.names
    require_columns(path, names, (text, label))
    sample = [row for row in table.rows[:SAMPLE_ROWS] if len(row) == len(names)]
    text_column = text or _common_name(TEXT_COLUMNS, names, label) or _longest(names, sample, label)
    other_columns = [name for name in names if name != text_column]
    label_column = label or _common_name(TEXT_LABEL_COLUMNS, names, text_column)
    if label_column is None and len(other_columns) == 1:
        label_column = other_columns[0]
    if label_column is None:
        raise DataError(
            f"which column of {path} has the classes of the texts? Choose it as the target; there "
            f"are {list_names(other_columns)}."
        )
    if text_column == label_column:
        raise DataError(f"{path} has texts and classes in the same column, {text_column!r}.")
    reason = "as requested" if text and label else "by the names and the content of the columns"
    if unused := [name for name in other_columns if name != label_column]:
        reason += f"; not used: {list_names(unused)}, which --kind table reads"
    return TextColumns(text_column, label_column, reason)


def require_columns(path: Path, names: Sequence[str], requested: Iterable[str | None]) -> None:
    """Raise DataError when a column that was requested is not among those of a file."""
    for name in requested:
        if name is not None and name not in names:
            raise DataError(f"{path} has no column {name!r}; it has {list_names(names)}.")


def list_names(names: Sequence[str]) -> str:
    """Names of columns for a message."""
    return format_list(map(repr, names), 10)


def _common_name(common: Sequence[str], names: Sequence[str], excluded: str | None) -> str | None:
    candidates = [name for name in names if name != excluded]
    position = find_synonym(candidates, common)
    return None if position is None else candidates[position]


def _longest(names: Sequence[str], rows: Sequence[Sequence[str]], label: str | None) -> str:
    """The column with the most letters."""
    letters = {
        name: sum(len(row[i]) for row in rows) for i, name in enumerate(names) if name != label
    }
    return max(letters, key=lambda name: letters[name], default=names[0])
