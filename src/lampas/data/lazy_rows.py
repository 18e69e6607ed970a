"""Some rows of an array on the disk, read only when they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import ArgumentError

Indices = npt.NDArray[np.intp]


class Rows:
    """The rows ``indices`` of ``array``, in that order; nothing is read until it is indexed.

    It acts like an array along its first axis: ``rows[3]``, ``rows[10:20]`` and ``rows[[5, 2]]``
    are arrays in memory. They are read in the order in which they lie in the file, each once where
    the indices name each once, whatever order was asked for. ``Model.fit`` streams it.

    Args:
        array: most often a memory map, ``(n, ...)``.
        indices: which of its rows, ``(m,)``, each in ``-n .. n - 1``.

    Shape: ``(m, ...)``.
    Raises ArgumentError when an index is out of range or is not a whole number.
    """

    def __init__(self, array: npt.NDArray[Any], indices: npt.ArrayLike) -> None:
        self.array = array
        self.indices = _checked(indices, len(array))

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.indices), *self.array.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    @property
    def ndim(self) -> int:
        return self.array.ndim

    @property
    def nbytes(self) -> int:
        """Bytes that all rows would take in memory."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.indices)

    def __repr__(self) -> str:
        return f"Rows({len(self):,} of {len(self.array):,}, {self.dtype} {self.shape[1:]})"

    def __getitem__(self, key: Any) -> npt.NDArray[Any]:
        chosen = self._chosen(key)
        return gathered(self.array, chosen) if chosen.ndim else np.array(self.array[chosen])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        if copy is False:
            raise ValueError("rows of an array on the disk can not be had without copying them")
        return self[:].astype(dtype or self.dtype, copy=False)

    def select(self, key: Any) -> Rows:
        """The rows that ``self[key]`` would read, unread."""
        return Rows(self.array, np.atleast_1d(self._chosen(key)))

    def _chosen(self, key: Any) -> Indices:
        if isinstance(key, tuple) or key is None or key is Ellipsis:
            raise ArgumentError(
                f"rows on the disk are indexed along the first axis alone, got [{key!r}]. Read "
                "them first: rows[indices][:, ...]."
            )
        empty = isinstance(key, list) and not key
        return np.asarray(self.indices[np.zeros(0, np.intp) if empty else key])


def _checked(indices: npt.ArrayLike, count: int) -> Indices:
    given = np.asarray(indices)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise ArgumentError(
            f"indices must be a list of whole numbers, got {given.dtype} of shape {given.shape}."
        )
    if given.size and not -count <= given.min() <= given.max() < count:
        wrong = given[(given < -count) | (given >= count)][0]
        raise ArgumentError(f"index {wrong} is out of range for {count} rows.")
    return np.where(given < 0, given + count, given).astype(np.intp)


def gathered(array: npt.NDArray[Any], indices: Indices) -> npt.NDArray[Any]:
    """``array[indices]`` as an array in memory, read in the order of the file."""
    rows = np.empty((len(indices), *array.shape[1:]), array.dtype)
    # Row by row: a sorted copy to be put into order again would move every byte twice.
    plain = np.asarray(array)
    for place in np.argsort(indices, kind="stable"):
        rows[place] = plain[indices[place]]
    return rows


def selected(array: npt.NDArray[Any] | Rows, key: Any) -> npt.NDArray[Any] | Rows:
    """The rows ``key``: a copy of those in memory, and those on the disk left there."""
    if isinstance(array, Rows):
        return array.select(key)
    if isinstance(array, np.memmap):
        return Rows(array, np.arange(len(array))).select(key)
    return array[key]
