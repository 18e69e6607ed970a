"""Data larger than the device: chunks of steps, read one ahead by a thread.

Memory maps stay on the disk, and so does anything that gives rows for an array of row numbers;
what is read are the rows of the next few steps, in the order in which data on the device would be
taken, so both ways give the same results.
"""

from __future__ import annotations

import math
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from ...core.variable import Array
from ..epoch import Pace, Place, full_and_rest, shuffled
from ..step import Batch, Tree, size
from .source import Chunk, Source, after

CHUNK_BYTES = 2**25
"""Most bytes that are read for one call of the compiled program."""


class Rows(Protocol):
    """What can be streamed: an array on the disk, or anything that acts like one."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __getitem__(self, rows: Any) -> np.ndarray: ...


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


class Stream(Source):
    """Reads a data set in the order of the steps, one chunk ahead.

    Args:
        data: host arrays or :class:`Rows`.
        batch_size: examples a step.
        shuffle: whether their order is drawn anew in each epoch.
        key: of the fit, for that order; None to read them as they lie.
        length: steps that are read together; by default what :data:`CHUNK_BYTES` allow.
    """

    def __init__(
        self,
        data: Batch,
        batch_size: int,
        shuffle: bool = False,
        key: jax.Array | None = None,
        length: int | None = None,
    ) -> None:
        self.example, self.key = data, key
        self.pace, self.rest = full_and_rest(data, batch_size, False, streamed=True)
        self.shuffle = shuffle and self.pace.steps > 1
        self.length = length or self._fitting(data)
        self._epoch, self._order = -1, np.arange(size(data), dtype=np.int32)
        self._ahead: tuple[Place, Future[Chunk]] | None = None
        self._reader = ThreadPoolExecutor(1, "lampas-reader")

    def chunk(self, first: Place, most: int, epochs: int) -> Chunk:
        ahead, self._ahead = self._ahead, None
        chunk = self._submit(first) if ahead is None or ahead[0] != first else ahead[1]
        end = chunk.result().end
        if epochs > 1 or end.done:
            self._ahead = end, self._submit(end)
        return chunk.result()

    def batch(self, at: Place) -> tuple[Batch, Array]:
        pace = self._pace_at(at)
        rows = self._reader.submit(self._numbers, at, pace.batch).result()
        return self._read(rows), jnp.asarray(rows)

    def close(self) -> None:
        """End the thread."""
        self._reader.shutdown(cancel_futures=True)

    def _fitting(self, data: Batch) -> int:
        row = sum(
            np.dtype(leaf.dtype).itemsize * int(np.prod(leaf.shape[1:]))
            for leaf in jax.tree.leaves(data)
        )
        most = max(1, min(self.pace.steps, CHUNK_BYTES // max(1, row * self.pace.batch)))
        return math.ceil(self.pace.steps / math.ceil(self.pace.steps / most))

    def _pace_at(self, place: Place) -> Pace:
        last = self.rest is not None and place.done == self.pace.steps - 1
        return self.rest if self.rest is not None and last else self.pace

    def _submit(self, first: Place) -> Future[Chunk]:
        return self._reader.submit(self._chunk, first)

    def _chunk(self, first: Place) -> Chunk:
        pace = self._pace_at(first)
        left = self.pace.steps - first.done - (self.rest is not None)
        steps = min(self.length, left) if left else 1
        numbers = self._numbers(first, steps * pace.batch)
        # One length for all chunks of full steps, so that one program serves them.
        rows = np.resize(numbers, self.length * pace.batch) if left else numbers
        end = after(first, steps, self.pace.steps)
        return Chunk(pace, first, end, jnp.asarray(rows), self._read(rows))

    def _read(self, rows: np.ndarray) -> Batch:
        return jax.tree.map(partial(rows_of, rows=rows), self.example)

    def _numbers(self, first: Place, count: int) -> np.ndarray:
        """The numbers of the next ``count`` examples."""
        if self.key is not None and self.shuffle and first.epoch != self._epoch:
            self._epoch = first.epoch
            order = shuffled(self.key, jnp.int32(first.epoch), jnp.asarray(self._order))
            self._order = np.asarray(order)
        start = first.done * self.pace.full
        return self._order[start : start + count]
