"""Find labelled images: in a folder with a sub-folder for each class, or listed in a CSV file."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from pathlib import Path, PurePath, PurePosixPath

from ...core.errors import DataError
from ...parsing.csv import read_csv
from ..labels import (
    FileIndex,
    encode_labels,
    find_synonym,
    format_list,
    natural_sort,
    pluralize,
    warn_of_unsupported,
)
from ..splits import refuse_splits
from ..system import is_system_path
from .decode import SUFFIXES, UNSUPPORTED_SUFFIXES

Labels = Mapping[str, object] | Callable[[PurePosixPath], object]
"""Class of a file by its path within the folder or by its name; or a function of that path."""

FILE_COLUMNS = (
    *("file", "filename", "file_name", "path", "filepath", "file_path"),
    *("image", "image_path", "picture", "img"),
)
LABEL_COLUMNS = ("label", "class", "class_name", "category", "target", "y", "species")


def list_folder(
    root: Path, labels: Labels | None = None, classes: Sequence[str] | None = None
) -> FileIndex:
    """Index all images beneath ``root``, at any depth, sorted by path.

    An image's class is the sub-folder of ``root`` that it lies in, or the one in ``labels``. Hidden
    files, those of the system and files of other types are ignored and counted. Links are followed.

    Raises:
        DataError: if there are no sub-folders, no images, fewer than two classes, or the splits of
            a dataset (train, test) instead of classes.
    """
    left_out: Counter[str] = Counter()
    names = list(_image_names(root, PurePosixPath(), frozenset(), left_out))
    if labels is None:
        entries = [entry for entry in _entries(root) if not is_system_path(PurePath(entry.name))]
        folders = natural_sort(entry.name for entry in entries if entry.is_dir())
        if classes is None:
            refuse_splits(root, folders, "images", "train.size, classes=train.classes")
        _refuse_flat(root, folders, names)
        inside = [name for name in names if "/" in name]
        left_out["outside the sub-folders"] = len(names) - len(inside)
        names, class_names = inside, [name.split("/")[0] for name in inside]
        _warn_of_empty(root, set(folders) - set(class_names) if class_names else set())
    else:
        class_names = [str(label) for label in _look_up(names, labels)]
    warn_of_unsupported(root, left_out, UNSUPPORTED_SUFFIXES, ".jpg or .png")
    if not names:
        raise DataError(f"{root} has no images{_other_files(left_out)}.")
    y, classes = encode_labels(class_names, classes, root)
    return FileIndex(root, tuple(names), y, classes, dict(+left_out))


def _image_names(
    root: Path, folder: PurePosixPath, parents: frozenset[str], left_out: Counter[str]
) -> Iterator[str]:
    """Paths of the images beneath a folder, with forward slashes.

    ``parents`` are the folders that contain it: links to them are not followed.
    """
    real_path = os.path.realpath(root / folder)
    for entry in _entries(root / folder):
        suffix = PurePosixPath(entry.name).suffix.lower()
        if is_system_path(PurePath(entry.name)):
            left_out["hidden"] += 1
        elif entry.is_dir():
            if os.path.realpath(entry.path) not in parents | {real_path}:
                yield from _image_names(root, folder / entry.name, parents | {real_path}, left_out)
        elif suffix in SUFFIXES and (entry.is_file() or entry.is_symlink()):
            yield str(folder / entry.name)
        else:
            left_out[suffix or "without a suffix"] += 1


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"the folder {folder} cannot be read: {error.strerror}.") from error


def _look_up(names: Sequence[str], labels: Labels) -> list[object]:
    """The label of each file."""
    paths = [PurePosixPath(name) for name in names]
    if not isinstance(labels, Mapping):
        return [labels(path) for path in paths]
    if unlabelled := [str(p) for p in paths if str(p) not in labels and p.name not in labels]:
        raise DataError(
            f"labels has no entry for {len(unlabelled):,} of {pluralize(len(paths), 'image')}: "
            f"{format_list(unlabelled)}. The keys are paths within the folder, with forward "
            "slashes, or file names."
        )
    return [labels[str(path)] if str(path) in labels else labels[path.name] for path in paths]


def _refuse_flat(root: Path, folders: Sequence[str], names: Sequence[str]) -> None:
    if not folders:
        content = "no images"
        if names:
            content = f"only {pluralize(len(names), 'image')} ({format_list(names, 3)})"
        raise DataError(
            f"{root} has no sub-folders, {content}. Put the images of each class into a folder of "
            "their own; or pass labels=, a dict from file name to class or a function of the path; "
            "or pass the path of a CSV file with the columns file and label."
        )


def _warn_of_empty(root: Path, empty: set[str]) -> None:
    if empty:
        warnings.warn(
            f"{root} has {pluralize(len(empty), 'folder')} without images, which "
            f"{'does' if len(empty) == 1 else 'do'} not count as "
            f"{'a class' if len(empty) == 1 else 'classes'}: {format_list(natural_sort(empty))}.",
            stacklevel=4,
        )


def _other_files(left_out: Mapping[str, int]) -> str:
    """Number of other files, by kind."""
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in left_out.items() if number)
    suffixes = ", ".join(sorted(SUFFIXES))
    return f", only {kinds}. Names of images end in {suffixes}" if kinds else " and no other files"


def list_table(path: Path, classes: Sequence[str] | None = None) -> FileIndex:
    """Index the images and labels in a CSV file, in its order.

    The first line names the columns: ``file`` and ``label``, or synonyms, in any letter case.
    Paths are relative to the CSV file's folder. See `lampas.parsing.csv.read_csv`.

    Raises:
        FileError: if the file cannot be read.
        DataError: if a column or a field is missing, or there are fewer than two classes.
    """
    rows = list(_rows(path))
    exists = [(path.parent / name).is_file() for _, name, _ in rows]
    existing = [(name, label) for _, name, label in compress(rows, exists)]
    missing = tuple(
        (path.parent / name, f"there is no such file (line {line} of {path.name})")
        for (line, name, _), is_file in zip(rows, exists, strict=True)
        if not is_file
    )
    if not rows:
        raise DataError(f"{path} lists no images: it has a header and no rows.")
    if not existing:
        raise DataError(
            f"none of the {len(rows):,} files in {path} exists: "
            f"{format_list((name for _, name, _ in rows), 3)}. Paths are relative to {path.parent}."
        )
    y, classes = encode_labels([label for _, label in existing], classes, path)
    names = tuple(name for name, _ in existing)
    return FileIndex(path.parent, names, y, classes, {}, missing)


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, file and label of each row."""
    table = read_csv(path)
    file = _column(path, table.names, "file", FILE_COLUMNS)
    label = _column(path, table.names, "label", LABEL_COLUMNS)
    for line, row in zip(table.lines, table.rows, strict=True):
        name, class_name = row[file].strip(), row[label].strip()
        if not name or not class_name:
            raise DataError(f"{path}, line {line}: the {'label' if name else 'file'} is empty.")
        yield line, name, class_name


def _column(path: Path, columns: Sequence[str], role: str, synonyms: Sequence[str]) -> int:
    if (position := find_synonym(columns, synonyms)) is not None:
        return position
    raise DataError(
        f"{path} has no column for the {role}: its first line names "
        f"{format_list(map(repr, columns), 10)}. Rename one of them to {role!r}, or one of its "
        f"synonyms: {', '.join(synonyms)}."
    )
