"""Labelled image and audio files: options, classes, and files to predict."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, unknown_name
from ...data.file_reader import FileReader
from ...data.labels import class_counts, format_list, pluralize
from ...data.splits import stratified_group_split
from .settings import TEST, VALIDATION
from .task import InputFile, PredictionBatch, TrainOptions

BATCH_SIZE = 64
"""Number of files that are read and predicted at a time."""
DOMINANT_CLASS = 0.7
"""Minimum share of a class for which the accuracy is misleading."""
SPLIT_NAMES = {"train", "training", "val", "valid", "validation", "dev", "test", "testing"}

Integers = npt.NDArray[np.integer]


class _File(NamedTuple):
    name: str
    content: Path | bytes
    is_explicit: bool
    """Whether the user named it, rather than a folder that contains it."""


def read_files(
    files: Iterable[InputFile], suffixes: Collection[str], reader: FileReader
) -> Iterator[PredictionBatch]:
    """Read files, and those in folders and their sub-folders, a batch at a time.

    Files in folders that cannot be read are skipped with a warning.

    Args:
        files: files or folders.
        suffixes: suffixes of the files in a folder that are read.
        reader: reader of the files.

    Raises:
        DataError: for another file that cannot be read, and for a folder without such files.
    """
    pending = _expand(files, suffixes, reader.noun)
    while batch := list(islice(pending, BATCH_SIZE)):
        results = list(zip(batch, reader.read_many([f.content for f in batch]), strict=True))
        _warn_of_unreadable(
            [(f, reason) for f, reason in results if isinstance(reason, str)], reader
        )
        readable = [(f.name, array) for f, array in results if not isinstance(array, str)]
        if readable:
            yield PredictionBatch(
                [name for name, _ in readable], np.stack([array for _, array in readable])
            )


def _warn_of_unreadable(unreadable: Sequence[tuple[_File, str]], reader: FileReader) -> None:
    for file, reason in unreadable:
        if file.is_explicit:
            raise DataError(f"{file.name} cannot be read: {reason}.")
    if unreadable:
        names = format_list((f"{file.name} ({reason})" for file, reason in unreadable), 3)
        warnings.warn(
            f"{pluralize(len(unreadable), reader.noun)} cannot be read and will be skipped: "
            f"{names}.",
            stacklevel=4,
        )


def _expand(files: Iterable[InputFile], suffixes: Collection[str], noun: str) -> Iterator[_File]:
    for name, content in files:
        if isinstance(content, bytes) or not content.is_dir():
            yield _File(name, content, True)
            continue
        paths = _walk(content, suffixes)
        first = next(paths, None)
        if first is None:
            raise DataError(
                f"{name} has no {noun}s, that is, files that end in {', '.join(sorted(suffixes))}."
            )
        yield _File(str(first), first, False)
        yield from (_File(str(path), path, False) for path in paths)


def _walk(root: Path, suffixes: Collection[str]) -> Iterator[Path]:
    """Files with such a suffix in a folder and its sub-folders, sorted, without hidden ones."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix.lower() in suffixes and not name.startswith("."):
                yield path


@dataclass(frozen=True)
class LabelledFiles:
    """Readable files with their labels.

    Args:
        noun: what a file contains: ``"image"``.
        root: folder or CSV file that lists them.
        files: paths of the files.
        labels: label of each file, ``(n,)``.
        classes: names by label.
    """

    noun: str
    root: Path
    files: Sequence[Path]
    labels: Integers
    classes: Sequence[str]

    @property
    def counts(self) -> dict[str, int]:
        """Number of files of each class."""
        return class_counts(self.labels, self.classes)

    def describe(self) -> str:
        """The number of files, in total and by class."""
        classes = format_list((f"{name} {number:,}" for name, number in self.counts.items()), 12)
        return f"{pluralize(len(self.files), self.noun)}: {classes}"


def check_options(
    options: TrainOptions, noun: str, networks: Sequence[str], size_option: str
) -> str:
    """Check the options for labelled files, and return the name of the network.

    Args:
        options: options to check.
        noun: what a file contains.
        networks: names to choose from, the default first.
        size_option: the option that sets the size of an example.

    Raises:
        ArgumentError: for an option that does not apply to such data.
        UnknownNameError: for another network.
    """
    names = ("target", "group", "time", "text", "columns", "size", "seconds", "length", "horizon")
    for name in names:
        if name != size_option and (value := getattr(options, name)):
            raise ArgumentError(
                f"{name}={value!r} does not apply to {noun}s, whose class is the folder that they "
                "lie in. Leave it out."
            )
    if options.task not in (None, "classify"):
        raise ArgumentError(f"{noun}s can only be classified, got task={options.task!r}.")
    model = options.model or networks[0]
    if model not in networks:
        raise unknown_name("network", model, networks)
    return model


def refuse_presplit_folder(root: Path) -> None:
    """Raise DataError for a folder whose sub-folders are splits of a data set, not classes."""
    if not root.is_dir():
        return
    folders = sorted(f.name for f in root.iterdir() if f.is_dir() and f.name[0] != ".")
    if folders and all(name.lower() in SPLIT_NAMES for name in folders):
        first = next((name for name in folders if name.lower().startswith("train")), folders[0])
        raise DataError(
            f"{root} has the splits of a data set ({format_list(folders)}), not a folder for each "
            f"class. Train on one, {root / first}, and evaluate on another with lampas evaluate."
        )


def check_classes(labelled: LabelledFiles, groups: Integers, seed: int) -> list[str]:
    """Warnings about very small and very large classes.

    Args:
        labelled: the files.
        groups: number of the group of identical files that each belongs to, ``(n,)``.
        seed: seed of the split.

    Raises:
        DataError: when the files cannot be split into training, validation and test files.
    """
    present = [name for name, number in labelled.counts.items() if number]
    if len(present) < 2:
        raise DataError(
            f"{labelled.root} has {labelled.describe()}. A classifier needs two or more classes "
            f"with {labelled.noun}s that can be read."
        )
    try:
        *_, test = stratified_group_split(labelled.labels, groups, (VALIDATION, TEST), seed)
    except DataError as error:
        raise DataError(
            f"{labelled.root} has {labelled.describe()}. These are too few for training, "
            "validation and test data: give at least 4 of each class; 50 or more are better."
        ) from error
    return [*_untested_classes(labelled, test), *_dominant_class(labelled)]


def _untested_classes(labelled: LabelledFiles, test: Integers) -> list[str]:
    test_counts = np.bincount(labelled.labels[test], minlength=len(labelled.classes))
    untested = [
        f"{name!r} ({number})"
        for (name, number), in_test in zip(labelled.counts.items(), test_counts, strict=True)
        if not in_test
    ]
    if not untested:
        return []
    return [
        f"{pluralize(len(untested), 'class has', 'classes have')} too few {labelled.noun}s for the "
        f"test data, so the evaluation does not cover them: {format_list(untested)}. Give at least "
        "4 of each."
    ]


def _dominant_class(labelled: LabelledFiles) -> list[str]:
    name, number = max(labelled.counts.items(), key=lambda item: item[1])
    share = number / len(labelled.files)
    if share < DOMINANT_CLASS:
        return []
    return [
        f"{share:.0%} of the {labelled.noun}s are {name!r}: always predicting this class would be "
        "as accurate. See the balanced accuracy and the confusion matrix, not the accuracy alone."
    ]


def unreadable_warnings(
    noun: str, unreadable: Sequence[tuple[Path | str, str]], total: int
) -> list[str]:
    """A warning about files that cannot be read; none where all can.

    Args:
        noun: what a file contains.
        unreadable: the files, each with the reason.
        total: number of all files.
    """
    if not unreadable:
        return []
    names = format_list((f"{path} ({reason})" for path, reason in unreadable), 3)
    return [
        f"{len(unreadable):,} of {pluralize(total, noun)} cannot be read and will be skipped: "
        f"{names}."
    ]
