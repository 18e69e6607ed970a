"""Steps from data larger than the device's memory: a thread prefetches chunks of rows.

Memory maps stay on the disk, and so does any array-like object that reads rows when it is indexed.
The rows are read in the order in which data on the device would be taken, so that both give the
same results.
"""

from __future__ import annotations

import math
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from ...core.arrays import as_numbers
from ...core.variable import Array
from ..epoch import Position, epoch_layouts, shuffled_order
from ..source import Chunk, Source, advance, is_lazy, is_streamed
from ..step import Batch, num_examples

CHUNK_BYTES = 2**25
"""Maximum number of bytes that are read for one call of the compiled program."""


class LazyArray(Protocol):
    """An array on the disk, or any object that acts like one."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __getitem__(self, rows: Any) -> np.ndarray: ...


class RowSlice:
    """Consecutive rows of a lazy array, which stay unread until they are indexed."""

    def __init__(self, array: LazyArray, start: int, stop: int) -> None:
        self.array, self.start, self.stop = array, start, stop
        self.shape = (stop - start, *array.shape[1:])
        self.dtype = array.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        return self.array[np.arange(self.start, self.stop)[rows]]


class ConvertedRows:
    """The rows of a lazy array in another dtype, which stay unread until they are indexed."""

    def __init__(self, array: LazyArray, dtype: np.dtype[Any]) -> None:
        self.array, self.dtype = array, dtype
        self.shape, self.ndim = array.shape, len(array.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        return np.asarray(self.array[rows]).astype(self.dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype, copy=False)


def row_slice(array: Any, start: int, stop: int) -> Any:
    """The rows ``start .. stop - 1``, still unread if the array is lazy."""
    return RowSlice(array, start, stop) if is_lazy(array) else array[start:stop]


def take_rows(leaf: Any, rows: np.ndarray) -> Array:
    """Some rows, on the device; from a disk each is read once, in the order of the file."""
    if not is_streamed(leaf):
        return jnp.asarray(leaf[rows])
    unique, inverse = np.unique(rows, return_inverse=True)
    return jnp.asarray(as_numbers(leaf[unique], "the rows read")[inverse])


class StreamingSource(Source):
    """Steps from rows that a thread reads in their order, one chunk ahead.

    Args:
        data: host arrays or lazy arrays.
        batch_size: examples per step.
        shuffle: whether the examples are shuffled in each epoch.
        key: key of the fit, for the shuffling; None for no shuffling.
        chunk_steps: steps that are read together; by default what :data:`CHUNK_BYTES` allow.
    """

    def __init__(
        self,
        data: Batch,
        batch_size: int,
        shuffle: bool = False,
        key: jax.Array | None = None,
        chunk_steps: int | None = None,
    ) -> None:
        self.example, self.key = data, key
        self.layout, self.remainder = epoch_layouts(data, batch_size, False, streamed=True)
        self.shuffle = shuffle and self.layout.steps > 1
        self.chunk_steps = chunk_steps or self._fitting_steps(data)
        self._epoch, self._order = -1, np.arange(num_examples(data), dtype=np.int32)
        self._ahead: tuple[Position, Future[Chunk]] | None = None
        self._reader = ThreadPoolExecutor(1, "lampas-reader")

    def chunk(self, start: Position, max_steps: int, epochs: int) -> Chunk:
        ahead, self._ahead = self._ahead, None
        chunk = self._submit(start) if ahead is None or ahead[0] != start else ahead[1]
        end = chunk.result().end
        if epochs > 1 or end.step_in_epoch:
            self._ahead = end, self._submit(end)
        return chunk.result()

    def batch(self, position: Position) -> tuple[Batch, Array]:
        layout = self.layout_at(position)
        indices = self._reader.submit(self._indices, position, layout.batch_size).result()
        return self._read(indices), jnp.asarray(indices)

    def close(self) -> None:
        """End the thread."""
        self._reader.shutdown(cancel_futures=True)

    def _fitting_steps(self, data: Batch) -> int:
        row_bytes = sum(
            np.dtype(leaf.dtype).itemsize * int(np.prod(leaf.shape[1:]))
            for leaf in jax.tree.leaves(data)
        )
        batch_bytes = max(1, row_bytes * self.layout.batch_size)
        max_steps = max(1, min(self.layout.steps, CHUNK_BYTES // batch_bytes))
        return math.ceil(self.layout.steps / math.ceil(self.layout.steps / max_steps))

    def _submit(self, start: Position) -> Future[Chunk]:
        return self._reader.submit(self._read_chunk, start)

    def _read_chunk(self, start: Position) -> Chunk:
        layout = self.layout_at(start)
        left = self.layout.steps - start.step_in_epoch - (self.remainder is not None)
        steps = min(self.chunk_steps, left) if left else 1
        indices = self._indices(start, steps * layout.batch_size)
        # One length for all chunks of full steps, so that one program serves them.
        rows = np.resize(indices, self.chunk_steps * layout.batch_size) if left else indices
        end = advance(start, steps, self.layout.steps)
        return Chunk(layout, start, end, jnp.asarray(rows), self._read(rows))

    def _read(self, rows: np.ndarray) -> Batch:
        return jax.tree.map(partial(take_rows, rows=rows), self.example)

    def _indices(self, start: Position, count: int) -> np.ndarray:
        """The indices of the next ``count`` examples."""
        if self.key is not None and self.shuffle and start.epoch != self._epoch:
            self._epoch = start.epoch
            order = shuffled_order(self.key, jnp.int32(start.epoch), jnp.asarray(self._order))
            self._order = np.asarray(order)
        first = start.step_in_epoch * self.layout.full_batch_size
        return self._order[first : first + count]
