"""A learning rate for each epoch."""

from __future__ import annotations

from collections.abc import Callable

from .base import Callback, Logs


class LearningRateScheduler(Callback):
    """Set the learning rate at the beginning of each epoch.

    Args:
        schedule: from the epoch, counted from 0, and the rate until then to the rate from then on.
        verbose: 1 prints each rate.

    A schedule by the step needs no callback: give it to the optimizer in place of a rate.
    Raises ArgumentError for a rate that is not positive, or an optimizer with such a schedule.
    """

    def __init__(self, schedule: Callable[[int, float], float], verbose: int = 0) -> None:
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        optimizer.learning_rate = float(self.schedule(epoch, optimizer.learning_rate))
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate {optimizer.learning_rate:g}.")
