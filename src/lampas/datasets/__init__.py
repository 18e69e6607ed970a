"""Named data sets: fetched once, verified, cached."""

from ..download.errors import DatasetError
from .dataset import Dataset
from .images import digits, fashion_mnist, mnist, mnist_5k
from .load import load, names
from .photographs import stamps
from .series import TimeSeries, chirp, sunspots, temperature
from .sounds import samples
from .synthetic import drawn_cells, drawn_flowers
from .tables import penguins
from .texts import news, reviews, tweets

__all__ = [
    "Dataset",
    "DatasetError",
    "TimeSeries",
    "chirp",
    "digits",
    "drawn_cells",
    "drawn_flowers",
    "fashion_mnist",
    "load",
    "mnist",
    "mnist_5k",
    "names",
    "news",
    "penguins",
    "reviews",
    "samples",
    "stamps",
    "sunspots",
    "temperature",
    "tweets",
]
