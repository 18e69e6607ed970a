"""Texts in a folder: each sub-folder is a class, each .txt file a text."""

from __future__ import annotations

from pathlib import Path

from ..core.errors import DataError
from .encoding import read_text
from .listing import count, few, in_order
from .text_table import Row

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
