"""CIFAR-10, as published: its binary or its Python files in a folder of one's own.

The 102 flowers of Oxford, as published: a folder of JPEGs and MATLAB files with the labels.
"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, Unpack

import numpy as np

from ..core.errors import DataError, FileError, unknown_name
from ..data.images.dataset import Images as ImageCollection
from ..data.images.load import Options, load_listing
from ..data.labels import Listing, few
from .dataset import Dataset, Images, Labels

_CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
_TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
_TEST = "test_batch"
_PIXELS = 3 * 32 * 32
_SOURCE = (
    "CIFAR-10 by A. Krizhevsky, V. Nair and G. Hinton (A. Krizhevsky, Learning Multiple Layers of "
    "Features from Tiny Images, 2009)."
)


def cifar10(folder: str | os.PathLike[str]) -> Dataset:
    """CIFAR-10 from the published files, unpacked: colour pictures of 32x32 in ten classes.

    Images uint8 ``(50000, 32, 32, 3)`` to train and ``(10000, 32, 32, 3)`` to test.

    Args:
        folder: the one that has ``data_batch_1.bin`` to ``data_batch_5.bin`` and
            ``test_batch.bin``, or the same without ``.bin`` (the Python version); or the one above.

    Raises:
        FileError: when a file is missing or can not be read.
        DataError: when a file is not what it should be. A Python file is opened without running
            anything that may be in it.
    """
    place, suffix = _place(Path(folder).expanduser())
    parts = [_read(place / (name + suffix)) for name in (*_TRAIN, _TEST)]
    train = np.concatenate([x for x, _ in parts[:-1]]), np.concatenate([y for _, y in parts[:-1]])
    return Dataset("cifar10", train, parts[-1], _CLASSES, _SOURCE)


def _place(folder: Path) -> tuple[Path, str]:
    """The folder that has the files, and what their names end in."""
    candidates = folder, folder / "cifar-10-batches-bin", folder / "cifar-10-batches-py"
    for place in candidates:
        for suffix in (".bin", ""):
            missing = [n + suffix for n in (*_TRAIN, _TEST) if not (place / (n + suffix)).is_file()]
            if not missing:
                return place, suffix
            if len(missing) <= len(_TRAIN):
                raise FileError(f"{place} lacks {', '.join(missing)} of CIFAR-10. Unpack it again.")
    raise FileError(
        f"{folder} has no CIFAR-10: neither data_batch_1.bin ... test_batch.bin nor data_batch_1 "
        "... test_batch. Unpack cifar-10-binary.tar.gz or cifar-10-python.tar.gz and give its "
        "folder."
    )


def _read(path: Path) -> tuple[Images, Labels]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"can not read {path}: {error.strerror}.") from error
    pixels, labels = _binary(path, content) if path.suffix == ".bin" else _python(path, content)
    if labels.size and not 0 <= labels.min() <= labels.max() <= 9:
        raise DataError(f"{path} has labels from {labels.min()} to {labels.max()}, not 0 to 9.")
    # A row has the red plane first, then the green and the blue one.
    images = np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return images, labels.astype(np.int32)


def _binary(path: Path, content: bytes) -> tuple[Images, np.ndarray]:
    """Records of one byte for the label and 3,072 for the pixels."""
    if not content or len(content) % (1 + _PIXELS):
        raise DataError(
            f"{path} has {len(content):,} bytes, which is no whole number of CIFAR-10's records of "
            f"{1 + _PIXELS:,}. Unpack it again."
        )
    records = np.frombuffer(content, np.uint8).reshape(-1, 1 + _PIXELS)
    return records[:, 1:], records[:, 0]


def _python(path: Path, content: bytes) -> tuple[Images, np.ndarray]:
    """A pickled dict with ``data``, ``(n, 3072)``, and ``labels``, ``n``."""
    try:
        found: Any = _Harmless(io.BytesIO(content), encoding="bytes").load()
    except Exception as error:  # A damaged pickle raises nearly anything.
        raise DataError(f"{path} is no Python file of CIFAR-10: {error}") from error
    fields = {_text(key): value for key, value in found.items()} if isinstance(found, dict) else {}
    pixels, labels = fields.get("data"), fields.get("labels")
    if (
        not isinstance(pixels, np.ndarray)
        or pixels.dtype != np.uint8
        or not isinstance(labels, list)
    ):
        raise DataError(
            f"{path} is no Python file of CIFAR-10: it lacks data, an array of bytes, or labels, a "
            "list."
        )
    numbers = np.array(labels)
    if pixels.shape != (len(numbers), _PIXELS) or numbers.dtype.kind not in "iu":
        raise DataError(
            f"{path} has data of shape {pixels.shape} and {len(numbers)} labels; CIFAR-10 has "
            f"{_PIXELS:,} values and a whole number each."
        )
    return pixels, numbers


def _text(key: object) -> str:
    return key.decode("latin1") if isinstance(key, bytes) else str(key)


def _latin1(text: str, encoding: str) -> bytes:
    """Stands in for the codecs, of which Python uses this one to pickle bytes."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it asks for the codec {encoding!r}")
    return text.encode(encoding)


# What an array says makes it: NumPy's own function, wherever this release keeps it.
_RECONSTRUCT: Any = np.empty(0, np.uint8).__reduce__()[0]
_ALLOWED: Final[Mapping[tuple[str, str], Any]] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): _latin1,
}


class _Harmless(pickle.Unpickler):
    """Makes arrays and plain Python values, and refuses everything else a pickle can ask for."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no array needs")
        return _ALLOWED[module, name]


Part = Literal["all", "train", "validation", "test"]
_PARTS = {"train": "trnid", "validation": "valid", "test": "tstid"}


def oxford_flowers(
    folder: str | os.PathLike[str], part: Part = "all", **options: Unpack[Options]
) -> ImageCollection:
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
