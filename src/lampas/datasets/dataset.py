"""What every function of this package returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Labelled images in two parts: one to train on, one kept back to test with.

    Args:
        name: what ``lampas.datasets.load`` knows the set by.
        train: images, uint8 ``(n, height, width, 1)`` with 0 for empty and 255 for full ink; and
            labels, int32 ``(n,)``, which count from 0.
        test: the same for the part that is kept back.
        classes: the name of each label.
        source: where the data comes from, and its licence where that is known.
    """

    name: str
    train: tuple[Images, Labels]
    test: tuple[Images, Labels]
    classes: tuple[str, ...]
    source: str

    def __repr__(self) -> str:
        images, _ = self.train
        return (
            f"Dataset({self.name}: {len(images):,} train + {len(self.test[0]):,} test, "
            f"{images.dtype} {images.shape[1:]}, {len(self.classes)} classes)"
        )
