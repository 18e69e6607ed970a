"""Batches that come one by one, put together so that one call of a program runs many steps."""

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

from ..step import Batch, size

PATIENCE = 0.1
"""Seconds that a piece waits for more batches while the device has nothing to do."""
LOOK_UP = 0.05
"""Seconds between looks at whether the one who waits was interrupted."""


class Piece(NamedTuple):
    """Consecutive batches of one size, together: the examples of ``steps`` steps of ``batch`` each.

    ``numbers`` are the places of the examples in their epoch, int32. The first axis of ``numbers``
    and ``data`` may be longer than ``steps * batch``, so that one program serves all pieces; what
    is beyond has no meaning. ``last`` says that the epoch ends with it.
    """

    steps: int
    batch: int
    numbers: np.ndarray
    data: Batch
    last: bool


class StoppedError(Exception):
    """Nobody wants the pieces any more."""


@dataclass
class _Growing:
    """A piece in the making: ``steps`` of at most ``most`` batches are there."""

    first: int
    batch: int
    most: int
    data: Batch
    steps: int = 0

    @classmethod
    def like(cls, batch: Batch, first: int, most: int) -> _Growing:
        examples = size(batch)

        def room(leaf: np.ndarray) -> np.ndarray:
            shape = (most * examples, *leaf.shape[1:])
            return np.zeros(shape, canonicalize_dtype(leaf.dtype))

        return cls(first, examples, most, jax.tree.map(room, batch))

    def add(self, batch: Batch) -> None:
        rows = slice(self.steps * self.batch, (self.steps + 1) * self.batch)
        for into, leaf in zip(jax.tree.leaves(self.data), jax.tree.leaves(batch), strict=True):
            into[rows] = leaf
        self.steps += 1

    def piece(self, last: bool = False) -> Piece:
        numbers = np.arange(self.first, self.first + self.most * self.batch, dtype=np.int32)
        return Piece(self.steps, self.batch, numbers, self.data, last)


class Shelf:
    """The pieces of one epoch: one thread puts batches on it, another one takes pieces off.

    At most two are kept. Whoever asks while none is whole gets
    the growing one after :data:`PATIENCE` seconds, so a slow source does not hold up the fit.

    Args:
        usual: examples of a usual batch; batches of another size are pieces of their own.
        most: usual batches in a whole piece.
    """

    def __init__(self, usual: int, most: int) -> None:
        self.usual, self.most = usual, most
        self._changed = threading.Condition()
        self._ready: deque[Piece] = deque()
        self._growing: _Growing | None = None
        self._ended = self._stopped = False
        self._error: BaseException | None = None

    def put(self, batch: Batch, first: int, last: bool) -> None:
        """Add a batch, whose examples are counted from ``first``; its arrays are copied.

        Raises StoppedError after ``stop``.
        """
        with self._changed:
            if self._growing is not None and self._growing.batch != size(batch):
                self._finish()
            self._wait_for_room()
            if self._growing is None:
                most = self.most if size(batch) == self.usual else 1
                self._growing = _Growing.like(batch, first, most)
            self._growing.add(batch)
            if last or self._growing.steps == self._growing.most:
                self._finish(last)
            self._changed.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """No more batches come, because of ``error`` if there is one."""
        with self._changed:
            if self._growing is not None:
                self._finish()
            self._ended, self._error = True, error
            self._changed.notify_all()

    def stop(self) -> None:
        """No more pieces are wanted."""
        with self._changed:
            self._stopped = True
            self._ready.clear()
            self._changed.notify_all()

    def take(self, interrupted: Callable[[], bool]) -> Piece | None:
        """The next piece; None after the last one, or when ``interrupted`` while waiting for it.

        Raises the error that ended the batches, once all before it are taken.
        """
        asked = time.monotonic()
        with self._changed:
            while not self._ready:
                if self._error is not None:
                    self._raise(self._error)
                if self._ended or interrupted():
                    return None
                if self._growing is not None and time.monotonic() - asked >= PATIENCE:
                    self._finish()
                else:
                    self._changed.wait(LOOK_UP)
            self._changed.notify_all()
            return self._ready.popleft()

    def _raise(self, error: BaseException) -> NoReturn:
        self._error = None
        try:
            raise error
        finally:
            # The error's traceback leads to this frame: holding it here would keep all of it alive.
            del error

    def _finish(self, last: bool = False) -> None:
        assert self._growing is not None
        self._ready.append(self._growing.piece(last))
        self._growing = None

    def _wait_for_room(self) -> None:
        self._changed.wait_for(lambda: self._stopped or len(self._ready) < 2)
        if self._stopped:
            raise StoppedError
