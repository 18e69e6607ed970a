"""Callbacks that end a fit early: without improvement, or when it diverges."""

from __future__ import annotations

import math

from ...core.arguments import NonNegativeInt
from ...core.errors import DivergedError
from ...core.functional import Arrays
from ...core.terminal import write_line
from .base import Callback, Logs, Mode, MonitorCallback


class EarlyStopping(MonitorCallback):
    """End the fit when ``monitor`` has not improved for ``patience`` epochs.

    Args:
        monitor: name of the logged value.
        min_delta: a smaller change does not count as an improvement.
        patience: number of epochs without improvement after which to stop.
        verbose: 1 prints a line when the fit is stopped.
        mode: whether "min" or "max" is better; "auto" asks the metric.
        baseline: only an improvement over this value, too, resets the patience.
        restore_best_weights: whether to assign the weights of the best epoch at the end, however
            the fit ends; they are copied on the device.
        start_from_epoch: epochs before this one are ignored.

    After a fit, ``best`` is the best value, ``best_epoch`` its epoch, and ``stopped_epoch`` the
    epoch in which the fit was stopped (0 if it was not). Each fit resets them.

    Raises:
        ArgumentError: for an unknown mode; before the training, if ``monitor`` is not logged, or it
            is not known whether larger values are better.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> model = lp.Sequential([lp.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> stopping = lp.EarlyStopping("loss", min_delta=100, patience=2)
        >>> history = model.fit(
        ...     np.ones((4, 2)), np.ones((4, 1)), epochs=9, callbacks=[stopping], verbose=0
        ... )
        >>> history.epoch
        [0, 1, 2]
    """

    state_attributes = ("wait", "best", "best_epoch", "stopped_epoch", "_best_weights")

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: NonNegativeInt = 0,
        verbose: int = 0,
        mode: Mode = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: NonNegativeInt = 0,
    ) -> None:
        super().__init__(monitor, mode)
        self.baseline = baseline
        self.min_delta, self.patience = abs(min_delta), patience
        self.verbose, self.restore_best_weights = verbose, restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._start()

    def _start(self) -> None:
        self.best: float | None = None
        self.wait = self.best_epoch = self.stopped_epoch = 0
        self._best_weights: Arrays | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        super().on_train_begin(logs)
        self._start()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        current = self.current(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self._best_weights is None:
            # Without any improvement the weights of the first epoch count as the best.
            self._save_best(epoch)
        self.wait += 1
        if self._improves(current, self.best):
            self.best = current
            self._save_best(epoch)
            if self._improves(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self._best_weights is not None and self.restore_best_weights:
            self.model.assign_arrays(self._best_weights)
        self._best_weights = None
        if self.stopped_epoch and self.verbose:
            best = f"{self.monitor} was best in epoch {self.best_epoch + 1}"
            write_line(f"Epoch {self.stopped_epoch + 1}: stopped early; {best}.")

    def _save_best(self, epoch: int) -> None:
        self.best_epoch = epoch
        self._best_weights = self.model.copy_arrays() if self.restore_best_weights else {}

    def _improves(self, value: float, reference: float | None) -> bool:
        if reference is None:
            return not math.isnan(value)
        return self._sign * value + self.min_delta < self._sign * reference


class TerminateOnNaN(Callback):
    """End the fit, with its history, when the loss or a gradient becomes NaN or infinite.

    Without it such a fit raises DivergedError. The text of the error is printed, and the model
    keeps the weights from before the step.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> model = lp.Sequential([lp.Dense(1)])
        >>> model.compile("sgd", lambda y, y_pred: (y_pred - y)[:, 0] / 0.0)
        >>> history = model.fit(
        ...     np.ones((4, 2)), np.ones((4, 1)), callbacks=[lp.TerminateOnNaN()], verbose=0
        ... )  # doctest: +ELLIPSIS
        The fit ends early...
        >>> history.epoch
        []
    """

    handles_divergence = True

    def on_diverged(self, error: DivergedError) -> None:
        self.model.stop_training = True
        write_line(f"The fit ends early. {error}")
