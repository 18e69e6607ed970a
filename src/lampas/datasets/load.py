"""Data sets by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..core.errors import unknown_name
from .dataset import Dataset
from .images import digits, fashion_mnist, mnist, mnist_5k

_LOADERS: Final[dict[str, Callable[[], Dataset]]] = {
    "digits": digits,
    "mnist_5k": mnist_5k,
    "mnist": mnist,
    "fashion_mnist": fashion_mnist,
}


def names() -> tuple[str, ...]:
    """The names that `load` knows, the smallest download first."""
    return tuple(_LOADERS)


def load(name: str) -> Dataset:
    """The data set ``name``, fetched and cached where it has to be.

    Raises UnknownNameError, which offers the nearest name and lists all, and DatasetError when the
    data can not be had.
    """
    if name not in _LOADERS:
        raise unknown_name("data set", name, _LOADERS)
    return _LOADERS[name]()
