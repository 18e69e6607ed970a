"""The labelled images that functions of this package return, and the files of its data sets."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from ..download.files import DataFile, read_manifest

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


def published_files(name: str) -> tuple[DataFile, ...]:
    """The published files of a data set, from ``files.txt``."""
    return read_manifest(files(__package__).joinpath("files.txt"), f"{name}/")
