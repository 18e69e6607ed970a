"""Labelled image and audio files: their profile, baselines, and files to predict."""

from __future__ import annotations

import os
import warnings
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ...core.errors import DataError
from ...data.dataset import LabelledDataset
from ...data.file_reader import FileReader
from ...data.labels import FileIndex, class_counts, format_list, format_share, pluralize
from ...data.splits import Integers, are_split_names, stratified_group_split
from ...data.system import cpu_count, is_system_path
from ...evaluation.baselines import Features, logistic_regression, trivial_baseline
from ...evaluation.types import Baseline, Splits
from .duplicates import duplicate_groups
from .settings import TEST, VALIDATION, SettingsT
from .task import DataKind, DataProfile, Decision, InputFile, PredictionBatch, TrainOptions

BATCH_SIZE = 64
"""Number of files that are read and predicted at a time."""
DOMINANT_CLASS = 0.7
"""Minimum share of a class for which the accuracy is misleading."""
OPTIONS = ("target", "group", "time", "text", "columns", "size", "seconds", "length", "horizon")
"""Options that do not apply to labelled files, except for one."""


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
        unreadable = [(f, reason) for f, reason in results if isinstance(reason, str)]
        for file, reason in unreadable:
            if file.is_explicit:
                raise DataError(f"{file.name} cannot be read: {reason}.")
        if unreadable:
            names = format_list((f"{file.name} ({reason})" for file, reason in unreadable), 3)
            warnings.warn(
                f"{pluralize(len(unreadable), reader.noun)} cannot be read and will be skipped: "
                f"{names}.",
                stacklevel=3,
            )
        if readable := [(f.name, array) for f, array in results if not isinstance(array, str)]:
            names, arrays = zip(*readable, strict=True)
            yield PredictionBatch(list(names), np.stack(arrays))


def _expand(files: Iterable[InputFile], suffixes: Collection[str], noun: str) -> Iterator[_File]:
    for name, content in files:
        if isinstance(content, bytes) or not content.is_dir():
            yield _File(name, content, True)
            continue
        paths = list(_walk(content, suffixes))
        if not paths:
            raise DataError(
                f"{name} has no {noun}s, that is, files that end in {', '.join(sorted(suffixes))}."
            )
        yield from (_File(str(path), path, False) for path in paths)


def _walk(root: Path, suffixes: Collection[str]) -> Iterator[Path]:
    """Files with such a suffix in a folder and its sub-folders, sorted, without hidden ones."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not is_system_path(Path(name)))
        for path in map(Path, sorted(names)):
            if path.suffix.lower() in suffixes and not is_system_path(path):
                yield Path(folder, path)


@dataclass(frozen=True)
class LabelledFiles:
    """Readable files with their labels and headers.

    Args:
        noun: what a file contains: ``"image"``.
        root: folder or CSV file that lists them.
        files: paths of the files.
        labels: label of each file, ``(n,)``.
        classes: names by label.
        headers: header of each file.
        unreadable: other files, with the reason.
        warnings: warnings about the folder or CSV file.
    """

    noun: str
    root: Path
    files: Sequence[Path]
    labels: Integers
    classes: Sequence[str]
    headers: Sequence[Any]
    unreadable: Sequence[tuple[Path, str]]
    warnings: Sequence[str]

    @property
    def counts(self) -> dict[str, int]:
        """Number of files of each class."""
        return class_counts(self.labels, self.classes)

    def describe(self) -> str:
        """The number of files, in total and by class."""
        classes = format_list((f"{name} {number:,}" for name, number in self.counts.items()), 12)
        return f"{pluralize(len(self.files), self.noun)}: {classes}"


class LabelledFilesKind(DataKind[SettingsT]):
    """Data with one example per file, classified by its folder."""

    noun: ClassVar[str]
    """What a file contains: ``"image"``."""
    size_option: ClassVar[str]
    """The option that sets the size of an example."""
    features_name: ClassVar[str]
    """Name of the features of the baseline."""

    @abstractmethod
    def features(self, split: Any) -> Features:
        """Features of the examples for logistic regression."""

    @abstractmethod
    def scan(self, path: Path) -> LabelledFiles:
        """Read the headers of the files in class folders.

        Raises:
            DataError, FileError: when there are no files with classes.
        """

    @abstractmethod
    def decide(
        self, labelled: LabelledFiles, options: TrainOptions, model: str
    ) -> tuple[SettingsT, list[Decision]]:
        """The settings of a run and the decisions on them."""

    def profile_data(self, options: TrainOptions) -> DataProfile[SettingsT]:
        reason = ", whose class is the name of their folder"
        excluded = [name for name in OPTIONS if name != self.size_option]
        model = options.check(f"{self.noun}s", excluded, self.networks, reason=reason)
        refuse_presplit_folder(options.path)
        labelled = self.scan(options.path)
        groups = duplicate_groups(labelled.files)
        class_warnings = check_classes(labelled, groups, options.seed)
        copies, conflicts = describe_duplicates(labelled, groups)
        settings, decisions = self.decide(labelled, options, model)
        unreadable = unreadable_warnings(self.noun, labelled.unreadable, len(labelled.files))
        return DataProfile(
            "classify",
            "class",
            tuple(labelled.classes),
            (*decisions, *copies),
            (*labelled.warnings, *unreadable, *conflicts, *class_warnings),
            settings,
        )

    def scan_files(
        self,
        root: Path,
        index: FileIndex,
        read_header: Callable[[Path], Any],
        warnings: Sequence[str] = (),
    ) -> LabelledFiles:
        """Read the headers of files.

        Args:
            root: folder or CSV file that lists them.
            index: the files with their labels.
            read_header: returns the header of a file, or the reason why it cannot be read.
            warnings: warnings about the folder or CSV file.

        Raises:
            DataError: when no file can be read.
        """
        files = index.files
        with ThreadPoolExecutor(cpu_count(), "lampas-scan") as pool:
            headers = list(pool.map(read_header, files))
        broken = [pair for pair in zip(files, headers, strict=True) if isinstance(pair[1], str)]
        unreadable = [*index.missing, *broken]
        readable = [i for i, header in enumerate(headers) if not isinstance(header, str)]
        if not readable:
            file, reason = unreadable[0]
            raise DataError(
                f"none of the {len(headers):,} {self.noun}s in {root} can be read: {file}: "
                f"{reason}."
            )
        labels, headers = index.labels[readable], [headers[i] for i in readable]
        files = tuple(files[i] for i in readable)
        return LabelledFiles(
            self.noun, root, files, labels, index.classes, headers, unreadable, warnings
        )

    def describe_epochs(self, epochs: int, limit: int) -> Decision:
        """The decision on the number of epochs, which is smaller for much data."""
        if epochs == limit:
            return Decision(f"{epochs} epochs at most", "training stops early")
        return Decision(
            f"{epochs} epochs at most",
            "for about two minutes of training on two processors; more epochs may give a better "
            f"model: --epochs {limit}, with --minutes to limit the time",
        )

    def describe_regularization(self, settings: SettingsT, num_files: int) -> Decision:
        """The decision on dropout and L2 penalty."""
        return Decision(
            f"dropout {settings.dropout}, l2 {settings.l2}",
            f"for {num_files:,} {self.noun}s; smaller data sets need more regularization",
        )

    def baselines(self, splits: Splits, profile: DataProfile[SettingsT]) -> list[Baseline]:
        num_classes, seed = len(profile.classes), profile.settings.seed
        train, validation, test = map(self.features, splits)
        name = f"logistic regression on {self.features_name}"
        return [
            trivial_baseline(splits, num_classes),
            logistic_regression(name, train, validation, test.x, num_classes, seed),
        ]

    def small_class_advice(self, train: Any, enough: int, advice: str) -> list[str]:
        """Advice where the smallest class has fewer training examples than are enough."""
        name, number = min(train.counts.items(), key=lambda item: item[1])
        if number >= enough:
            return []
        examples = pluralize(number, f"training {self.noun}")
        return [f"“{name}” has only {examples}; {advice} help most."]


def refuse_presplit_folder(root: Path) -> None:
    """Raise DataError for a folder whose sub-folders are splits of a data set, not classes."""
    if not root.is_dir():
        return
    names = (path.name for path in root.iterdir() if path.is_dir())
    folders = sorted(name for name in names if not is_system_path(Path(name)))
    if are_split_names(folders):
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
    return list(_class_warnings(labelled, test))


def _class_warnings(labelled: LabelledFiles, test: Integers) -> Iterator[str]:
    test_counts = np.bincount(labelled.labels[test], minlength=len(labelled.classes))
    untested = [
        f"{name!r} ({number})"
        for (name, number), in_test in zip(labelled.counts.items(), test_counts, strict=True)
        if not in_test
    ]
    if untested:
        yield (
            f"{pluralize(len(untested), 'class has', 'classes have')} too few {labelled.noun}s for "
            f"the test data, so the evaluation does not cover them: {format_list(untested)}. Give "
            "at least 4 of each."
        )
    name, number = max(labelled.counts.items(), key=lambda item: item[1])
    total = len(labelled.files)
    if number / total >= DOMINANT_CLASS:
        yield (
            f"{format_share(number, total)} of the {labelled.noun}s are {name!r}: always "
            "predicting this class would be as accurate. See the balanced accuracy and the "
            "confusion matrix, not the accuracy alone."
        )


def describe_duplicates(
    labelled: LabelledFiles, groups: Integers
) -> tuple[list[Decision], list[str]]:
    """The decision to keep copies in one split, and warnings of copies with two labels."""
    repeated = np.flatnonzero(np.bincount(groups) > 1)
    members = [np.flatnonzero(groups == number).tolist() for number in repeated]
    if not members:
        return [], []
    number = sum(map(len, members)) - len(members)
    decision = Decision(
        f"{number:,} of {pluralize(len(labelled.files), labelled.noun)} are copies",
        "copies stay in one split, so that the test data is new to the network",
    )
    conflicts = [group for group in members if len(np.unique(labelled.labels[group])) > 1]
    warnings = [
        f"The same {labelled.noun} has two labels: "
        f"{format_list(labelled.files[i] for i in group)}. No network can get both right."
        for group in conflicts[:3]
    ]
    return [decision], warnings


def warn_of_skipped(dataset: LabelledDataset) -> None:
    """Warn of the examples that cannot be read, which a data set skipped."""
    for warning in unreadable_warnings(dataset.noun, dataset.skipped, len(dataset)):
        warnings.warn(warning, stacklevel=3)


def unreadable_warnings(
    noun: str, unreadable: Sequence[tuple[Path | str, str]], num_readable: int
) -> list[str]:
    """A warning about files that cannot be read; none where all can.

    Args:
        noun: what a file contains.
        unreadable: the files, each with the reason.
        num_readable: number of other files.
    """
    if not unreadable:
        return []
    names = format_list((f"{path} ({reason})" for path, reason in unreadable), 3)
    total = pluralize(num_readable + len(unreadable), noun)
    return [f"{len(unreadable):,} of {total} cannot be read and will be skipped: {names}."]
