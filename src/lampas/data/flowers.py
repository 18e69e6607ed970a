"""The 102 flowers of Oxford, as published: a folder of JPEGs and MATLAB files with the labels."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Literal, Unpack

import numpy as np

from ..core.errors import DataError, FileError, unknown_name
from .collection import Images
from .listing import Listing, few
from .load import Options, load_listing

Part = Literal["all", "train", "validation", "test"]
_PARTS = {"train": "trnid", "validation": "valid", "test": "tstid"}


def oxford_flowers(
    folder: str | os.PathLike[str], part: Part = "all", **options: Unpack[Options]
) -> Images:
    """Oxford Flowers 102 from the published files: 8,189 pictures.

    M.-E. Nilsback and A. Zisserman, Automated Flower Classification over a Large Number of Classes,
    2008. The classes are called by the authors' numbers, ``"1"`` to ``"102"``; label 0 is class 1.

    Args:
        folder: has ``jpg/image_00001.jpg`` and so on, and ``imagelabels.mat``; for a part also
            ``setid.mat``.
        part: the authors' 1,020 pictures to train, 1,020 to validate or 6,149 to test; or all.
        **options: as of `images`: size, color, on_error, resize, memory, workers, verbose.

    Raises:
        FileError: when a file is missing or can not be read.
        DataError: when the labels are not those of the pictures, and what `images` raises.
        ArgumentError: for another part.
    """
    root = Path(folder).expanduser()
    if part != "all" and part not in _PARTS:
        raise unknown_name("part", part, ["all", *_PARTS])
    labels = _numbers(root / "imagelabels.mat", "labels")
    if labels.min() < 1:
        raise DataError(f"{root / 'imagelabels.mat'} has the label {labels.min()}, below 1.")
    chosen = np.arange(1, len(labels) + 1)
    if part != "all":
        chosen = np.sort(_numbers(root / "setid.mat", _PARTS[part]))
        if not 1 <= chosen[0] <= chosen[-1] <= len(labels):
            raise DataError(
                f"setid.mat names the pictures {chosen[0]} to {chosen[-1]}, but imagelabels.mat "
                f"has labels for {len(labels):,}."
            )
    names = tuple(f"jpg/image_{number:05d}.jpg" for number in chosen)
    if lost := [name for name in names if not (root / name).is_file()]:
        raise FileError(
            f"{root} lacks {len(lost):,} of {len(names):,} pictures: {few(lost, 3)}. Unpack it "
            "again."
        )
    classes = tuple(str(number) for number in range(1, labels.max() + 1))
    listing = Listing(root, names, (labels[chosen - 1] - 1).astype(np.int32), classes)
    return load_listing(listing, **options)


def _numbers(path: Path, name: str) -> np.ndarray:
    """The whole numbers called ``name`` in a MATLAB file."""
    from scipy.io import loadmat

    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"can not read {path}: {error.strerror}.") from error
    try:
        found = loadmat(io.BytesIO(content))
    except Exception as error:  # A damaged file makes the reader raise nearly anything.
        raise DataError(f"{path} is no MATLAB file that can be read: {error}") from error
    numbers = found.get(name)
    if numbers is None or numbers.dtype.kind not in "iu" or not numbers.size:
        raise DataError(f"{path} has no whole numbers called {name!r}.")
    return numbers.astype(np.int64).ravel()
