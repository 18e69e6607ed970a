"""Stage six around the compiled program: iterate, listen, stop at the right time."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import DivergedError
from ..core.variable import Array
from .callbacks.base import CallbackList
from .epoch import Pace, full_and_rest
from .history import History
from .interrupts import Interrupt, interruptible
from .step import Batch, size
from .stream import Stream, is_streamed
from .trainer import Trainer

CHUNK_SECONDS = 0.1
"""How long the device works before Python looks up: for progress, callbacks and Ctrl-C."""


@dataclass
class Fit:
    """One run of ``fit``: where it is, and what it tells whom.

    ``step`` counts the optimizer steps from epoch 0; ``length`` is how many steps the next chunk
    takes, adapted so that a chunk lasts about :data:`CHUNK_SECONDS`.
    """

    trainer: Trainer
    data: Batch
    validation: Batch | None
    batch_size: int
    epochs: int
    initial_epoch: int
    shuffle: bool
    seed: int
    callbacks: CallbackList
    history: History
    length: int = 1
    sums: list[np.ndarray] = field(default_factory=list)

    def run(self) -> History:
        """Train to the end, however it comes; the callbacks are told of it in any case."""
        began = time.perf_counter()
        self._start()
        with interruptible() as interrupt:
            try:
                self.callbacks.on_train_begin()
                self._epochs(interrupt)
            finally:
                if self.stream is not None:
                    self.stream.close()
                self.history.interrupted = interrupt.asked
                self.history.seconds = time.perf_counter() - began
                self.callbacks.on_train_end(self.logs)
        return self.history

    def _start(self) -> None:
        streamed = is_streamed(self.data)
        self.full, self.rest = full_and_rest(self.data, self.batch_size, self.shuffle, streamed)
        self.key = jax.random.key(self.seed)
        self.stream = Stream(self.data, self.full, self.key) if streamed else None
        self.order: Array = jnp.arange(size(self.data), dtype=jnp.int32)
        self.step = self.initial_epoch * self.full.steps
        self.logs: dict[str, float] = {}
        self.sums = [table[0] for table in self.trainer.tables(self.data, self.full, 1)]
        self.trainer.take_over()
        self.most_epochs = self.trainer.most_epochs(self.data, self.full)
        uses = self.callbacks.uses
        self.every_batch = uses("on_train_batch_begin", "on_train_batch_end")
        listening = self.validation is not None or uses("on_epoch_begin", "on_epoch_end")
        self.every_epoch = listening or streamed

    def _epochs(self, interrupt: Interrupt) -> None:
        steps, model = self.full.steps, self.trainer.model
        if self.step < self.epochs * steps:
            self.callbacks.on_epoch_begin(self.initial_epoch)
        while self.step < self.epochs * steps and not interrupt.asked:
            self._chunk()
            if self.step % steps == 0 and model.stop_training:
                break

    def _chunk(self) -> None:
        """Run some steps, then tell everyone."""
        pace, last = self._until(self.step)
        first, place = self.step, self.step % self.full.steps
        if self.every_batch:
            self.callbacks.on_train_batch_begin(place)
        began = time.perf_counter()
        rows = self._run(pace, first, last)
        self._adapt(last - first, time.perf_counter() - began)
        self.step = last
        self._tell(first, rows)

    def _until(self, step: int) -> tuple[Pace, int]:
        """The program for the steps from ``step`` on, and the step at which they end."""
        steps = self.full.steps
        epoch_end = (step // steps + 1) * steps
        if self.rest is not None and step == epoch_end - 1:
            return self.rest, epoch_end
        end = epoch_end - (self.rest is not None)
        if self.rest is None and not self.every_epoch:
            end = min(self.epochs, step // steps + self.most_epochs) * steps
        length = self.length if self.stream is None else self.stream.length
        return self.full, min(end, step + (1 if self.every_batch else length))

    def _run(self, pace: Pace, first: int, last: int) -> list[np.ndarray]:
        """Run steps; returns tables of sums with a row for each epoch that they touch."""
        tables: Any = self.trainer.tables(self.data, self.full, self.most_epochs)
        for table, so_far in zip(tables, self.sums, strict=True):
            table[0] = so_far
        data = self.data
        if self.stream is not None:
            self.order, data = self.stream.get(pace, first, last)
            if last < self.epochs * self.full.steps:
                following, end = self._until(last)
                self.stream.read_ahead(following, last, end)
        self.order, tables = self.trainer.train(
            pace, self.order, tables, data, self.key, first, last
        )
        touched = (last - 1) // self.full.steps - first // self.full.steps + 1
        return [np.asarray(table)[:touched] for table in tables]

    def _adapt(self, steps: int, seconds: float) -> None:
        wanted = max(1, int(steps * CHUNK_SECONDS / max(seconds, 1e-9)))
        self.length = min(wanted, 16 * max(self.length, steps))

    def _tell(self, first: int, tables: list[np.ndarray]) -> None:
        steps, begun = self.full.steps, first // self.full.steps
        ended = self.step // steps
        for epoch, logs in enumerate(self.trainer.objective.results(tables), begun):
            self.logs = logs
            self._check_finite(epoch)
            if self.every_batch:
                self.callbacks.on_train_batch_end((self.step - 1) % steps, logs)
            if epoch < ended:
                self._end_epoch(epoch)
        whole = self.step % steps == 0
        self.sums = [np.zeros_like(table[-1]) if whole else table[-1] for table in tables]
        self.callbacks.on_progress(epoch, steps if whole else self.step % steps, self.logs)

    def _end_epoch(self, epoch: int) -> None:
        if self.validation is not None:
            self.callbacks.on_test_begin()
            # What validation does to layers that remember is forgotten.
            measured, _ = self.trainer.evaluate(self.validation, self.batch_size)
            validated = {f"val_{name}": value for name, value in measured.items()}
            self.callbacks.on_test_end(validated)
            self.logs = self.logs | validated
        self.callbacks.on_epoch_end(epoch, self.logs)
        if epoch + 1 < self.epochs and not self.trainer.model.stop_training:
            self.callbacks.on_epoch_begin(epoch + 1)

    def _check_finite(self, epoch: int) -> None:
        if not math.isfinite(self.logs["loss"]):
            raise DivergedError(
                f"the loss became {self.logs['loss']} in epoch {epoch + 1}. The learning rate "
                f"({self.trainer.optimizer.learning_rate:g}) may be too large, the inputs may not "
                "be scaled, or the loss takes the logarithm of 0. The epochs before it are in "
                "model.history; EarlyStopping(restore_best_weights=True) brings back the best "
                "weights."
            )
