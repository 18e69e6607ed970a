"""A learning rate for each epoch.

Smaller steps when the model no longer gets better.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

from ...core.errors import ArgumentError
from .base import Callback, Logs, Mode, larger_is_better, monitored


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


class ReduceLROnPlateau(Callback):
    """Multiply the learning rate by ``factor`` when ``monitor`` has not improved for a while.

    Args:
        monitor: the logged value that is watched.
        factor: of the new rate to the old one, below 1.
        patience: epochs without improvement until then.
        verbose: 1 prints a line when the rate changes.
        mode: whether "min" or "max" is better; "auto" tells from the name.
        min_delta: a smaller change does not count as an improvement.
        cooldown: epochs after a change that are not counted.
        min_lr: the rate is never made smaller than this.

    Each fit starts afresh, with the rate that the optimizer has then.
    Raises ArgumentError for a factor of 1 or more, and for a monitor that is not logged.
    """

    remembers: ClassVar[tuple[str, ...]] = ("best", "wait", "rest")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: Mode = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        if not 0.0 < factor < 1.0:
            raise ArgumentError(f"factor must be between 0 and 1, got {factor}.")
        self.monitor = monitor
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.min_delta = abs(min_delta)
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._sign = -1.0 if larger_is_better(monitor, mode) else 1.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.best, self.wait, self.rest = math.inf, 0, 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        current = self._sign * monitored(self.monitor, logs, "ReduceLROnPlateau")
        if self.rest:
            self.rest, self.wait = self.rest - 1, 0
        if current < self.best - self.min_delta:
            self.best, self.wait = current, 0
        elif not self.rest:
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        optimizer = self.model.optimizer
        rate = max(optimizer.learning_rate * self.factor, self.min_lr)
        self.wait, self.rest = 0, self.cooldown
        if rate < optimizer.learning_rate:
            optimizer.learning_rate = rate
            if self.verbose:
                print(f"Epoch {epoch + 1}: learning rate reduced to {rate:g}.")
