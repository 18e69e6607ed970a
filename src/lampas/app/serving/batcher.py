"""The one thread that asks the model; requests wait for it in a queue.

Many small questions in one pass of the model, by few compiled programs.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import jax
import numpy as np
from starlette.exceptions import HTTPException

from ..automl.predictor import Answer, Predictor
from ..automl.task import Asked
from .limits import Limits
from .questions import Failure, Question

TOGETHER = 256
"""Examples that are enough for one go; fewer are joined by those of requests that wait."""


class Reply(NamedTuple):
    """What a request is told."""

    answers: list[Answer]
    failures: list[Failure]


@dataclass
class _Job:
    question: Question
    reply: Future[Reply] = field(default_factory=Future)
    asked: list[Asked] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def examples(self) -> int:
        return sum(len(asked.names) for asked in self.asked)

    def read(self, predictor: Predictor) -> bool:
        """Read what is asked; no further when nobody waits any more, or when it is no question."""
        try:
            parts = self.question.parts(predictor)
            while not self.reply.cancelled():
                part = next(parts, None)
                if part is None:
                    return True
                if isinstance(part, Failure):
                    self.failures.append(part)
                else:
                    self.asked.append(part)
        except Exception as error:
            self.fail(error)
        return False

    def close(self, answers: list[Answer]) -> None:
        with suppress(InvalidStateError):  # nobody waits any more
            self.reply.set_result(Reply(answers, self.failures))

    def fail(self, error: Exception) -> None:
        with suppress(InvalidStateError):
            self.reply.set_exception(error)


class Worker:
    """Reads and answers questions one after another, small ones together."""

    def __init__(self, predictor: Predictor, limits: Limits) -> None:
        self._predictor = predictor
        self._limits = limits
        self._queue: queue.Queue[_Job | None] = queue.Queue(limits.waiting)
        self._thread = threading.Thread(target=self._run, name="lampas-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """End after what is in the queue; wait so long for it."""
        with suppress(queue.Full):
            self._queue.put(None, timeout=seconds)
        self._thread.join(seconds)

    async def ask(self, question: Question) -> Reply:
        """The reply to a question.

        Raises:
            HTTPException: 503 when too many wait already, or it takes too long; or as the question.
            LampasError: as the question.
        """
        job = _Job(question)
        try:
            self._queue.put_nowait(job)
            async with asyncio.timeout(self._limits.seconds):
                return await asyncio.wrap_future(job.reply)
        except queue.Full:
            raise busy("too many requests are waiting") from None
        except TimeoutError:
            raise busy(f"no answer within {self._limits.seconds:g} seconds") from None

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            self._answer(self._with_others(job))

    def _with_others(self, job: _Job | None) -> list[_Job]:
        """This job and those that wait, read, until there are enough examples."""
        jobs: list[_Job] = []
        while job is not None:
            if job.read(self._predictor):
                jobs.append(job)
            if sum(job.examples for job in jobs) >= TOGETHER or self._queue.empty():
                return jobs
            job = self._queue.get_nowait()
        self._queue.put(None)  # the word to stop is for the loop
        return jobs

    def _answer(self, jobs: Sequence[_Job]) -> None:
        try:
            asked = [asked for job in jobs for asked in job.asked]
            answers = iter(answer(self._predictor, asked) if asked else [])
            for job in jobs:
                job.close([one for _ in job.asked for one in next(answers)])
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].fail(error)
            else:  # the others shall not suffer for one
                for job in jobs:
                    self._answer([job])


def busy(why: str) -> HTTPException:
    """A refusal of what may be asked again a little later."""
    return HTTPException(503, f"{why}. Try again in a moment.", {"Retry-After": "1"})


SIZES = (8, 128)
"""Examples of a pass: each size is one program; what is fewer is filled up to the next."""


def answer(predictor: Predictor, asked: Sequence[Asked]) -> list[list[Answer]]:
    """The answers to each, all asked together; the inputs are arrays."""
    together = _joined(asked)
    found = [one for batch in _batches(together) for one in _answers(predictor, batch)]
    ends = np.cumsum([len(one.names) for one in asked]).tolist()
    return [found[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _joined(asked: Sequence[Asked]) -> Asked:
    names = [name for one in asked for name in one.names]
    times = [steps for one in asked for steps in one.times or [[]] * len(one.names)]
    x = jax.tree.map(lambda *parts: np.concatenate(parts), *(one.x for one in asked))
    return Asked(names, x, times)


def _batches(asked: Asked) -> Iterator[Asked]:
    for start in range(0, len(asked.names), SIZES[-1]):
        rows = slice(start, start + SIZES[-1])
        x = jax.tree.map(lambda a, rows=rows: a[rows], asked.x)
        yield Asked(asked.names[rows], x, asked.times[rows])


def _answers(predictor: Predictor, batch: Asked) -> list[Answer]:
    count = len(batch.names)
    rows = np.minimum(np.arange(next(size for size in SIZES if size >= count)), count - 1)
    x = jax.tree.map(lambda a: a[rows], batch.x)
    filled = Asked([batch.names[i] for i in rows], x, [batch.times[i] for i in rows])
    return predictor.answers(filled)[:count]
