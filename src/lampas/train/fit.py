"""The training loop around the compiled program: run chunks of steps, call the callbacks, stop.

Each chunk is one call of the program of ``epoch.py``.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.errors import DivergedError
from ..core.functional import plain_attributes
from .callbacks.base import CallbackList
from .checkpoint import CheckpointManager
from .diagnostics.divergence import diagnose
from .epoch import Position
from .fit_state import FitState
from .history import History
from .interrupts import Interrupt, interruptible
from .source import Chunk, Source, advance

CHUNK_SECONDS = 0.1
"""Target duration of one compiled call; progress, callbacks and Ctrl-C have to wait that long."""

CHANGED_MODEL = (
    "A callback has changed the model during fit, whose program was compiled before: the change "
    "takes effect in the next fit. Keep a number that changes during a fit in a variable, such as "
    "self.beta = lampas.State(jnp.float32(0))."
)


@dataclass
class FitLoop:
    """The loop of one ``fit``.

    Args:
        state: progress of the fit; changed by each chunk.
        validation: evaluated at the end of each epoch, or None.
        epochs: the epoch before which the fit ends.
        callbacks: all callbacks, ``history`` among them.
        history: returned by ``run``.
        checkpoints: writes the state to disk, or None.
        validation_freq: after how many epochs to validate, or the numbers of these epochs from 1.
        chunk_steps: steps of the next chunk, adapted so that it takes :data:`CHUNK_SECONDS`.
    """

    state: FitState
    validation: Source | None
    epochs: int
    callbacks: CallbackList
    history: History
    checkpoints: CheckpointManager | None = None
    validation_freq: int | Sequence[int] = 1
    chunk_steps: int = 1

    def run(self) -> History:
        """Train to the end; ``on_train_end`` is called even after an error or Ctrl-C."""
        self._started_at = time.perf_counter()
        with interruptible() as interrupt:
            self.state.source.set_interrupt_check(lambda: interrupt.requested)
            try:
                self.begin()
                self.run_epochs(interrupt)
            except DivergedError as error:
                if not self.callbacks.handles_divergence:
                    raise
                self.callbacks.on_diverged(error)
            finally:
                for source in filter(None, (self.state.source, self.validation)):
                    source.close()
                self.history.interrupted = interrupt.requested
                self.history.seconds = time.perf_counter() - self._started_at
                self.end()
        return self.history

    def begin(self) -> None:
        """Prepare the model and the callbacks; resume from a checkpoint if there is one."""
        state, uses = self.state, self.callbacks.uses
        self.callbacks.set_fit_state(state)
        state.trainer.warn_if_frozen()
        state.trainer.own_buffers()
        state.sums = [sums[0] for sums in self._zero_sums(1)]
        layout = state.source.layout
        self.max_epochs = state.trainer.max_epochs_per_call(state.source.example, layout)
        self.batch_hooks = self.callbacks.batch_hooks("train")
        epoch_hooks = self.validation is not None or uses("on_epoch_begin", "on_epoch_end")
        self.every_epoch = epoch_hooks or layout.streamed
        # Line by line, a change of the model takes effect at once.
        self.checks_model = not (state.trainer.run_eagerly or self.callbacks.are_of_lampas())
        self.attributes = plain_attributes(state.trainer.model)
        self.callbacks.on_train_begin({})
        if self.checkpoints is not None:
            self.checkpoints.resume(state, self.callbacks)
            self._started_at -= state.seconds

    def run_epochs(self, interrupt: Interrupt) -> None:
        """Run chunk after chunk until the last epoch ends, or a callback or Ctrl-C stops it."""
        state = self.state
        while not self.is_finished() and not interrupt.requested:
            if state.position.step_in_epoch == 0:
                self.callbacks.on_epoch_begin(state.position.epoch, {})
                if self.checks_model and self.has_changed_model():
                    self.checks_model = False
                    warnings.warn(CHANGED_MODEL, stacklevel=2)
            epoch_ended = self.run_chunk()
            state.seconds = time.perf_counter() - self._started_at
            if self.checkpoints is not None:
                self.checkpoints.after_chunk(state, self.callbacks, epoch_ended)
        if self.checkpoints is not None:
            self.checkpoints.at_end(state, self.callbacks)

    def has_changed_model(self) -> bool:
        """Whether a callback has changed what the compiled program contains of the model."""
        attributes = plain_attributes(self.state.trainer.model)
        same = self.attributes.items() <= attributes.items()
        return not same or self.state.trainer.is_outdated()

    def is_finished(self) -> bool:
        """Whether all epochs are done, or a callback has stopped the fit after an epoch."""
        position = self.state.position
        stopped = self.state.trainer.model.stop_training and position.step_in_epoch == 0
        return stopped or position.epoch >= self.epochs

    def run_chunk(self) -> bool:
        """Run some steps, then the callbacks; returns whether an epoch ended.

        Raises:
            DivergedError: if a step was not finite; the steps before it are done.
        """
        state = self.state
        epochs_left = self.epochs - state.position.epoch
        chunk = state.source.chunk(state.position, self.max_steps(), epochs_left)
        if chunk is None:
            return False
        if self.batch_hooks:
            self.batch_hooks.begin(state.position.step_in_epoch, {})
        began = time.perf_counter()
        steps, sums = self.train_chunk(chunk)
        self.adapt_chunk_steps(steps, time.perf_counter() - began)
        if self.checks_model:
            self.attributes = plain_attributes(state.trainer.model)
        diverged = steps < chunk.steps
        end = advance(chunk.start, steps, chunk.layout.steps) if diverged else chunk.end
        state.position = end
        self.run_callbacks(chunk.start, sums, diverged)
        if diverged:
            raise diagnose(state.trainer, *state.next_batch(), end, state.source.steps)
        return end.epoch > chunk.start.epoch

    def max_steps(self) -> int:
        """How many steps the next chunk may take."""
        if self.batch_hooks:
            return 1
        steps = self.state.source.steps or self.chunk_steps
        epochs = 1 if self.every_epoch else self.max_epochs
        return min(self.chunk_steps, epochs * steps - self.state.position.step_in_epoch)

    def train_chunk(self, chunk: Chunk) -> tuple[int, list[np.ndarray]]:
        """Run the compiled steps of a chunk.

        Returns how many stayed finite, and the sums with one row per epoch.
        """
        sums: Any = self._zero_sums(self.max_epochs)
        for rows, so_far in zip(sums, self.state.sums, strict=True):
            rows[0] = so_far
        order, sums, steps = self.state.trainer.train_chunk(chunk, sums, self.state.key)
        self.state.source.save_order(order)
        return steps, [np.asarray(rows) for rows in sums]

    def adapt_chunk_steps(self, steps: int, seconds: float) -> None:
        """Choose the length of the next chunk after one of ``steps`` steps took ``seconds``."""
        on_time = max(1, int(steps * CHUNK_SECONDS / max(seconds, 1e-9)))
        self.chunk_steps = min(on_time, 16 * max(self.chunk_steps, steps))

    def run_callbacks(self, start: Position, sums: list[np.ndarray], diverged: bool) -> None:
        """Call the hooks of the epochs and batches between ``start`` and the current position."""
        state, end = self.state, self.state.position
        at_epoch_end = end.step_in_epoch == 0
        # An epoch whose first step diverged has no values.
        rows = end.epoch - start.epoch + (not at_epoch_end and not diverged)
        state.sums = [values[rows - 1] if rows else values[0] for values in sums]
        results = state.trainer.logs(training=True).results([values[:rows] for values in sums])
        for epoch, logs in enumerate(results, start.epoch):
            state.logs = logs
            if self.batch_hooks:
                self.batch_hooks.end(start.step_in_epoch, logs)
            if epoch < end.epoch:
                self.end_epoch(epoch)
                if epoch + 1 < end.epoch or not at_epoch_end:
                    self.callbacks.on_epoch_begin(epoch + 1, {})
        if at_epoch_end:
            state.sums = [np.zeros_like(values) for values in state.sums]
        state.ended = self.is_finished()
        if end == start:
            return
        # A finished epoch is shown as complete, not as the next one at step 0.
        if at_epoch_end:
            epoch, steps = end.epoch - 1, state.source.steps
        else:
            epoch, steps = end.epoch, end.step_in_epoch
        steps = steps or end.step - start.step + start.step_in_epoch
        self.callbacks.on_progress(epoch, steps, state.logs)

    def end_epoch(self, epoch: int) -> None:
        """Validate and call ``on_epoch_end``, with the averaged weights if there are any."""
        trainer = self.state.trainer
        if trainer.optimizer.ema_momentum is None:
            self.validate(epoch)
            return
        params = trainer.params_and_state[0]
        trainer.assign_params(trainer.ema_weights)
        self.validate(epoch)
        trainer.assign_params(params)

    def validate(self, epoch: int) -> None:
        """Evaluate on the validation data if it is due, then call ``on_epoch_end``."""
        state, frequency, number = self.state, self.validation_freq, epoch + 1
        due = frequency if isinstance(frequency, Sequence) else range(0, number + 1, frequency)
        state.validated = number in due
        if self.validation is not None and state.validated:
            self.callbacks.on_test_begin({})
            # The model state after validation is dropped: stateful layers continue from training.
            results, _ = state.trainer.evaluate(self.validation, self.callbacks.batch_hooks("test"))
            self.callbacks.on_test_end(results)
            state.logs = state.logs | {f"val_{name}": value for name, value in results.items()}
        self.callbacks.on_epoch_end(epoch, state.logs)

    def end(self) -> None:
        """Give the model its averaged weights, and call ``on_train_end``."""
        trainer = self.state.trainer
        trainer.assign_params(trainer.ema_weights)
        try:
            self.callbacks.on_train_end(self.state.logs)
        finally:
            # The history lives as long as the model and must not keep the data of the fit alive.
            self.callbacks.set_fit_state(None)

    def _zero_sums(self, rows: int) -> list[np.ndarray]:
        source = self.state.source
        return self.state.trainer.zero_sums(source.example, source.layout, rows)
