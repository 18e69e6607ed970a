"""Load a data set by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..core.errors import unknown_name
from .dataset import Dataset
from .images import digits, fashion_mnist, mnist, mnist_5k

_LOADERS: Final[dict[str, Callable[[], Dataset]]] = {
    loader.__name__: loader for loader in (digits, mnist_5k, mnist, fashion_mnist)
}


def names() -> tuple[str, ...]:
    """The names that `load` accepts, smallest download first."""
    return tuple(_LOADERS)


def load(name: str) -> Dataset:
    """Load a data set, downloading it on first use.

    Args:
        name: ``"digits"``, ``"mnist_5k"``, ``"mnist"`` or ``"fashion_mnist"``.

    Raises:
        UnknownNameError: there is no data set of that name; the message suggests the nearest name.
        DatasetError: the data is not in the cache and cannot be fetched.

    Example:
        >>> import lampas as lp
        >>> lp.datasets.load("digits").train[0].shape
        (1438, 8, 8, 1)
    """
    if name not in _LOADERS:
        raise unknown_name("data set", name, _LOADERS)
    return _LOADERS[name]()
