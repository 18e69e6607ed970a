"""Read labelled texts from .txt files in a sub-folder for each class, or from a CSV file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from ...core.errors import DataError
from ...parsing.csv import read_csv, read_text, width_problem
from ..images.folder import LABEL_COLUMNS
from ..labels import find_synonym, format_list, natural_sort, pluralize, warn_of_unsupported
from ..splits import refuse_splits
from ..system import is_system_path

TEXT_COLUMNS = (
    *("text", "texts", "review", "sentence", "message", "tweet", "comment", "content", "body"),
    *("document", "article", "description", "question", "snippet", "title"),
)
TEXT_LABEL_COLUMNS = (*LABEL_COLUMNS, "labels", "sentiment", "polarity", "topic", "rating")

UNSUPPORTED_SUFFIXES = frozenset(
    {".pdf", ".doc", ".docx", ".rtf", ".odt", ".html", ".htm", ".md", ".epub", ".eml"}
)
"""Suffixes of other files with texts, which are to be converted first."""


class Row(NamedTuple):
    """A text, its class, and its file or line."""

    place: str
    text: str
    label: str


def read_folder(root: Path, encoding: str | None = None) -> tuple[list[Row], list[tuple[str, str]]]:
    """Read the texts beneath ``root``, class by class, sorted by path.

    Returns the texts, and the empty files with the reason why they are skipped. Hidden files and
    folders, and files of other types, are ignored.

    Raises:
        FileError: if a file cannot be read.
        DataError: if there are no sub-folders with texts, or the splits of a dataset instead.
    """
    folders = natural_sort(
        p.name for p in root.iterdir() if p.is_dir() and not is_system_path(PurePath(p.name))
    )
    refuse_splits(root, folders, "text")
    suffixes = Counter(path.suffix.lower() for name in folders for path in _files(root / name))
    warn_of_unsupported(root, suffixes, UNSUPPORTED_SUFFIXES, ".txt")
    files = [(name, path) for name in folders for path in text_files(root / name)]
    if not files:
        outside = pluralize(len(list(root.glob("*.txt"))), "text file")
        raise DataError(
            f"{root} has {pluralize(len(folders), 'sub-folder')} and no .txt files in them "
            f"({outside} outside). Put the texts of each class into a folder of their own, or pass "
            "a CSV file with the columns text and label."
        )
    rows = [Row(str(path), read_text(path, encoding), name) for name, path in files]
    broken = [(row.place, "the text is empty") for row in rows if not row.text.strip()]
    return [row for row in rows if row.text.strip()], broken


def _files(folder: Path) -> list[Path]:
    paths = (p for p in folder.rglob("*") if not is_system_path(p.relative_to(folder)))
    return sorted(path for path in paths if path.is_file())


def text_files(folder: Path) -> list[Path]:
    """The .txt files beneath a folder, sorted, without hidden files and those of the system."""
    return [path for path in _files(folder) if path.suffix.lower() == ".txt"]


def read_table(
    path: Path, text: str | None = None, label: str | None = None, encoding: str | None = None
) -> tuple[list[Row], list[tuple[str, str]]]:
    """Read the texts and labels of a CSV file; also returns the broken rows with the reason.

    The first line names the columns. See `lampas.parsing.csv.read_csv`.

    Args:
        path: the file.
        text: name of the column with the texts; None for one of ``TEXT_COLUMNS``.
        label: name of the column with the classes; None for one of ``TEXT_LABEL_COLUMNS``.
        encoding: encoding of the file; None for UTF-8, or cp1252 if that fails.

    Raises:
        FileError: if the file cannot be read.
        DataError: if it is empty, not a table, or does not have these columns.
    """
    table = read_csv(path, encoding, any_width=True)
    text_column, label_column = _find_columns(path, table.names, text, label)
    rows: list[Row] = []
    broken: list[tuple[str, str]] = []
    for line, fields in zip(table.lines, table.rows, strict=True):
        place = f"line {line}"
        if problem := width_problem(fields, table.names):
            broken.append((place, problem))
        elif not fields[text_column].strip() or not fields[label_column].strip():
            empty = "label" if fields[text_column].strip() else "text"
            broken.append((place, f"the {empty} is empty"))
        else:
            rows.append(Row(place, fields[text_column], fields[label_column].strip()))
    if not rows and not broken:
        raise DataError(f"{path} has a header and no rows.")
    return rows, broken


def _find_columns(
    path: Path, columns: Sequence[str], text: str | None, label: str | None
) -> tuple[int, int]:
    """Positions of the text and label columns; of two columns, one determines the other."""
    text_column = _find_column(path, columns, text, TEXT_COLUMNS)
    label_column = _find_column(path, columns, label, TEXT_LABEL_COLUMNS)
    if len(columns) == 2:
        if text_column is None and label_column is not None:
            text_column = 1 - label_column
        elif label_column is None and text_column is not None:
            label_column = 1 - text_column
    if text_column is None or label_column is None:
        role = "text" if text_column is None else "label"
        raise DataError(
            f"{path} has no column with a common name for the {role}: its first line names "
            f"{format_list(map(repr, columns), 10)}. Pass its name: {role}_column=..."
        )
    return text_column, label_column


def _find_column(
    path: Path, columns: Sequence[str], name: str | None, synonyms: Sequence[str]
) -> int | None:
    if name is not None:
        if name not in columns:
            raise DataError(
                f"{path} has no column {name!r}: its first line names "
                f"{format_list(map(repr, columns), 10)}."
            )
        return columns.index(name)
    return find_synonym(columns, synonyms)
