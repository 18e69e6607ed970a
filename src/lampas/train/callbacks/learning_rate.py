"""Callbacks that change the learning rate between epochs."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

from ...core.arguments import NonNegativeFloat, NonNegativeInt, OpenFraction
from ...core.errors import ArgumentError
from ...core.terminal import write_line
from .base import Callback, Logs, Mode, MonitorCallback


def _takes_two(schedule: Callable[..., float]) -> bool:
    """Whether a function can be called with an epoch and a rate."""
    try:
        inspect.signature(schedule).bind(0, 0.1)
    except TypeError:
        return False
    except ValueError:  # a function in C without a signature
        pass
    return True


def _check_rate_can_change(callback: Callback) -> None:
    if callback.model.optimizer.schedule is not None:
        raise ArgumentError(
            f"{type(callback).__name__} changes the learning rate, which follows the schedule of "
            "the optimizer. Give the optimizer a number as its learning rate, or leave the "
            "callback out."
        )


class LearningRateScheduler(Callback):
    """Set the learning rate at the beginning of each epoch, and log it as ``learning_rate``.

    Args:
        schedule: a function of the epoch, counted from 0, or of the epoch and the current rate,
            that returns the new rate.
        verbose: 1 prints each rate.

    A schedule by step needs no callback: pass it to the optimizer in place of a rate.

    Raises:
        ArgumentError: in the fit, for a rate that is not positive; before the training, for an
            optimizer with a schedule.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> model = lp.Sequential([lp.Dense(1)])
        >>> model.compile(lp.SGD(0.1), "mse")
        >>> halve = lp.LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1)
        >>> history = model.fit(
        ...     np.ones((4, 2)), np.ones((4, 1)), epochs=2, callbacks=[halve], verbose=0
        ... )
        Epoch 1: learning rate 0.05.
        Epoch 2: learning rate 0.025.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        self.schedule, self.verbose = schedule, verbose
        self._takes_rate = _takes_two(schedule)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        _check_rate_can_change(self)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        arguments = (epoch, optimizer.learning_rate) if self._takes_rate else (epoch,)
        rate = self.schedule(*arguments)
        try:
            optimizer.learning_rate = float(rate)
        except TypeError:
            raise ArgumentError(
                f"the schedule of LearningRateScheduler must return a number, got {rate!r:.60} for "
                f"epoch {epoch}."
            ) from None
        if self.verbose:
            write_line(f"Epoch {epoch + 1}: learning rate {optimizer.learning_rate:g}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        _log_learning_rate(self, logs)


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by ``factor`` when ``monitor`` has not improved for a while.

    The learning rate of each epoch is logged as ``learning_rate``.

    Args:
        monitor: name of the logged value.
        factor: ratio of the new rate to the old one, between 0 and 1.
        patience: number of epochs without improvement after which the rate is reduced.
        verbose: 1 prints a line when the rate changes.
        mode: whether "min" or "max" is better; "auto" asks the metric.
        min_delta: a smaller change does not count as an improvement.
        cooldown: number of epochs after a change that are not counted.
        min_lr: lower bound of the rate.

    Each fit starts with the current rate of the optimizer, and counts from 0.

    Raises:
        ArgumentError: for an argument out of range; before the training, if ``monitor`` is not
            logged, or the optimizer has a schedule.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> model = lp.Sequential([lp.Dense(1)])
        >>> model.compile(lp.SGD(1e-9), "mse")
        >>> plateau = lp.ReduceLROnPlateau("loss", factor=0.5, patience=1, verbose=1)
        >>> history = model.fit(
        ...     np.ones((4, 2)), np.ones((4, 1)), epochs=2, callbacks=[plateau], verbose=0
        ... )
        Epoch 2: learning rate reduced to 5e-10.
    """

    state_attributes = ("best", "wait", "rest")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: OpenFraction = 0.1,
        patience: NonNegativeInt = 10,
        verbose: int = 0,
        mode: Mode = "auto",
        min_delta: float = 1e-4,
        cooldown: NonNegativeInt = 0,
        min_lr: NonNegativeFloat = 0.0,
    ) -> None:
        super().__init__(monitor, mode)
        self.factor, self.min_lr = factor, min_lr
        self.patience, self.cooldown, self.verbose = patience, cooldown, verbose
        self.min_delta = abs(min_delta)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        _check_rate_can_change(self)
        super().on_train_begin(logs)
        self.best, self.wait, self.rest = math.inf, 0, 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        _log_learning_rate(self, logs)
        value = self.current(logs)
        if value is None:
            return
        current = self._sign * value
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
                write_line(f"Epoch {epoch + 1}: learning rate reduced to {rate:g}.")


def _log_learning_rate(callback: Callback, logs: Logs | None) -> None:
    if logs is not None:
        logs["learning_rate"] = callback.model.optimizer.learning_rate
