"""Stop when the model no longer gets better on data it does not learn from.

End a fit quietly when it diverges.
"""

from __future__ import annotations

import math
from typing import ClassVar

from ...core.errors import DivergedError
from ...core.functional import Arrays
from .base import Callback, Logs, Mode, larger_is_better, monitored


class EarlyStopping(Callback):
    """End the fit when ``monitor`` has not improved for ``patience`` epochs.

    Args:
        monitor: the logged value that is watched.
        min_delta: a smaller change does not count as an improvement.
        patience: epochs without improvement that are let pass.
        verbose: 1 prints a line when it stops.
        mode: whether "min" or "max" is better; "auto" tells from the name.
        baseline: the value that must be bettered for the waiting to begin anew.
        restore_best_weights: leave the model with the weights of its best epoch, however the fit
            ends; the copy stays on the device.
        start_from_epoch: epochs before this one are not watched.

    After a fit, ``best``, ``best_epoch`` and ``stopped_epoch`` (0: it did not stop) tell what
    happened. Each fit starts afresh.
    """

    remembers: ClassVar[tuple[str, ...]] = (
        "wait",
        "best",
        "best_epoch",
        "stopped_epoch",
        "_best_weights",
    )

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: Mode = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        self.monitor = monitor
        self.min_delta = abs(min_delta)
        self.patience = patience
        self.verbose = verbose
        self.mode = mode
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._sign = -1.0 if larger_is_better(monitor, mode) else 1.0
        self._start()

    def _start(self) -> None:
        self.wait = 0
        self.best: float | None = None
        self.best_epoch = 0
        self.stopped_epoch = 0
        self._best_weights: Arrays | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._start()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        current = monitored(self.monitor, logs, "EarlyStopping")
        if epoch < self.start_from_epoch:
            return
        if self._best_weights is None:
            # Without any improvement the first epoch's weights are the best there are.
            self._keep(epoch)
        self.wait += 1
        if self._improves(current, self.best):
            self.best = current
            self._keep(epoch)
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
            print(f"Epoch {self.stopped_epoch + 1}: stopped early; {best}.")

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        self._best_weights = self.model.copy_arrays() if self.restore_best_weights else {}

    def _improves(self, value: float, reference: float | None) -> bool:
        if reference is None:
            return not math.isnan(value)
        return self._sign * value + self.min_delta < self._sign * reference


class TerminateOnNaN(Callback):
    """End the fit, with its history, when the loss or a gradient is not a finite number.

    Without it such a fit raises DivergedError. What the error would have said is printed, and the
    model keeps the weights from before the step.
    """

    stops_on_nan: ClassVar[bool] = True

    def on_diverged(self, error: DivergedError) -> None:
        self.model.stop_training = True
        print(f"The fit ends early. {error}")
