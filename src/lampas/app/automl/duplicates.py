"""Files that are there more than once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

import numpy as np

from ...data.labels import count, few
from .files import Integers, Labelled
from .task import Reason

_PIECE = 1 << 20


def copies(files: Sequence[Path]) -> Integers:
    """A number for each file, ``(n,)``, the same for files with the same content."""
    numbers = np.arange(len(files))
    for members in _places(path.stat().st_size for path in files).values():
        if len(members) > 1:
            for same in _places(_digest(files[i]) for i in members).values():
                numbers[[members[i] for i in same]] = members[same[0]]
    return numbers


def tell_copies(found: Labelled, groups: Integers) -> tuple[list[Reason], list[str]]:
    """What is to be said of copies: that they stay together, and those under two labels."""
    repeated = np.flatnonzero(np.bincount(groups) > 1)
    members = [np.flatnonzero(groups == number).tolist() for number in repeated]
    if not members:
        return [], []
    number = sum(map(len, members)) - len(members)
    reason = Reason(
        f"{number:,} of {count(len(found.files), found.what)} repeat another",
        "copies lie in one part, so that nothing learnt by heart counts as known",
    )
    twice = [group for group in members if len(np.unique(found.labels[group])) > 1]
    warnings = [
        f"The same {found.what} is there under two labels: "
        f"{few(found.files[i] for i in group)}. No network can get both right."
        for group in twice[:3]
    ]
    return [reason], warnings


def _digest(path: Path) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.digest()


def _places(keys: Iterable[Hashable]) -> dict[Hashable, list[int]]:
    """Where each key is."""
    places = defaultdict(list)
    for number, key in enumerate(keys):
        places[key].append(number)
    return places
