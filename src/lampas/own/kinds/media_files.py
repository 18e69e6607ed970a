"""Files to predict, pictures or sounds: found in folders, read a few at a time."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...core.errors import DataError
from ...data.file_reader import FileReader
from ...data.listing import count, few
from ..kind import Asked, Source

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
