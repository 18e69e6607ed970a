"""Labelled pictures, and a fair split of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..labels import chosen, class_counts
from ..lazy_rows import Rows, selected
from ..messages import describe
from ..splits import grouped_split

Pixels = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, repr=False)
class Images:
    """Labelled pictures of one size, ready for ``model.fit(images.x, images.y)``.

    ``len(images)`` is their number, ``images[3]`` a picture and its label, and ``images[10:20]`` or
    ``images[indices]`` are Images again. ``print(images)`` shows what was found.

    Args:
        x: the pixels, uint8 ``(n, height, width, channels)`` with 0 for black and 255 for white: an
            array, a memory map that is read only, or `Rows` of one.
        y: the labels, int32 ``(n,)``, which count from 0.
        classes: the name of each label.
        files: where each picture comes from, ``n``.
        groups: pictures with the same number here have the same pixels, ``(n,)``.
        skipped: broken files, each with the reason.
        left_out: number of files that are no pictures, by kind.
    """

    x: Pixels | Rows
    y: Labels
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    groups: npt.NDArray[np.integer]
    skipped: tuple[tuple[Path, str], ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.x.shape[1], self.x.shape[2]

    @property
    def counts(self) -> dict[str, int]:
        """Number of pictures of each class."""
        return class_counts(self.y, self.classes)

    @property
    def duplicates(self) -> list[tuple[Path, ...]]:
        """The files of each picture that is there more than once, in their order."""
        return [tuple(self.files[i] for i in group) for group in self._repeated()]

    @property
    def conflicts(self) -> list[tuple[Path, ...]]:
        """Those duplicates that do not all have the same label."""
        groups = [group for group in self._repeated() if len(np.unique(self.y[group])) > 1]
        return [tuple(self.files[i] for i in group) for group in groups]

    def split(
        self, validation: float = 0.2, test: float = 0.0, seed: int = 0
    ) -> tuple[Images, ...]:
        """Part the pictures: ``(train, validation)``, or ``(train, validation, test)``.

        A part has its share of every class, and pictures with the same pixels lie in the same part,
        so that nothing learnt by heart counts as known. A part whose share is 0 is not there. Each
        is in random order; one seed always gives the same split. Pictures on the disk stay there.

        Raises:
            ArgumentError: when the shares are no shares or leave nothing to train on.
            DataError: when a part would be empty.
        """
        shares = [share for share in (validation, test) if share != 0]
        parts = grouped_split(self.y, self.groups, shares, seed)
        return tuple(replace(self[part], skipped=(), left_out={}) for part in parts)

    def summary(self) -> str:
        """What was found, a line for each class and for whatever is worth a look."""
        place = "read from the disk" if isinstance(self.x, Rows | np.memmap) else "in memory"
        return describe(
            f"{self._shape()}, {math.prod(self.x.shape) / 1e6:,.1f} MB {place}",
            self.counts,
            self.duplicates,
            self.conflicts,
            self.skipped,
            self.left_out,
        )

    def _shape(self) -> str:
        height, width = self.size
        colour = "in colour" if self.x.shape[3] == 3 else "in grey"
        return f"{len(self):,} pictures of {height}x{width} pixels {colour}"

    def _repeated(self) -> list[npt.NDArray[np.intp]]:
        order = np.argsort(self.groups, kind="stable")
        bounds = np.flatnonzero(np.diff(self.groups[order])) + 1
        groups = [group for group in np.split(order, bounds) if len(group) > 1]
        return sorted(groups, key=lambda group: int(group[0]))

    def __len__(self) -> int:
        return len(self.y)

    @overload
    def __getitem__(self, key: int) -> tuple[Pixels, int]: ...
    @overload
    def __getitem__(self, key: slice | npt.ArrayLike) -> Images: ...
    def __getitem__(self, key: Any) -> tuple[Pixels, int] | Images:
        if np.ndim(key) == 0 and not isinstance(key, slice):
            return np.array(self.x[key]), int(self.y[key])
        rows = chosen(key, len(self))
        return replace(
            self,
            x=selected(self.x, rows),
            y=self.y[rows],
            files=tuple(self.files[i] for i in rows),
            groups=self.groups[rows],
        )

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"Images({self._shape()}, {len(self.classes)} classes)"
