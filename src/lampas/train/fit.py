"""Stage six around the compiled program: iterate, listen, stop at the right time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import DivergedError
from .callbacks.base import CallbackList
from .checkpoint import Checkpoints
from .diagnostics.divergence import diagnose
from .epoch import Place, draw_for
from .history import History
from .inputs.source import Chunk, Source, after
from .interrupts import Interrupt, interruptible
from .step import Batch, Draw
from .trainer import Trainer

CHUNK_SECONDS = 0.1
"""How long the device works before Python looks up: for progress, callbacks and Ctrl-C."""


@dataclass
class Fit:
    """One run of ``fit``: where it is, and what it tells whom.

    ``place`` is how far it has come; ``length`` is how many steps the next chunk takes, adapted so
    that a chunk lasts about :data:`CHUNK_SECONDS`; ``before`` are the seconds of fits that this one
    goes on from.
    """

    trainer: Trainer
    source: Source
    validation: Source | None
    epochs: int
    place: Place
    key: jax.Array
    callbacks: CallbackList
    history: History
    checkpoints: Checkpoints | None = None
    length: int = 1
    before: float = 0.0
    logs: dict[str, float] = field(default_factory=dict)

    def run(self) -> History:
        """Train to the end, however it comes; the callbacks are told of it in any case."""
        self._began = time.perf_counter()
        with interruptible() as interrupt:
            self.source.listen(lambda: interrupt.asked)
            try:
                self._start()
                self.callbacks.on_train_begin()
                if self.checkpoints is not None:
                    self.checkpoints.resume(self)
                self._epochs(interrupt)
            except DivergedError as error:
                if not self.callbacks.stops_on_nan:
                    raise
                self.callbacks.on_diverged(error)
            finally:
                for source in filter(None, (self.source, self.validation)):
                    source.close()
                self.history.interrupted = interrupt.asked
                self.history.seconds = self.seconds
                self._end()
        return self.history

    @property
    def seconds(self) -> float:
        """How long it has gone on, also before it was resumed."""
        return self.before + time.perf_counter() - self._began

    @property
    def ended(self) -> bool:
        """Whether nothing is left to be done."""
        stopped = self.trainer.model.stop_training and self.place.done == 0
        return stopped or self.place.epoch >= self.epochs

    def upcoming(self) -> tuple[Batch, Draw]:
        """The batch of the next step, and what that step draws its random numbers from."""
        batch, rows = self.source.batch(self.place)
        step, epoch = jnp.int32(self.place.step), jnp.int32(self.place.epoch)
        return batch, draw_for(self.key, step, epoch, rows)

    def _start(self) -> None:
        self.callbacks.set_fit(self)
        self.trainer.take_over()
        self.sums = [table[0] for table in self._empty(1)]
        self.most_epochs = self.trainer.most_epochs(self.source.example, self.source.pace)
        uses = self.callbacks.uses
        self.every_batch = uses("on_train_batch_begin", "on_train_batch_end")
        listening = self.validation is not None or uses("on_epoch_begin", "on_epoch_end")
        self.every_epoch = listening or self.source.pace.streamed

    def _empty(self, rows: int) -> list[np.ndarray]:
        return self.trainer.tables(self.source.example, self.source.pace, rows)

    def _epochs(self, interrupt: Interrupt) -> None:
        while not self.ended and not interrupt.asked:
            if self.place.done == 0:
                self.callbacks.on_epoch_begin(self.place.epoch)
            ended = self._chunk()
            if self.checkpoints is not None:
                self.checkpoints.after_chunk(self, ended)
        if self.checkpoints is not None:
            self.checkpoints.at_end(self)

    def _chunk(self) -> bool:
        """Run some steps, then tell everyone; returns whether an epoch ended."""
        chunk = self.source.chunk(self.place, self._most(), self.epochs - self.place.epoch)
        if chunk is None:
            return False
        if self.every_batch:
            self.callbacks.on_train_batch_begin(self.place.done)
        began = time.perf_counter()
        done, tables = self._run(chunk)
        self._adapt(done, time.perf_counter() - began)
        diverged = done < chunk.steps
        end = after(chunk.first, done, chunk.pace.steps) if diverged else chunk.end
        self.place = end
        self._tell(chunk.first, end, tables, diverged)
        if diverged:
            raise diagnose(self.trainer, *self.upcoming(), end, self.source.steps)
        return end.epoch > chunk.first.epoch

    def _most(self) -> int:
        """How many steps the next chunk may take."""
        if self.every_batch:
            return 1
        steps = self.source.steps or self.length
        epochs = 1 if self.every_epoch else self.most_epochs
        return min(self.length, epochs * steps - self.place.done)

    def _run(self, chunk: Chunk) -> tuple[int, list[np.ndarray]]:
        """Run steps; returns how many stayed finite, and tables with a row for each epoch."""
        tables: Any = self._empty(self.most_epochs)
        for table, so_far in zip(tables, self.sums, strict=True):
            table[0] = so_far
        order, tables, done = self.trainer.train(chunk, tables, self.key)
        self.source.keep(order)
        return done, [np.asarray(table) for table in tables]

    def _adapt(self, steps: int, seconds: float) -> None:
        wanted = max(1, int(steps * CHUNK_SECONDS / max(seconds, 1e-9)))
        self.length = min(wanted, 16 * max(self.length, steps))

    def _tell(self, first: Place, end: Place, tables: list[np.ndarray], diverged: bool) -> None:
        whole = end.done == 0
        # The row of an epoch that has only begun to go wrong tells nothing.
        rows = end.epoch - first.epoch + (not whole and not diverged)
        rest = [table[rows - 1] if rows else table[0] for table in tables]
        results = self.trainer.objective.results([table[:rows] for table in tables])
        for epoch, logs in enumerate(results, first.epoch):
            self.logs = logs
            if self.every_batch:
                self.callbacks.on_train_batch_end(first.done, logs)
            if epoch < end.epoch:
                self._end_epoch(epoch)
                if epoch + 1 < end.epoch or not whole:
                    self.callbacks.on_epoch_begin(epoch + 1)
        self.sums = [np.zeros_like(row) if whole else row for row in rest]
        if end != first:
            # An epoch that is over is shown as such, not as the next one with nothing done.
            epoch, done = (end.epoch - 1, self.source.steps) if whole else (end.epoch, end.done)
            self.callbacks.on_progress(epoch, done or end.step - first.step + first.done, self.logs)

    def _end_epoch(self, epoch: int) -> None:
        if self.trainer.optimizer.ema_momentum is None:
            self._judge(epoch)
            return
        # Judged, and kept by callbacks, are the moving averages of the weights.
        before = self.trainer.arrays[0]
        self.trainer.assign(self.trainer.averages)
        self._judge(epoch)
        self.trainer.assign(before)

    def _judge(self, epoch: int) -> None:
        """Validate, and tell the callbacks."""
        if self.validation is not None:
            self.callbacks.on_test_begin()
            # What validation does to layers that remember is forgotten.
            measured, _ = self.trainer.evaluate(self.validation)
            validated = {f"val_{name}": value for name, value in measured.items()}
            self.callbacks.on_test_end(validated)
            self.logs = self.logs | validated
        self.callbacks.on_epoch_end(epoch, self.logs)

    def _end(self) -> None:
        self.trainer.assign(self.trainer.averages)
        try:
            self.callbacks.on_train_end(self.logs)
        finally:
            # The history lives as long as the model; the data of the fit need not.
            self.callbacks.set_fit(None)
