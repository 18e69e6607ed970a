"""Read batches from an iterable in a thread, ahead of the training that takes them in chunks."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import Any

import jax
import numpy as np

from ...core.errors import DataError, LampasError
from ..step import Batch, num_examples
from .batch_adapter import BatchAdapter
from .chunk_buffer import BatchChunk, ChunkQueue, StoppedError
from .epoch_iterator import EpochIterator
from .streaming import CHUNK_BYTES

MAX_STEPS = 256
"""Maximum number of batches per chunk; making batches in Python takes longer than training then."""
JOIN_TIMEOUT = 1.0
"""Seconds that ``close`` waits for a source that is still working."""

_Job = Callable[[], object]
_END = object()


class PrefetchLoader:
    """Checked batches from an iterable, in its own order.

    Args:
        source: a function, an iterable or an iterator; see :class:`EpochIterator`. A batch is
            ``(x, y)`` or ``(x, y, sample_weight)``, where x and y may be tuples or dicts of arrays.
        adapter: converts and checks the batches.
        steps: batches per epoch; None for a whole pass through the source.
        first_epoch: the index of the epoch that the source begins with.
        chunk_steps: batches per chunk; by default what ``CHUNK_BYTES`` allow.
    """

    is_interrupted: Callable[[], bool] = staticmethod(lambda: False)
    """Called while waiting for a batch; ``chunks`` ends early when it returns True."""

    def __init__(
        self,
        source: Any,
        adapter: BatchAdapter | None = None,
        *,
        steps: int | None = None,
        first_epoch: int = 0,
        chunk_steps: int | None = None,
    ) -> None:
        self.epochs = EpochIterator(source, steps, first_epoch)
        self.adapter = adapter or BatchAdapter()
        self.steps: int | None = self.epochs.length
        """Batches per epoch, if known; otherwise those of the last epoch."""
        self.epoch_start: tuple[int, Batch] | None = None
        """The epoch that was begun last, and a copy of its first batch."""
        self._chunk_steps = chunk_steps
        self._queue: ChunkQueue | None = None
        self._jobs: SimpleQueue[_Job | None] | None = None
        self._thread: threading.Thread | None = None

    def example(self) -> Batch:
        """The first batch, in host memory; the first epoch still begins with it.

        Raises:
            DataError: if there is no batch, or it cannot be trained on.
            Exception: an error of the source, with its own traceback.
        """
        if self.adapter.first is None:
            self._run(partial(_peek, self.epochs, self.adapter))
        assert self.adapter.first is not None
        return self.adapter.first

    def chunks(self, epoch: int, skip: int = 0) -> Iterator[BatchChunk]:
        """The batches of one epoch except the first ``skip``, in chunks.

        The batches keep their order, so the results do not depend on the chunks.

        Raises:
            DataError: for a batch that does not match the first one or cannot be trained on.
            Exception: an error of the source, with its own traceback, after all batches that
                came before.
        """
        example = self.example()
        queue = ChunkQueue(num_examples(example), self._max_batches(example))
        self._begin(queue, partial(_read_epoch, self, epoch, skip))
        steps = skip
        try:
            while (chunk := queue.take(self.is_interrupted)) is not None:
                steps += chunk.steps
                self.steps = steps if chunk.ends_epoch else self.steps
                yield chunk
        finally:
            queue.stop()

    def replay(self, epoch: int) -> None:
        """Draw all batches before an epoch again, so that a seeded source continues from there.

        Raises:
            Exception: an error of the source, with its own traceback.
        """
        self._run(partial(_replay, self, epoch))

    def close(self) -> None:
        """End the thread and the started passes; a source that hangs is left behind."""
        if self._thread is None or self._jobs is None or self._queue is None:
            return
        self._queue.stop()
        self._jobs.put(self.epochs.close)
        self._jobs.put(None)
        self._thread.join(JOIN_TIMEOUT)
        self._thread = None

    def _run(self, job: Callable[[ChunkQueue], None]) -> None:
        """Run a job that puts no batches on its queue, and wait for its end."""
        queue = ChunkQueue(1, 1)
        self._begin(queue, job)
        queue.take(self.is_interrupted)

    def _begin(self, queue: ChunkQueue, job: Callable[[ChunkQueue], None]) -> None:
        """Let the thread fill a queue; all use of the source happens in this one thread."""
        if self._queue is not None:
            self._queue.stop()
        if self._thread is None:
            self._jobs = SimpleQueue()
            # A daemon, so that a source that never answers does not keep Python from exiting.
            self._thread = threading.Thread(
                target=_work, args=(self._jobs,), name="lampas-feed", daemon=True
            )
            self._thread.start()
            weakref.finalize(self, self._jobs.put, None)
        assert self._jobs is not None
        self._queue = queue
        self._jobs.put(partial(_fill, queue, job))

    def _max_batches(self, example: Batch) -> int:
        """How many batches make a full chunk."""
        if self._chunk_steps is not None:
            return self._chunk_steps
        batch_bytes = sum(leaf.nbytes for leaf in jax.tree.leaves(example))
        fitting = min(MAX_STEPS, CHUNK_BYTES // max(1, batch_bytes))
        return max(1, min(fitting, self.epochs.length or fitting))


def _work(jobs: SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job()
        del job


def _fill(queue: ChunkQueue, job: Callable[[ChunkQueue], None]) -> None:
    """Run a job; its errors are raised where the chunks are taken."""
    try:
        job(queue)
    except StoppedError:
        queue.end()
    except BaseException as error:
        queue.end(error)
    else:
        queue.end()


def _peek(epochs: EpochIterator, adapter: BatchAdapter, queue: ChunkQueue) -> None:
    with _error_note(epochs.first, 0):
        raw = epochs.peek()
    adapter.batch(raw, _batch_name(epochs.first, 0))


def _replay(loader: PrefetchLoader, until: int, queue: ChunkQueue) -> None:
    for epoch in range(loader.epochs.first, until):
        with closing(loader.epochs.epoch(epoch)) as raw_batches:
            for index, raw in enumerate(raw_batches):
                queue.raise_if_stopped()
                if index == 0:
                    batch = loader.adapter.batch(raw, _batch_name(epoch, index))
                    loader.epoch_start = epoch, jax.tree.map(np.array, batch)


def _read_epoch(loader: PrefetchLoader, epoch: int, skip: int, queue: ChunkQueue) -> None:
    """Put the batches of an epoch on the queue."""
    first = steps = 0
    with closing(loader.epochs.epoch(epoch)) as raw_batches:
        batches = _checked_batches(raw_batches, loader.adapter, epoch)
        for steps, (batch, is_last) in enumerate(_with_last(batches, loader.epochs.steps), 1):
            if steps == 1:
                loader.epoch_start = epoch, jax.tree.map(np.array, batch)
            if steps > skip:
                queue.put(batch, first, is_last)
            first += num_examples(batch)
    if steps <= skip:
        raise DataError(
            f"epoch {epoch} must resume after batch {skip - 1}, but has only {steps} batches now; "
            "has the data changed?"
        )


def _checked_batches(batches: Iterator[Any], adapter: BatchAdapter, epoch: int) -> Iterator[Batch]:
    for index in count():
        with _error_note(epoch, index):
            raw = next(batches, _END)
        if raw is _END:
            return
        yield adapter.batch(raw, _batch_name(epoch, index))


def _with_last(batches: Iterator[Batch], steps: int | None) -> Iterator[tuple[Batch, bool]]:
    """Each batch, and whether it is the last one; without ``steps`` each waits for the next."""
    if steps is not None:
        for number, batch in enumerate(batches, 1):
            yield batch, number == steps
        return
    previous: Batch | None = None
    try:
        for batch in batches:
            if previous is not None:
                yield previous, False
            # A loader may use its arrays again for the next batch.
            previous = jax.tree.map(np.array, batch)
    except Exception:
        if previous is not None:
            yield previous, False
        raise
    if previous is not None:
        yield previous, True


@contextmanager
def _error_note(epoch: int, index: int) -> Iterator[None]:
    """Add to an error of the source which batch it was producing."""
    try:
        yield
    except LampasError:
        raise
    except BaseException as error:
        error.add_note(f"Raised by the data while producing {_batch_name(epoch, index)}.")
        raise


def _batch_name(epoch: int, index: int) -> str:
    return f"batch {index} of epoch {epoch}"
