"""Files to predict, pictures or sounds: found in folders, read a few at a time.

What pictures and sounds have in common when they are looked at: wishes, classes, a split.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, unknown_name
from ...data.file_reader import FileReader
from ...data.labels import class_counts, count, few
from ...data.splits import grouped_split
from .task import Asked, Source, Wishes

TOGETHER = 64
"""Files that are read and predicted at a time."""


class _File(NamedTuple):
    """A file, and whether it was asked for by name, not just found in a folder."""

    name: str
    content: Path | bytes
    named: bool


def read_files(
    sources: Iterable[Source], suffixes: Collection[str], reader: FileReader
) -> Iterator[Asked]:
    """The arrays of files; of a folder those with one of the suffixes, however deep.

    Broken ones in a folder are left out with a warning.

    Raises DataError for a broken file that was named, and for a folder without any.
    """
    files = _files(sources, suffixes, reader.what)
    while some := list(islice(files, TOGETHER)):
        found = list(zip(some, reader.outcomes([file.content for file in some]), strict=True))
        _tell_broken([(file, one) for file, one in found if isinstance(one, str)], reader.what)
        names = [file.name for file, one in found if not isinstance(one, str)]
        if names:
            yield Asked(names, np.stack([one for _, one in found if not isinstance(one, str)]))


def _tell_broken(broken: Sequence[tuple[_File, str]], what: str) -> None:
    for file, reason in broken:
        if file.named:
            raise DataError(f"{file.name} can not be read: {reason}.")
    if broken:
        named = few((f"{file.name} ({reason})" for file, reason in broken), 3)
        warnings.warn(
            f"{count(len(broken), what)} can not be read and left out: {named}.", stacklevel=4
        )


def _files(sources: Iterable[Source], suffixes: Collection[str], what: str) -> Iterator[_File]:
    for source in sources:
        if isinstance(source.content, bytes) or not source.content.is_dir():
            yield _File(source.name, source.content, True)
            continue
        inside = _walk(source.content, suffixes)
        first = next(inside, None)
        if first is None:
            raise DataError(
                f"{source.name} has no {what}s. They are files that end in "
                f"{', '.join(sorted(suffixes))}."
            )
        yield _File(str(first), first, False)
        yield from (_File(str(path), path, False) for path in inside)


def _walk(root: Path, suffixes: Collection[str]) -> Iterator[Path]:
    """Files with such a suffix in and beneath a folder, in order; hidden ones are left out."""
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix.lower() in suffixes and not name.startswith("."):
                yield path


VALIDATION, TEST = 0.15, 0.15
"""Shares that are not learnt from: to stop by, and to be judged by."""
LARGE = 0.7
"""Share of the commonest class from which on accuracy says little."""
_PARTS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing"}

Integers = npt.NDArray[np.integer]


class Labelled(NamedTuple):
    """Files that can be read, the label of each, and what there is.

    Args:
        what: they are: ``"picture"``.
        root: where they are.
        files: their paths.
        labels: of each, ``(n,)``.
        classes: names by label.
    """

    what: str
    root: Path
    files: Sequence[Path]
    labels: Integers
    classes: Sequence[str]

    @property
    def counts(self) -> dict[str, int]:
        """Number of files of each class."""
        return class_counts(self.labels, self.classes)

    def described(self) -> str:
        """How many of which class."""
        classes = few((f"{name} {number:,}" for name, number in self.counts.items()), 12)
        return f"{count(len(self.files), self.what)}: {classes}"


def check_wishes(wishes: Wishes, what: str, networks: Sequence[str], known: str) -> str:
    """The network that is wanted, or the usual one.

    Raises ArgumentError for an option, but ``known``, that says nothing of such data.
    """
    options = ("target", "group", "time", "text", "columns", "size", "seconds", "length", "horizon")
    given = [name for name in options if name != known and getattr(wishes, name)]
    if given:
        raise ArgumentError(
            f"{given[0]}={getattr(wishes, given[0])!r} says nothing of {what}s, whose class is "
            "learnt: the folder that each lies in. Leave it out."
        )
    if wishes.task not in (None, "classify"):
        raise ArgumentError(f"{what}s are told apart (classify); task={wishes.task!r} can not be.")
    model = wishes.model or networks[0]
    if model not in networks:
        raise unknown_name("network", model, networks)
    return model


def refuse_parts(root: Path) -> None:
    """Raise DataError for a folder whose sub-folders are parts of a data set, not classes."""
    if not root.is_dir():
        return
    folders = sorted(f.name for f in root.iterdir() if f.is_dir() and f.name[0] != ".")
    if folders and all(name.lower() in _PARTS for name in folders):
        first = next((name for name in folders if name.lower().startswith("train")), folders[0])
        raise DataError(
            f"{root} has the parts of a data set ({few(folders)}), not a folder for each class. "
            f"Learn from one, {root / first}, and ask about another with lampas evaluate."
        )


def check_classes(found: Labelled, groups: Integers, seed: int) -> list[str]:
    """Warnings about classes of which there are few or many.

    Raises DataError when nothing could be kept back.
    """
    present = [name for name, number in found.counts.items() if number]
    if len(present) < 2:
        raise DataError(
            f"{found.root} has {found.described()}. To tell classes apart takes two or more with "
            f"{found.what}s that can be read."
        )
    try:
        *_, test = grouped_split(found.labels, groups, (VALIDATION, TEST), seed)
    except DataError as error:
        raise DataError(
            f"{found.root} has {found.described()}. That is too few to keep some back to stop by "
            "and be judged by: give 4 or more of each class; with 50 it begins to be worth while."
        ) from error
    return [*_untested(found, test), *_unequal(found)]


def _untested(found: Labelled, test: Integers) -> list[str]:
    asked = np.bincount(found.labels[test], minlength=len(found.classes))
    lost = [
        f"{name!r} ({number})"
        for (name, number), tested in zip(found.counts.items(), asked, strict=True)
        if not tested
    ]
    if not lost:
        return []
    return [
        f"Of {count(len(lost), 'class', 'classes')} there are too few {found.what}s to keep one "
        f"back, so nothing will tell how well they are known: {few(lost)}. Give 4 or more of each."
    ]


def _unequal(found: Labelled) -> list[str]:
    name, most = max(found.counts.items(), key=lambda item: item[1])
    share = most / len(found.files)
    if share < LARGE:
        return []
    return [
        f"{share:.0%} of the {found.what}s are {name!r}: always saying so would be right as often. "
        "Look at how well each class is known, not at the accuracy."
    ]


def tell_broken(what: str, broken: Sequence[tuple[Path | str, str]], total: int) -> list[str]:
    """A warning about files that can not be read; none where all can."""
    if not broken:
        return []
    named = few((f"{path} ({reason})" for path, reason in broken), 3)
    return [f"{len(broken):,} of {count(total, what)} can not be read and are left out: {named}."]
