"""Which pictures there are and of which class each is.

What pictures, sounds and texts with labels share: to choose some, and to count each class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError


@dataclass(frozen=True, eq=False)
class Listing:
    """The pictures that were found, not yet decoded.

    Args:
        root: the folder that ``names`` are relative to.
        names: of the files, with forward slashes.
        labels: class of each, int32 ``(n,)``.
        classes: their names, by label.
        left_out: number of files that are no pictures, by kind: ``hidden``, ``.txt``.
        missing: files that are listed but not there, with the reason.
    """

    root: Path
    names: tuple[str, ...]
    labels: npt.NDArray[np.int32]
    classes: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[tuple[Path, str], ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(self.root / name for name in self.names)


def numbered(
    found: Sequence[str], classes: Sequence[str] | None, place: object
) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """The label of each class name in ``found``, and the names in the order of the labels.

    The order is that of ``classes`` where given, else by name; names that are all whole numbers are
    ordered as numbers.

    Raises:
        DataError: when there is one class only, or one that ``classes`` does not have.
    """
    known = in_order(set(found)) if classes is None else tuple(map(str, classes))
    if twice := [name for name, count in Counter(known).items() if count > 1]:
        raise DataError(f"classes names {twice[0]!r} more than once; name each class once.")
    if len(known) < 2:
        raise DataError(
            f"{place} has pictures of one class only, {known[0]!r} ({len(found):,}); a classifier "
            "needs at least two."
            if known
            else "classes is empty; leave it out to take those found."
        )
    label = {name: number for number, name in enumerate(known)}
    if strange := in_order(set(found) - set(label)):
        raise DataError(
            f"{place} has the class {strange[0]!r}, which is not among classes "
            f"({few(known)}). Name all classes, or move it away."
        )
    return np.array([label[name] for name in found], np.int32), known


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Names sorted; as numbers, when all are whole numbers."""
    names = list(names)
    if all(name.isascii() and name.isdigit() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def few(items: Iterable[object], most: int = 5) -> str:
    """``a, b, c and 12 more``."""
    shown = [str(item) for item in items]
    rest = f" and {len(shown) - most:,} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + rest


def count(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``1,200 files``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def chosen(key: slice | npt.ArrayLike, count: int) -> npt.NDArray[Any]:
    """The numbers of the examples that a slice, a list, a mask or an array names, of ``count``."""
    if not isinstance(key, slice):
        indices = np.asarray(key)
        # An empty list has no type that could index.
        key = indices if indices.size else indices.astype(np.intp)
    return np.arange(count)[key]


def class_counts(y: npt.NDArray[Any], classes: Sequence[str]) -> dict[str, int]:
    """Number of examples of each class."""
    counts = np.bincount(y, minlength=len(classes))
    return dict(zip(classes, counts.tolist(), strict=True))
