"""Named data sets: fetched once, verified, cached."""

from lampas.datasets.catalogue import load, names
from lampas.datasets.dataset import Dataset
from lampas.datasets.errors import DatasetError
from lampas.datasets.images import digits, fashion_mnist, mnist, mnist_5k

__all__ = [
    "Dataset",
    "DatasetError",
    "digits",
    "fashion_mnist",
    "load",
    "mnist",
    "mnist_5k",
    "names",
]
