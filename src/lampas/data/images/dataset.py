"""The dataset class of labelled images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from ..dataset import FileDataset
from ..lazy_rows import LazyRows, select_rows
from .decode import Pixels


@dataclass(frozen=True, eq=False, repr=False)
class Images(FileDataset):
    """Labelled images of one size, ready for ``model.fit(images.x, images.y)``.

    ``len(images)`` is the number of images, ``images[3]`` an image and its label, and
    ``images[10:20]`` or ``images[indices]`` are Images again. ``print(images)`` shows a summary.

    Args:
        x: pixels, uint8 ``(n, height, width, channels)`` from 0 (black) to 255 (white): an array, a
            read-only memory map, or `LazyRows` of one.
        y: labels, int32 ``(n,)``, counted from 0.
        classes: name of each label.
        files: file of each image, ``n``.
        groups: equal numbers for images with the same pixels, ``(n,)``.
        skipped: broken files that were skipped, each with the reason.
        left_out: number of files that are not images, by kind.

    Example:
        >>> import numpy as np
        >>> from pathlib import Path
        >>> from lampas.data import Images
        >>> files = tuple(Path(f"{i}.png") for i in range(4))
        >>> x = np.zeros((4, 8, 8, 3), np.uint8)
        >>> images = Images(x, np.array([0, 0, 1, 1], np.int32), ("a", "b"), files, np.arange(4))
        >>> images.counts, len(images[1:3])
        ({'a': 2, 'b': 2}, 2)
    """

    noun: ClassVar[str] = "image"
    per_example: ClassVar[tuple[str, ...]] = ("y", "files", "groups")

    x: Pixels | LazyRows
    y: npt.NDArray[np.int32]
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    groups: npt.NDArray[np.integer]
    skipped: tuple[tuple[Path, str], ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.x.shape[1], self.x.shape[2]

    def summary(self) -> str:
        """Describe the data: size, class balance, duplicates, conflicting labels, ignored files."""
        if not self.left_out:
            return super().summary()
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in self.left_out.items())
        return f"{super().summary()}\nignored: {kinds}"

    def _headline(self) -> str:
        place = "read from disk" if isinstance(self.x, LazyRows | np.memmap) else "in memory"
        return f"{self._shape()}, {math.prod(self.x.shape) / 1e6:,.1f} MB {place}"

    def _shape(self) -> str:
        height, width = self.size
        color = "RGB" if self.x.shape[3] == 3 else "grey"
        return f"{len(self):,} {color} images of {height}x{width} pixels"

    def _example(self, index: int) -> Pixels:
        return np.array(self.x[index])

    def _select(self, indices: npt.NDArray[np.intp]) -> Self:
        return replace(super()._select(indices), x=select_rows(self.x, indices))

    def _without_skipped(self) -> Self:
        return replace(self, skipped=(), left_out={})

    def __repr__(self) -> str:
        return f"Images({self._shape()}, {len(self.classes)} classes)"
