"""Data larger than the device: chunks of steps, read one ahead by a thread.

Memory maps stay on the disk, and so does anything that gives rows for an array of row numbers;
what is read are the rows of the next few steps, in the order in which data on the device would be
taken, so both ways give the same results.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from ..core.variable import Array
from .epoch import Pace, shuffled
from .step import Batch, Tree, size

CHUNK_BYTES = 2**25
"""Most bytes that are read for one call of the compiled program."""


class Rows(Protocol):
    """What can be streamed: an array on the disk, or anything that acts like one."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __getitem__(self, rows: Any) -> np.ndarray: ...


class Chunk(NamedTuple):
    """The examples of the steps ``first .. last - 1``, and their numbers in the data."""

    numbers: Array
    data: Batch


def rows_of(leaf: Any, rows: np.ndarray) -> Array:
    """Some rows, on the device; from a disk they are read once each and in its order."""
    if not is_streamed(leaf):
        return jnp.asarray(leaf[rows])
    each, places = np.unique(rows, return_inverse=True)
    return jnp.asarray(np.asarray(leaf[each])[places])


def is_streamed(tree: Tree) -> bool:
    """Whether a part of the data is read from the disk rather than kept on the device."""
    return any(isinstance(leaf, np.memmap) or is_lazy(leaf) for leaf in jax.tree.leaves(tree))


def is_lazy(leaf: Any) -> bool:
    """Whether ``leaf`` acts like an array but reads its rows only when they are asked for."""
    rows = all(hasattr(leaf, name) for name in ("shape", "dtype", "__getitem__", "__len__"))
    # Other libraries' arrays and tables are in memory and can be taken over as they are.
    return rows and not any(
        hasattr(leaf, name) for name in ("__array_namespace__", "iloc", "numpy")
    )


def part(array: Any, start: int, stop: int) -> Any:
    """The rows ``start .. stop - 1``, still unread if they are lazy."""
    return Part(array, start, stop) if is_lazy(array) else array[start:stop]


class Part:
    """Some consecutive rows of something lazy."""

    def __init__(self, array: Rows, start: int, stop: int) -> None:
        self.array, self.start, self.stop = array, start, stop
        self.shape = (stop - start, *array.shape[1:])
        self.dtype = array.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        return self.array[np.arange(self.start, self.stop)[rows]]


class Stream:
    """Reads a data set in the order of the steps.

    Args:
        data: host arrays or :class:`Rows`.
        pace: how an epoch is cut into full steps.
        key: of the fit, for the order of the examples; None to read them as they lie.
    """

    def __init__(self, data: Batch, pace: Pace, key: jax.Array | None = None) -> None:
        self.data, self.pace, self.key = data, pace, key
        row = sum(
            np.dtype(leaf.dtype).itemsize * int(np.prod(leaf.shape[1:]))
            for leaf in jax.tree.leaves(data)
        )
        most = max(1, min(pace.steps, CHUNK_BYTES // max(1, row * pace.batch)))
        self.length = math.ceil(pace.steps / math.ceil(pace.steps / most))
        self._epoch, self._order = -1, np.arange(size(data), dtype=np.int32)
        self._ahead: tuple[tuple[int, int], Future[Chunk]] | None = None
        self._reader = ThreadPoolExecutor(1, "lampas-reader")

    def get(self, pace: Pace, first: int, last: int) -> Chunk:
        """The examples of these steps; waits for them if they are still being read."""
        if self._ahead is not None and self._ahead[0] == (first, last):
            return self._ahead[1].result()
        return self._reader.submit(self._read, pace, first, last).result()

    def read_ahead(self, pace: Pace, first: int, last: int) -> None:
        """Begin to read the examples of the steps that come next."""
        self._ahead = (first, last), self._reader.submit(self._read, pace, first, last)

    def close(self) -> None:
        """End the thread."""
        self._reader.shutdown(cancel_futures=True)

    def _read(self, pace: Pace, first: int, last: int) -> Chunk:
        epoch, place = divmod(first, pace.steps)
        start = place * pace.full
        numbers = self._order_of(epoch)[start : start + (last - first) * pace.batch]
        rest = pace.batch != pace.full
        # One length for all chunks of full steps, so that one program serves them.
        filled = numbers if rest else np.resize(numbers, self.length * pace.batch)
        return Chunk(jnp.asarray(filled), jax.tree.map(partial(rows_of, rows=filled), self.data))

    def _order_of(self, epoch: int) -> np.ndarray:
        if self.key is not None and epoch != self._epoch:
            self._epoch = epoch
            if self.pace.shuffle:
                drawn = shuffled(self.key, jnp.int32(epoch), jnp.asarray(self._order))
                self._order = np.asarray(drawn)
        return self._order


def chunks(data: Batch, full: Pace, rest: Pace | None) -> Iterator[tuple[Pace, int, int, Batch]]:
    """All steps of an epoch in order: program, first step, end, and the examples."""
    whole = full.steps - (rest is not None)
    if not full.streamed:
        yield full, 0, whole, data
        if rest is not None:
            yield rest, whole, full.steps, data
        return
    stream = Stream(data, full)
    bounds = [(full, i, min(i + stream.length, whole)) for i in range(0, whole, stream.length)]
    bounds += [(rest, whole, full.steps)] if rest is not None else []
    try:
        for (pace, first, last), following in zip(bounds, [*bounds[1:], None], strict=True):
            examples = stream.get(pace, first, last).data
            if following is not None:
                stream.read_ahead(*following)
            yield pace, first, last, examples
    finally:
        stream.close()
