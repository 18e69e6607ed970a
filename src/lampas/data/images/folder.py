"""Pictures in a folder: each sub-folder is a class.

Pictures named in a CSV file, each with its label.
"""

from __future__ import annotations

import csv
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ...core.errors import DataError, FileError
from ..labels import Listing, count, few, in_order, numbered
from .decode import SUFFIXES

Labels = Mapping[str, object] | Callable[[PurePosixPath], object]
"""The class of a file, by its path within the folder or by its name; or a function of that path."""

_PARTS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing"}
# What archives and file managers leave behind.
_DEBRIS = {"__MACOSX", "Thumbs.db", "desktop.ini"}


def list_folder(
    root: Path, labels: Labels | None = None, classes: Sequence[str] | None = None
) -> Listing:
    """All pictures beneath ``root``, however deep, in the order of their paths.

    A picture's class is the sub-folder of ``root`` that it lies in, or what ``labels`` says. Hidden
    files and those with no suffix of a picture are left out and counted. Links are followed.

    Raises:
        DataError: when there are no sub-folders, no pictures, fewer than two classes, or the parts
            of a data set (train, test) instead of classes; says what there is.
    """
    left_out: Counter[str] = Counter()
    names = list(_pictures(root, PurePosixPath(), frozenset(), left_out))
    if labels is None:
        folders = _class_folders(root)
        if classes is None:
            _refuse_parts(root, folders)
        _refuse_flat(root, folders, names)
        inside = [name for name in names if "/" in name]
        left_out["beside the folders"] = len(names) - len(inside)
        names, found = inside, [name.split("/")[0] for name in inside]
        _warn_of_empty(root, set(folders) - set(found) if found else set())
    else:
        found = [str(label) for label in _looked_up(names, labels)]
    if not names:
        raise DataError(f"{root} has no pictures{_instead(left_out)}.")
    numbers, known = numbered(found, classes, root)
    return Listing(root, tuple(names), numbers, known, dict(+left_out))


def _pictures(
    root: Path, inside: PurePosixPath, above: frozenset[str], left_out: Counter[str]
) -> Iterator[str]:
    """Paths of the pictures in a folder and beneath it, with forward slashes.

    ``above`` are the folders on the way here: a link back to one of them is not followed.
    """
    real = os.path.realpath(root / inside)
    for entry in _entries(root / inside):
        suffix = PurePosixPath(entry.name).suffix.lower()
        if _is_debris(entry.name):
            left_out["hidden"] += 1
        elif entry.is_dir():
            if os.path.realpath(entry.path) not in above | {real}:
                yield from _pictures(root, inside / entry.name, above | {real}, left_out)
        elif suffix in SUFFIXES and (entry.is_file() or entry.is_symlink()):
            yield str(inside / entry.name)
        else:
            left_out[suffix or "without a suffix"] += 1


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"the folder {folder} can not be read: {error.strerror}.") from error


def _is_debris(name: str) -> bool:
    return name.startswith(".") or name in _DEBRIS


def _class_folders(root: Path) -> tuple[str, ...]:
    return in_order(e.name for e in _entries(root) if e.is_dir() and not _is_debris(e.name))


def _looked_up(names: Sequence[str], labels: Labels) -> list[object]:
    """The label of each file."""
    paths = [PurePosixPath(name) for name in names]
    if not isinstance(labels, Mapping):
        return [labels(path) for path in paths]
    if lost := [str(path) for path in paths if str(path) not in labels and path.name not in labels]:
        raise DataError(
            f"labels has none for {count(len(lost), 'picture')} of {len(paths):,}: {few(lost)}. "
            "Name them by their path within the folder, with forward slashes, or by their name."
        )
    return [labels[str(path)] if str(path) in labels else labels[path.name] for path in paths]


def _refuse_parts(root: Path, folders: Sequence[str]) -> None:
    if folders and all(name.lower() in _PARTS for name in folders):
        first = next((name for name in folders if name.lower().startswith("train")), folders[0])
        others = [name for name in folders if name != first] or ["test"]
        raise DataError(
            f"{root} holds the parts of a data set ({few(folders)}), not classes. Read each part "
            f"by itself: train = images({str(root / first)!r}) and then "
            f"{others[0]} = images({str(root / others[0])!r}, train.size, classes=train.classes)."
        )


def _refuse_flat(root: Path, folders: Sequence[str], names: Sequence[str]) -> None:
    if not folders:
        what = f"only {count(len(names), 'picture')} ({few(names, 3)})" if names else "no pictures"
        raise DataError(
            f"{root} has no sub-folders, {what}. Put the pictures of each class into a folder of "
            "its own, or give labels=: a dict from file name to class, or a function of the path; "
            "or the path of a CSV file with the columns file and label."
        )


def _warn_of_empty(root: Path, empty: set[str]) -> None:
    if empty:
        warnings.warn(
            f"{root} has {count(len(empty), 'folder')} without pictures, which "
            f"{'is no class' if len(empty) == 1 else 'are no classes'}: {few(in_order(empty))}.",
            stacklevel=4,
        )


def _instead(left_out: Mapping[str, int]) -> str:
    """What there is in place of pictures."""
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in left_out.items() if number)
    known = ", ".join(sorted(SUFFIXES))
    return f", only {kinds}. Pictures end in {known}" if kinds else " and nothing else"


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
