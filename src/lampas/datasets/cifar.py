"""Read CIFAR-10 from the published files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ..core.errors import DataError, FileError
from ..parsing.safe_pickle import read_pickle
from .dataset import Dataset, ImageArray, LabelArray

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
    """CIFAR-10 from the published files: color images of 32x32 pixels in ten classes.

    ``train`` has images uint8 ``(50000, 32, 32, 3)`` and ``test`` ``(10000, 32, 32, 3)``.

    Args:
        folder: the unpacked folder, or its parent. It has ``data_batch_1.bin`` to
            ``data_batch_5.bin`` and ``test_batch.bin``, or the same names without ``.bin`` (the
            Python version).

    Raises:
        FileError: a file is missing or cannot be read.
        DataError: a file is damaged. Code in a file of the Python version is never run.
    """
    folder, suffix = _find_files(Path(folder).expanduser())
    batches = [_read(folder / (name + suffix)) for name in (*_TRAIN, _TEST)]
    images = np.concatenate([images for images, _ in batches[:-1]])
    labels = np.concatenate([labels for _, labels in batches[:-1]])
    return Dataset("cifar10", (images, labels), batches[-1], _CLASSES, _SOURCE)


def _find_files(folder: Path) -> tuple[Path, str]:
    """Return the folder of the files and the suffix of their names."""
    candidates = folder, folder / "cifar-10-batches-bin", folder / "cifar-10-batches-py"
    for candidate in candidates:
        for suffix in (".bin", ""):
            names = [name + suffix for name in (*_TRAIN, _TEST)]
            missing = [name for name in names if not (candidate / name).is_file()]
            if not missing:
                return candidate, suffix
            if len(missing) <= len(_TRAIN):
                raise FileError(
                    f"{candidate} lacks {', '.join(missing)} of CIFAR-10. Unpack the archive again."
                )
    raise FileError(
        f"{folder} does not contain CIFAR-10: neither data_batch_1.bin ... test_batch.bin nor "
        "data_batch_1 ... test_batch. Unpack cifar-10-binary.tar.gz or cifar-10-python.tar.gz and "
        "pass its folder."
    )


def _read(path: Path) -> tuple[ImageArray, LabelArray]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}.") from error
    read = _read_binary if path.suffix == ".bin" else _read_python
    pixels, labels = read(path, content)
    if labels.size and not 0 <= labels.min() <= labels.max() <= 9:
        raise DataError(f"{path} has labels from {labels.min()} to {labels.max()}, not 0 to 9.")
    # A row has the red channel first, then the green and the blue one.
    images = np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return images, labels.astype(np.int32)


def _read_binary(path: Path, content: bytes) -> tuple[ImageArray, np.ndarray]:
    """Read records of one byte for the label and 3,072 bytes for the pixels."""
    if not content or len(content) % (1 + _PIXELS):
        raise DataError(
            f"{path} has {len(content):,} bytes, which is not a multiple of the size of CIFAR-10's "
            f"records of {1 + _PIXELS:,}. Unpack the archive again."
        )
    records = np.frombuffer(content, np.uint8).reshape(-1, 1 + _PIXELS)
    return records[:, 1:], records[:, 0]


def _read_python(path: Path, content: bytes) -> tuple[ImageArray, np.ndarray]:
    """Read a pickled dict with ``data``, ``(n, 3072)``, and ``labels``, a list of length ``n``."""
    try:
        value = read_pickle(content, "it", encoding="bytes")
    except FileError as error:
        raise DataError(f"{path} is not a Python file of CIFAR-10: {error}") from error
    fields = {_text(key): item for key, item in value.items()} if isinstance(value, dict) else {}
    pixels, label_list = fields.get("data"), fields.get("labels")
    if (
        not isinstance(pixels, np.ndarray)
        or pixels.dtype != np.uint8
        or not isinstance(label_list, list)
    ):
        raise DataError(
            f"{path} is not a Python file of CIFAR-10: it lacks data, an array of bytes, or "
            "labels, a list."
        )
    labels = np.array(label_list)
    if pixels.shape != (len(labels), _PIXELS) or labels.dtype.kind not in "iu":
        raise DataError(
            f"{path} has data of shape {pixels.shape} and {len(labels)} labels; CIFAR-10 has "
            f"{_PIXELS:,} values and an integer label per image."
        )
    return pixels, labels


def _text(key: object) -> str:
    return key.decode("latin1") if isinstance(key, bytes) else str(key)
