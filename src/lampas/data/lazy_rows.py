"""Rows of an array on disk, read when they are indexed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import ArgumentError

Indices = npt.NDArray[np.intp]


class LazyRows:
    """The rows ``indices`` of ``array``, in that order, read when they are indexed.

    It acts like an array along its first axis: ``rows[3]``, ``rows[10:20]`` and ``rows[[5, 2]]``
    are arrays in memory. The rows are read in file order, whatever the order of the indices.
    ``Model.fit`` streams it.

    Args:
        array: usually a memory map, ``(n, ...)``.
        indices: indices of the rows, ``(m,)``, each in ``-n .. n - 1``.

    Shape:
        ``(m, ...)``.

    Raises:
        ArgumentError: if an index is out of range or not a whole number.

    Example:
        >>> import numpy as np
        >>> from lampas.data import LazyRows
        >>> rows = LazyRows(np.arange(12).reshape(6, 2), [4, 1])
        >>> rows.shape
        (2, 2)
        >>> rows[0]
        array([8, 9])
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
        return f"LazyRows({len(self):,} of {len(self.array):,}, {self.dtype} {self.shape[1:]})"

    def __getitem__(self, key: Any) -> npt.NDArray[Any]:
        indices = self._resolve(key)
        return read_rows(self.array, indices) if indices.ndim else np.array(self.array[indices])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        if copy is False:
            raise ValueError("rows of an array on disk cannot be converted without copying them")
        return self[:].astype(dtype or self.dtype, copy=False)

    def select(self, key: Any) -> LazyRows:
        """Return the rows that ``self[key]`` would read, without reading them."""
        return LazyRows(self.array, np.atleast_1d(self._resolve(key)))

    def _resolve(self, key: Any) -> Indices:
        if isinstance(key, tuple) or key is None or key is Ellipsis:
            raise ArgumentError(
                f"rows on disk are indexed along the first axis only, got [{key!r}]. Read them "
                "first: rows[indices][:, ...]."
            )
        empty = isinstance(key, list) and not key
        return np.asarray(self.indices[np.zeros(0, np.intp) if empty else key])


def _checked(indices: npt.ArrayLike, count: int) -> Indices:
    array = np.asarray(indices)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ArgumentError(
            f"indices must be a list of whole numbers, got {array.dtype} of shape {array.shape}."
        )
    if array.size and not -count <= array.min() <= array.max() < count:
        wrong = array[(array < -count) | (array >= count)][0]
        raise ArgumentError(f"index {wrong} is out of range for {count} rows.")
    return np.where(array < 0, array + count, array).astype(np.intp)


def read_rows(array: npt.NDArray[Any], indices: Indices) -> npt.NDArray[Any]:
    """Return ``array[indices]`` as an array in memory, read in file order."""
    rows = np.empty((len(indices), *array.shape[1:]), array.dtype)
    # Row by row: reordering a sorted copy would move every byte twice.
    source = np.asarray(array)
    for position in np.argsort(indices, kind="stable"):
        rows[position] = source[indices[position]]
    return rows


def select_rows(array: npt.NDArray[Any] | LazyRows, key: Any) -> npt.NDArray[Any] | LazyRows:
    """Return the rows ``key``: a copy if they are in memory, `LazyRows` if they are on disk."""
    if isinstance(array, np.memmap):
        array = LazyRows(array, np.arange(len(array)))
    return array.select(key) if isinstance(array, LazyRows) else array[key]
