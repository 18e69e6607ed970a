"""A queue and a thread that predict requests in batches of a few fixed sizes."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import jax
import numpy as np

from ..automl.predictor import Prediction, Predictor
from ..automl.task import PredictionBatch
from .limits import Limits
from .predict_request import Examples, Failure, PredictRequest
from .reader_pool import ReaderPool, busy

TARGET_EXAMPLES = 256
"""Waiting requests are predicted together until they have this many examples."""
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
    reply: Future[Reply] = field(default_factory=Future)

    @property
    def num_examples(self) -> int:
        return sum(len(batch.names) for batch in self.examples.batches)

    def finish(self, predictions: list[Prediction]) -> None:
        with suppress(InvalidStateError):  # The client no longer waits.
            self.reply.set_result(
                Reply(predictions, self.examples.failures, self.examples.warnings)
            )

    def fail(self, error: Exception) -> None:
        with suppress(InvalidStateError):
            self.reply.set_exception(error)


class Batcher:
    """Predict requests in order, small ones together, in one thread.

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
        """Stop after the requests in the queue; wait at most ``seconds`` for it."""
        self._queue.put(None)
        self._thread.join(seconds)

    async def predict(self, request: PredictRequest) -> Reply:
        """Return the predictions of a request.

        Raises:
            HTTPException: 503 if too many requests wait or the time is up; others as
                `ReaderPool.read`.
            LampasError: as `ReaderPool.read`.
        """
        if self._waiting >= self._limits.waiting:
            raise busy("too many requests are waiting")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                job = _Job(await self._readers.read(request))
                self._queue.put(job)
                return await asyncio.wrap_future(job.reply)
        except TimeoutError:
            raise busy(f"no response within {self._limits.seconds:g} seconds") from None
        finally:
            self._waiting -= 1

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            self._predict(self._with_waiting(job))

    def _with_waiting(self, job: _Job | None) -> list[_Job]:
        """This job and waiting ones, until there are enough examples."""
        jobs: list[_Job] = []
        while job is not None:
            if not job.reply.cancelled():
                jobs.append(job)
            if sum(job.num_examples for job in jobs) >= TARGET_EXAMPLES or self._queue.empty():
                return jobs
            job = self._queue.get_nowait()
        self._queue.put(None)  # The stop signal is for the loop in `_run`.
        return jobs

    def _predict(self, jobs: Sequence[_Job]) -> None:
        try:
            batches = [batch for job in jobs for batch in job.examples.batches]
            results = iter(predict_batches(self._predictor, batches) if batches else [])
            for job in jobs:
                count = len(job.examples.batches)
                job.finish([p for _ in range(count) for p in next(results)])
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].fail(error)
            else:  # Only the request that causes the error fails.
                for job in jobs:
                    self._predict([job])


def predict_batches(
    predictor: Predictor, batches: Sequence[PredictionBatch]
) -> list[list[Prediction]]:
    """Predict several batches of arrays together; returns the predictions of each."""
    names = [name for batch in batches for name in batch.names]
    times = [steps for batch in batches for steps in batch.times or [[]] * len(batch.names)]
    x = jax.tree.map(lambda *parts: np.concatenate(parts), *(batch.x for batch in batches))
    predictions: list[Prediction] = []
    for start in range(0, len(names), BATCH_SIZES[-1]):
        count = min(BATCH_SIZES[-1], len(names) - start)
        size = next(size for size in BATCH_SIZES if size >= count)
        rows = start + np.minimum(np.arange(size), count - 1)
        x_rows = jax.tree.map(lambda a, rows=rows: a[rows], x)
        batch = PredictionBatch([names[i] for i in rows], x_rows, [times[i] for i in rows])
        predictions += predictor.predict_batch(batch)[:count]
    ends = np.cumsum([len(batch.names) for batch in batches]).tolist()
    return [predictions[start:end] for start, end in zip([0, *ends], ends, strict=False)]
