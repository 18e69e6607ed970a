"""Read the Oxford Flowers 102 data set from the published files."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Literal, Unpack

import numpy as np

from ..core.errors import DataError, FileError, unknown_name
from ..data.images.dataset import Images
from ..data.images.load import ImageOptions, load_indexed_images
from ..data.labels import FileIndex, format_list

Split = Literal["all", "train", "validation", "test"]
_SPLITS = {"train": "trnid", "validation": "valid", "test": "tstid"}
"""Names of the variables in ``setid.mat``."""


def oxford_flowers(
    folder: str | os.PathLike[str], split: Split = "all", **options: Unpack[ImageOptions]
) -> Images:
    """Oxford Flowers 102 from the published files: 8,189 images in 102 classes.

    M.-E. Nilsback and A. Zisserman, Automated Flower Classification over a Large Number of Classes,
    2008. The classes are named by the authors' numbers, ``"1"`` to ``"102"``; label 0 is class 1.

    Args:
        folder: contains ``jpg/image_00001.jpg`` and so on and ``imagelabels.mat``; for a split also
            ``setid.mat``.
        split: the authors' ``"train"`` (1,020 images), ``"validation"`` (1,020) or ``"test"``
            (6,149) split, or ``"all"`` images.
        **options: options of `lampas.data.images`: size, color, on_error, resize, memory, workers,
            verbose.

    Raises:
        FileError: a file is missing or cannot be read.
        DataError: the labels do not belong to the images, and whatever `lampas.data.images` raises.
        UnknownNameError: there is no such split.
    """
    root = Path(folder).expanduser()
    if split != "all" and split not in _SPLITS:
        raise unknown_name("split", split, ["all", *_SPLITS])
    labels = _read_integers(root / "imagelabels.mat", "labels")
    if labels.min() < 1:
        raise DataError(f"{root / 'imagelabels.mat'} has the label {labels.min()}, below 1.")
    numbers = np.arange(1, len(labels) + 1)
    if split != "all":
        numbers = np.sort(_read_integers(root / "setid.mat", _SPLITS[split]))
        if not 1 <= numbers[0] <= numbers[-1] <= len(labels):
            raise DataError(
                f"setid.mat names the images {numbers[0]} to {numbers[-1]}, but imagelabels.mat "
                f"has labels for {len(labels):,}."
            )
    names = tuple(f"jpg/image_{number:05d}.jpg" for number in numbers)
    if missing := [name for name in names if not (root / name).is_file()]:
        raise FileError(
            f"{root} lacks {len(missing):,} of {len(names):,} images: {format_list(missing, 3)}. "
            "Unpack the archive again."
        )
    classes = tuple(str(number) for number in range(1, labels.max() + 1))
    index = FileIndex(root, names, (labels[numbers - 1] - 1).astype(np.int32), classes)
    return load_indexed_images(index, **options)


def _read_integers(path: Path, name: str) -> np.ndarray:
    """Read the integer variable ``name`` from a MATLAB file."""
    from scipy.io import loadmat

    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}.") from error
    try:
        variables = loadmat(io.BytesIO(content))
    except Exception as error:  # A damaged file can raise nearly any exception.
        raise DataError(f"{path} is not a readable MATLAB file: {error}") from error
    values = variables.get(name)
    if values is None or values.dtype.kind not in "iu" or not values.size:
        raise DataError(f"{path} has no integers called {name!r}.")
    return values.astype(np.int64).ravel()
