"""A queue and a thread that predict requests in batches of a few fixed sizes."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

import jax
import numpy as np

from ..automl.predictor import Prediction, Predictor
from ..automl.task import PredictionBatch
from .limits import Limits
from .predict_request import Examples, Failure, PredictRequest, concatenate
from .reader_pool import ReaderPool
from .request_body import Hold, busy

BATCH_SIZES = (8, 128)
"""Batch sizes, each a compiled program; smaller batches are padded to the next size."""


class Reply(NamedTuple):
    """Predictions of a request, the files that failed, and warnings."""

    predictions: list[Prediction]
    failures: list[Failure]
    warnings: tuple[str, ...] = ()


@dataclass
class _Job:
    examples: Examples
    predictions: list[Prediction] = field(default_factory=list)
    reply: Future[Reply] = field(default_factory=Future)

    @property
    def remaining(self) -> int:
        """Number of examples without a prediction."""
        return len(self.examples.batch.names) - len(self.predictions)

    def next_rows(self, count: int) -> PredictionBatch:
        """At most ``count`` examples without a prediction."""
        start = len(self.predictions)
        return take(self.examples.batch, range(start, start + min(count, self.remaining)))

    def add(self, predictions: Sequence[Prediction]) -> None:
        """Add predictions; those of the last examples complete the reply."""
        self.predictions += predictions
        if not self.remaining:
            with suppress(InvalidStateError):  # The client no longer waits.
                _, failures, warnings = self.examples
                self.reply.set_result(Reply(self.predictions, failures, warnings))

    def fail(self, error: Exception) -> None:
        with suppress(InvalidStateError):
            self.reply.set_exception(error)


class Batcher:
    """Predict requests in one thread, a batch at a time, those with the fewest examples first.

    Args:
        predictor: predictor of the run.
        readers: processes that read the requests.
        limits: limits of the server.
    """

    def __init__(self, predictor: Predictor, readers: ReaderPool, limits: Limits) -> None:
        self._predictor = predictor
        self._readers = readers
        self._limits = limits
        self._waiting = 0
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lampas-batcher", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Stop after the current batch; wait at most ``seconds`` for it."""
        self._queue.put(None)
        self._thread.join(seconds)

    async def predict(self, request: PredictRequest, hold: Hold) -> Reply:
        """Return the predictions of a request.

        Args:
            request: the request.
            hold: counts the bytes of its examples.

        Raises:
            HTTPException: 503 if too many requests wait or the time is up; others as
                `ReaderPool.read`.
            LampasError: as `ReaderPool.read`.
        """
        if self._waiting >= self._limits.waiting:
            raise busy("too many requests are waiting")
        self._waiting += 1
        try:
            job = _Job(await self._readers.read(request))
            hold(job.examples.num_bytes)
            if not job.remaining:
                job.add([])
                return job.reply.result()
            self._queue.put(job)
            async with asyncio.timeout(self._limits.seconds):
                return await asyncio.wrap_future(job.reply)
        except TimeoutError:
            raise busy(f"no response within {self._limits.seconds:g} seconds") from None
        finally:
            self._waiting -= 1

    def _run(self) -> None:
        jobs: list[_Job] = []
        while True:
            while not jobs or not self._queue.empty():
                if (job := self._queue.get()) is None:
                    return
                jobs.append(job)
            jobs = sorted((j for j in jobs if not j.reply.done()), key=lambda j: j.remaining)
            ends = accumulate((job.remaining for job in jobs), initial=0)
            self._predict([j for j, end in zip(jobs, ends, strict=False) if end < BATCH_SIZES[-1]])

    def _predict(self, jobs: Sequence[_Job]) -> None:
        """Predict the next examples of requests: together, or one by one after an error."""
        try:
            parts: list[PredictionBatch] = []
            for job in jobs:
                parts.append(job.next_rows(BATCH_SIZES[-1] - sum(len(p.names) for p in parts)))
            results = predict_batches(self._predictor, parts) if parts else []
            for job, predictions in zip(jobs, results, strict=True):
                job.add(predictions)
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].fail(error)
            else:  # Only the request that causes the error fails.
                for job in jobs:
                    self._predict([job])


def predict_batches(
    predictor: Predictor, batches: Sequence[PredictionBatch]
) -> list[list[Prediction]]:
    """Predict batches of at most ``BATCH_SIZES[-1]`` examples in all; returns those of each."""
    batch = concatenate(batches)
    count = len(batch.names)
    size = next(size for size in BATCH_SIZES if size >= count)
    padded = take(batch, np.minimum(np.arange(size), count - 1).tolist())
    predictions = predictor.predict_batch(padded)
    ends = np.cumsum([len(batch.names) for batch in batches]).tolist()
    return [predictions[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def take(batch: PredictionBatch, rows: Sequence[int]) -> PredictionBatch:
    """Return some examples of a batch."""
    x = jax.tree.map(lambda array: array[np.asarray(rows)], batch.x)
    times = [batch.times[row] for row in rows] if batch.times else ()
    return PredictionBatch([batch.names[row] for row in rows], x, times)
