"""The labelled images that the functions of this package return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ImageArray = npt.NDArray[np.uint8]
LabelArray = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Labelled images in two splits, for training and for testing.

    Args:
        name: name of the data set, as ``lampas.datasets.load`` takes it.
        train: images, uint8 ``(n, height, width, channels)``, and labels, int32 ``(n,)``, which
            count from 0. In grey images 0 is the background and 255 full ink.
        test: the same for the test split.
        classes: name of each label.
        source: origin of the data, and its licence if known.
    """

    name: str
    train: tuple[ImageArray, LabelArray]
    test: tuple[ImageArray, LabelArray]
    classes: tuple[str, ...]
    source: str

    def __repr__(self) -> str:
        images, _ = self.train
        return (
            f"Dataset({self.name}: {len(images):,} train + {len(self.test[0]):,} test, "
            f"{images.dtype} {images.shape[1:]}, {len(self.classes)} classes)"
        )
