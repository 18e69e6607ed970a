"""Batches from an iterable that comes in an order of its own, read ahead by a thread.

The steps of a fit from a feed: batches that come in an order of their own.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...core.errors import DataError, LampasError
from ...core.variable import Array
from ..epoch import Pace, Place
from ..step import Batch, size
from .batch_adapter import Form
from .chunk_buffer import Piece, Shelf, StoppedError
from .epoch_iterator import Passes
from .source import Chunk, Source
from .streaming import CHUNK_BYTES

__all__ = ["Feed", "Piece"]

MOST_STEPS = 256
"""Most batches that are put together; whoever makes batches in Python needs longer for each."""
FAREWELL = 1.0
"""Seconds that ``close`` waits for a source that is still at work."""

_Job = Callable[[], object]
_END = object()


class Feed:
    """Batches from an iterable that comes in an order of its own.

    Args:
        source: a function, an iterable or an iterator; see :class:`Passes`. A batch is
            ``(x, y)`` or ``(x, y, sample_weight)``, where x and y may be tuples or dicts of arrays.
        targets: whether the batches must have targets. If not they may be ``x`` alone, and targets
            are left out, or, for None, taken where they come along.
        target: the entry with the targets, where batches are dicts.
        steps: batches an epoch; None for a whole pass through the source.
        class_weight: weight of each class in the loss.
        read: makes arrays of inputs that are none, as texts.
        first_epoch: the number of the epoch that the source begins with.
        length: batches that are put together; by default what ``CHUNK_BYTES`` allow.
    """

    interrupted: Callable[[], bool] = staticmethod(lambda: False)
    """Asked while a batch is waited for; ``pieces`` ends early when it says True."""

    def __init__(
        self,
        source: Any,
        *,
        targets: bool | None = True,
        target: str | None = None,
        steps: int | None = None,
        class_weight: Mapping[int, float] | None = None,
        read: Callable[[Any], Any] | None = None,
        first_epoch: int = 0,
        length: int | None = None,
    ) -> None:
        self.passes = Passes(source, steps, first_epoch)
        self.form = Form(targets, target, class_weight, read)
        self.steps: int | None = self.passes.length
        """Batches an epoch, as far as the source tells, or as the last epoch had."""
        self._length = length
        self._shelf: Shelf | None = None
        self._jobs: SimpleQueue[_Job | None] | None = None
        self._thread: threading.Thread | None = None

    def example(self) -> Batch:
        """The first batch, in host memory; the first epoch begins with it nevertheless.

        Raises:
            DataError: when there is none, or when it is not what it should be.
            Exception: whatever the source raises, with its own traceback.
        """
        if self.form.first is None:
            self._begin(Shelf(1, 1), partial(_peek, self.passes, self.form))
            assert self._shelf is not None
            self._shelf.take(self.interrupted)
        assert self.form.first is not None
        return self.form.first

    def pieces(self, epoch: int, skip: int = 0) -> Iterator[Piece]:
        """The batches of one epoch but the first ``skip``, put together.

        Batches are as they came: the order, and what is learnt, is the same however they are put
        together.

        Raises:
            DataError: for a batch that is not like the first one or can not be trained on.
            Exception: whatever the source raises, with its own traceback, after all batches that
                came before.
        """
        example = self.example()
        shelf = Shelf(size(example), self._most(example))
        self._begin(shelf, partial(_read, self.passes, self.form, epoch, skip))
        done = skip
        try:
            while (piece := shelf.take(self.interrupted)) is not None:
                done += piece.steps
                self.steps = done if piece.last else self.steps
                yield piece
        finally:
            shelf.stop()

    def close(self) -> None:
        """End the thread, and the passes that were begun; a source that hangs is left behind."""
        if self._thread is None or self._jobs is None or self._shelf is None:
            return
        self._shelf.stop()
        self._jobs.put(self.passes.close)
        self._jobs.put(None)
        self._thread.join(FAREWELL)
        self._thread = None

    def _begin(self, shelf: Shelf, job: Callable[[Shelf], None]) -> None:
        """Let the thread fill a shelf; one thread does all that concerns the source."""
        if self._shelf is not None:
            self._shelf.stop()
        if self._thread is None:
            self._jobs = SimpleQueue()
            # A daemon, so that a source that never answers does not hold up the end of Python.
            self._thread = threading.Thread(
                target=_work, args=(self._jobs,), name="lampas-feed", daemon=True
            )
            self._thread.start()
            weakref.finalize(self, self._jobs.put, None)
        assert self._jobs is not None
        self._shelf = shelf
        self._jobs.put(partial(_fill, shelf, job))

    def _most(self, example: Batch) -> int:
        """How many batches make a whole piece."""
        if self._length is not None:
            return self._length
        bytes_each = sum(leaf.nbytes for leaf in jax.tree.leaves(example))
        fitting = min(MOST_STEPS, CHUNK_BYTES // max(1, bytes_each))
        return max(1, min(fitting, self.passes.length or fitting))


def _work(jobs: SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job()
        del job


def _fill(shelf: Shelf, job: Callable[[Shelf], None]) -> None:
    """Run a job, and let its errors be raised where the pieces are taken."""
    try:
        job(shelf)
    except StoppedError:
        shelf.end()
    except BaseException as error:
        shelf.end(error)
    else:
        shelf.end()


def _peek(passes: Passes, form: Form, shelf: Shelf) -> None:
    with _noted(passes.first, 0):
        raw = passes.peek()
    form.batch(raw, _what(passes.first, 0))


def _read(passes: Passes, form: Form, epoch: int, skip: int, shelf: Shelf) -> None:
    """Put the batches of an epoch on the shelf."""
    first = number = 0
    with closing(passes.epoch(epoch)) as batches:
        checked = _checked(batches, form, epoch)
        for number, (batch, last) in enumerate(_with_last(checked, passes.steps), 1):
            if number > skip:
                shelf.put(batch, first, last)
            first += size(batch)
    if number <= skip:
        raise DataError(
            f"epoch {epoch} is to go on after batch {skip - 1}, but has only {number} batches now; "
            "is it the same data?"
        )


def _checked(batches: Iterator[Any], form: Form, epoch: int) -> Iterator[Batch]:
    for number in count():
        with _noted(epoch, number):
            raw = next(batches, _END)
        if raw is _END:
            return
        yield form.batch(raw, _what(epoch, number))


def _with_last(batches: Iterator[Batch], steps: int | None) -> Iterator[tuple[Batch, bool]]:
    """Each batch, and whether it is the last one; without ``steps`` that shows one batch later."""
    if steps is not None:
        for number, batch in enumerate(batches, 1):
            yield batch, number == steps
        return
    held: Batch | None = None
    try:
        for batch in batches:
            if held is not None:
                yield held, False
            # A loader may use its arrays again for the next batch.
            held = jax.tree.map(np.array, batch)
    except Exception:
        if held is not None:
            yield held, False
        raise
    if held is not None:
        yield held, True


@contextmanager
def _noted(epoch: int, number: int) -> Iterator[None]:
    """Tell with an error of the source for which batch it was at work."""
    try:
        yield
    except LampasError:
        raise
    except BaseException as error:
        error.add_note(f"Raised by the data, asked for {_what(epoch, number)}.")
        raise


def _what(epoch: int, number: int) -> str:
    return f"batch {number} of epoch {epoch}"


ENDLESS = 2**30
"""Stands for the number of steps of an epoch, which nobody may know before its end."""


class Fed(Source):
    """Steps whose epochs end where the feed says so."""

    def __init__(self, feed: Feed) -> None:
        self.feed, self.example = feed, feed.example()
        self.pace = _pace(size(self.example))
        self._pieces: Iterator[Piece] = iter(())
        self._place: Place | None = None
        self._piece: tuple[Place, Piece] | None = None

    @property
    def steps(self) -> int | None:
        return self.feed.steps

    def chunk(self, first: Place, most: int, epochs: int) -> Chunk | None:
        if first.done == 0 or first != self._place:
            self._pieces = self.feed.pieces(first.epoch, skip=first.done)
        piece = next(self._pieces, None)
        if piece is None:
            return None
        self._piece, step = (first, piece), first.step + piece.steps
        more = Place(step, first.epoch, first.done + piece.steps)
        self._place = Place(step, first.epoch + 1, 0) if piece.last else more
        data = jax.tree.map(jnp.asarray, piece.data)
        return Chunk(_pace(piece.batch), first, self._place, jnp.asarray(piece.numbers), data)

    def batch(self, at: Place) -> tuple[Batch, Array]:
        """The batch after ``at`` if it has come, the first or the last one that has otherwise."""
        if self._piece is None:
            example = jax.tree.map(jnp.asarray, self.example)
            return example, jnp.arange(self.pace.batch, dtype=jnp.int32)
        first, piece = self._piece
        start = min(at.step - first.step, piece.steps - 1) * piece.batch
        rows = slice(start, start + piece.batch)
        data = jax.tree.map(lambda leaf: jnp.asarray(leaf[rows]), piece.data)
        return data, jnp.asarray(piece.numbers[rows])

    def listen(self, interrupted: Callable[[], bool]) -> None:
        self.feed.interrupted = interrupted

    def close(self) -> None:
        self.feed.close()


def _pace(batch: int) -> Pace:
    return Pace(batch, batch, ENDLESS, shuffle=False, streamed=True)
