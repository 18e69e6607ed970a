"""Data sets by name: downloaded on first use, verified and cached."""

from ..download.errors import DatasetError
from .audio import samples
from .cifar import cifar10
from .dataset import Dataset
from .flowers102 import oxford_flowers
from .image_folders import stamps
from .images import digits, fashion_mnist, mnist, mnist_5k
from .load import load, names
from .series import TimeSeries, chirp, sunspots, temperature
from .synthetic import synthetic_cells, synthetic_flowers
from .tables import penguins
from .text import news, reviews, tweets

__all__ = [
    "Dataset",
    "DatasetError",
    "TimeSeries",
    "chirp",
    "cifar10",
    "digits",
    "fashion_mnist",
    "load",
    "mnist",
    "mnist_5k",
    "names",
    "news",
    "oxford_flowers",
    "penguins",
    "reviews",
    "samples",
    "stamps",
    "sunspots",
    "synthetic_cells",
    "synthetic_flowers",
    "temperature",
    "tweets",
]
