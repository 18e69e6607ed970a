"""Groups of files with identical content."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

import numpy as np

from ...data.labels import format_list, pluralize
from .files import Integers, LabelledFiles
from .task import Decision

_CHUNK = 1 << 20


def duplicate_groups(files: Sequence[Path]) -> Integers:
    """A group number for each file, ``(n,)``, equal for files with the same content."""
    groups = np.arange(len(files))
    for same_size in _indices_by_key(path.stat().st_size for path in files).values():
        if len(same_size) > 1:
            for copies in _indices_by_key(_digest(files[i]) for i in same_size).values():
                groups[[same_size[i] for i in copies]] = same_size[copies[0]]
    return groups


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


def _digest(path: Path) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()


def _indices_by_key(keys: Iterable[Hashable]) -> dict[Hashable, list[int]]:
    indices = defaultdict(list)
    for index, key in enumerate(keys):
        indices[key].append(index)
    return indices
