"""A bounded queue that joins batches from one thread to chunks for another.

One call of a compiled program runs all batches of a chunk.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

import jax
import numpy as np
from jax.dtypes import canonicalize_dtype

from ..step import Batch, num_examples

MAX_WAIT = 0.1
"""Seconds that a consumer waits for a full chunk while the device has nothing to do."""
POLL_INTERVAL = 0.05
"""Seconds between checks whether the waiting consumer was interrupted."""


class BatchChunk(NamedTuple):
    """Consecutive batches of one size: the examples of ``steps`` steps of ``batch_size`` each.

    ``indices`` are the indices of the examples in their epoch, int32. The first axis of ``indices``
    and ``data`` may be longer than ``steps * batch_size``, so that one program serves all chunks;
    the rows beyond have no meaning. ``ends_epoch`` says that the epoch ends with this chunk.
    """

    steps: int
    batch_size: int
    indices: np.ndarray
    data: Batch
    ends_epoch: bool


class StoppedError(Exception):
    """The consumer needs no more chunks."""


@dataclass
class ChunkBuilder:
    """An unfinished chunk with ``steps`` of at most ``max_batches`` batches.

    ``first`` is the index of its first example in the epoch.
    """

    first: int
    batch_size: int
    max_batches: int
    data: Batch
    steps: int = 0

    @classmethod
    def like(cls, batch: Batch, first: int, max_batches: int) -> ChunkBuilder:
        """An empty chunk with room for ``max_batches`` batches like ``batch``."""
        batch_size = num_examples(batch)

        def room(leaf: np.ndarray) -> np.ndarray:
            shape = (max_batches * batch_size, *leaf.shape[1:])
            return np.zeros(shape, canonicalize_dtype(leaf.dtype))

        return cls(first, batch_size, max_batches, jax.tree.map(room, batch))

    def add(self, batch: Batch) -> None:
        """Copy a batch into the chunk."""
        rows = slice(self.steps * self.batch_size, (self.steps + 1) * self.batch_size)
        for target, leaf in zip(jax.tree.leaves(self.data), jax.tree.leaves(batch), strict=True):
            target[rows] = leaf
        self.steps += 1

    def build(self, ends_epoch: bool = False) -> BatchChunk:
        """The chunk with the batches so far."""
        stop = self.first + self.max_batches * self.batch_size
        indices = np.arange(self.first, stop, dtype=np.int32)
        return BatchChunk(self.steps, self.batch_size, indices, self.data, ends_epoch)


class ChunkQueue:
    """The chunks of one epoch: one thread puts batches, another takes chunks.

    Holds at most two chunks. A consumer that has waited :data:`MAX_WAIT` seconds gets the
    unfinished chunk, so that a slow source does not hold up the fit.

    Args:
        batch_size: examples per batch; a batch of another size is a chunk of its own.
        max_batches: batches of a full chunk.
    """

    def __init__(self, batch_size: int, max_batches: int) -> None:
        self.batch_size, self.max_batches = batch_size, max_batches
        self._changed = threading.Condition()
        self._ready: deque[BatchChunk] = deque()
        self._builder: ChunkBuilder | None = None
        self._ended = self._stopped = False
        self._error: BaseException | None = None

    def put(self, batch: Batch, first: int, is_last: bool) -> None:
        """Add a batch whose first example has the index ``first``; its arrays are copied.

        Raises:
            StoppedError: after ``stop``.
        """
        with self._changed:
            size = num_examples(batch)
            if self._builder is not None and self._builder.batch_size != size:
                self._finish()
            self._wait_for_room()
            if self._builder is None:
                max_batches = self.max_batches if size == self.batch_size else 1
                self._builder = ChunkBuilder.like(batch, first, max_batches)
            self._builder.add(batch)
            if is_last or self._builder.steps == self._builder.max_batches:
                self._finish(is_last)
            self._changed.notify_all()

    def raise_if_stopped(self) -> None:
        """Raise StoppedError after ``stop``."""
        if self._stopped:
            raise StoppedError

    def end(self, error: BaseException | None = None) -> None:
        """Announce that no more batches come, because of ``error`` if there is one."""
        with self._changed:
            if self._builder is not None:
                self._finish()
            self._ended, self._error = True, error
            self._changed.notify_all()

    def stop(self) -> None:
        """Announce that no more chunks are taken."""
        with self._changed:
            self._stopped = True
            self._ready.clear()
            self._changed.notify_all()

    def take(self, interrupted: Callable[[], bool]) -> BatchChunk | None:
        """The next chunk; None after the last one, or if ``interrupted`` while waiting for it.

        Raises the error that ended the batches, once all chunks before it are taken.
        """
        began = time.monotonic()
        with self._changed:
            while not self._ready:
                if self._error is not None:
                    self._raise(self._error)
                if self._ended or interrupted():
                    return None
                if self._builder is not None and time.monotonic() - began >= MAX_WAIT:
                    self._finish()
                else:
                    self._changed.wait(POLL_INTERVAL)
            self._changed.notify_all()
            return self._ready.popleft()

    def _raise(self, error: BaseException) -> NoReturn:
        self._error = None
        try:
            raise error
        finally:
            # The error's traceback leads to this frame: holding it here would keep all of it alive.
            del error

    def _finish(self, ends_epoch: bool = False) -> None:
        assert self._builder is not None
        self._ready.append(self._builder.build(ends_epoch))
        self._builder = None

    def _wait_for_room(self) -> None:
        self._changed.wait_for(lambda: self._stopped or len(self._ready) < 2)
        self.raise_if_stopped()
