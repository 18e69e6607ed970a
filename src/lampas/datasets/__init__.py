"""Named data sets: fetched once, verified, cached."""

from .catalogue import load, names
from .dataset import Dataset
from .errors import DatasetError
from .images import digits, fashion_mnist, mnist, mnist_5k

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
